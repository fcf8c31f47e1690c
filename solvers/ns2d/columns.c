/* solvers/ns2d/columns.c - the passes over columns: forward transform along y, everything that
   happens in wavenumber space, inverse transform back, a few columns at a time.

   With  q = (z^2)^  and  z = u + i v,
       (u v)^(k) = (q(k) - conj q(-k)) / (4 i),   (v^2 - u^2)^(k) = -(q(k) + conj q(-k)) / 2,
   so the columns kx and -kx are needed together. The column -kx goes through the opposite
   transforms, which put its -ky at the index of ky: no line is ever read backwards. With `p` the
   inverse transform of the column -kx of z^2, p(ky) = q(-kx, -ky). On the way back
       z(k) = (kx + i ky) psi(k),   z(-k) = -(kx + i ky) conj psi(k),   psi = w / |k|^2.

   A thread takes BLOCK columns and their mirror images out of the row-major z at once, which is a
   cache line of each. Its scratch space: those columns, then four lines that the transforms work
   on, then a state and a tendency. */
#include "solvers/ns2d/ns2d.h"

#include <omp.h>
#include <string.h>

#define BLOCK 4

/* Views of a thread's scratch. */
typedef struct columns {
    double complex *gathered;       /* [2 BLOCK, line] */
    double complex *q, *p;          /* [line] */
    double complex *z, *mirror;     /* [line]; zero between top_y and -top_y, always */
    double complex *state, *change; /* [pitch] */
} columns;

size_t ns2d_columns_scratch(const ns2d *s)
{
    return (2 * BLOCK + 4) * (size_t)s->line + 2 * (size_t)s->pitch;
}

static columns views(const ns2d *s, double complex *scratch)
{
    size_t line = (size_t)s->line;
    columns c = {.gathered = scratch};

    c.q = c.gathered + 2 * BLOCK * line;
    c.p = c.q + line;
    c.z = c.p + line;
    c.mirror = c.z + line;
    c.state = c.mirror + line;
    c.change = c.state + s->pitch;
    return c;
}

/* The mirror images of kx, kx + 1, .. stand in descending order, up to the one of column 0. */
static void gather(const ns2d *s, int kx, double complex *out)
{
    size_t line = (size_t)s->line;

    for (size_t y = 0; y < (size_t)s->ny; y++) {
        const double complex *z = s->z + y * (size_t)s->z_pitch + kx;
        const double complex *mirror = s->z + y * (size_t)s->z_pitch + s->zero - kx;

        for (size_t i = 0; i < BLOCK; i++) out[i * line + y] = z[i];
        for (size_t i = 0; i < BLOCK; i++) out[(BLOCK + i) * line + y] = *(mirror - i);
    }
}

static void scatter(const ns2d *s, int kx, const double complex *in)
{
    size_t line = (size_t)s->line;

    for (size_t y = 0; y < (size_t)s->ny; y++) {
        double complex *z = s->z + y * (size_t)s->z_pitch + kx;
        double complex *mirror = s->z + y * (size_t)s->z_pitch + s->zero - kx;

        for (size_t i = 0; i < BLOCK; i++) z[i] = in[i * line + y];
        for (size_t i = 0; i < BLOCK; i++) *(mirror - i) = in[(BLOCK + i) * line + y];
    }
}

/* change = -div(w u)^ = (kx^2 - ky^2) (u v)^ + kx ky (v^2 - u^2)^, n rows; doubles in pairs. */
static void advection(int n, double kx, const double *restrict ky, double scale,
                      const double *restrict q, const double *restrict p, double *restrict change)
{
    for (int j = 0; j < n; j++) {
        double a = (kx - ky[j]) * (kx + ky[j]) * (scale / 4), b = kx * ky[j] * (scale / 2);

        change[2 * j] = a * (q[2 * j + 1] + p[2 * j + 1]) - b * (q[2 * j] + p[2 * j]);
        change[2 * j + 1] = a * (p[2 * j] - q[2 * j]) - b * (q[2 * j + 1] - p[2 * j + 1]);
    }
}

static void velocity(int n, double kx, const double *restrict ky, const double *restrict inverse_k2,
                     const double *restrict w, double *restrict z, double *restrict mirror)
{
    for (int j = 0; j < n; j++) {
        double re = inverse_k2[j] * w[2 * j], im = inverse_k2[j] * w[2 * j + 1];

        z[2 * j] = kx * re - ky[j] * im;
        z[2 * j + 1] = kx * im + ky[j] * re;
        mirror[2 * j] = -kx * re - ky[j] * im;
        mirror[2 * j + 1] = kx * im - ky[j] * re;
    }
}

static void tendency(const ns2d *s, int kx, columns *c)
{
    int low = s->top_y + 1, high = s->top_y;
    size_t jump = (size_t)(s->ny - high);
    double k = 6.283185307179586477 * kx / s->length_x, scale = 1 / ((double)s->ny * s->nx);
    double *change = (double *)c->change;

    advection(low, k, s->ky, scale, (double *)c->q, (double *)c->p, change);
    advection(high, k, s->ky + low, scale, (double *)(c->q + jump), (double *)(c->p + jump),
              change + 2 * low);
    for (int i = 0; i < s->forcing_modes; i++) {
        if (s->forcing[i].column != kx) continue;
        change[2 * s->forcing[i].row] += s->forcing[i].re;
        change[2 * s->forcing[i].row + 1] += s->forcing[i].im;
    }
}

/* Fourth-order Runge-Kutta in the variable exp(-L t) w, with e = exp(L dt/2):
       k1 = N(w)               a = e (w + dt/2 k1)      w' = e^2 (w + dt/6 k1) + e dt/3 (k2 + k3)
       k2 = N(a)               a = e w + dt/2 k2             + dt/6 k4
       k3 = N(a)               a = e^2 w + e dt k3
       k4 = N(a)
   n doubles; decay_y holds each factor twice. */
static void stage_first(int n, double dt, double decay_x, const double *restrict decay_y,
                        const double *restrict w, const double *restrict k, double *restrict sum,
                        double *restrict a)
{
    for (int i = 0; i < n; i++) {
        double e = decay_x * decay_y[i];

        a[i] = e * (w[i] + dt / 2 * k[i]);
        sum[i] = e * e * (w[i] + dt / 6 * k[i]);
    }
}

static void stage_second(int n, double dt, double decay_x, const double *restrict decay_y,
                         const double *restrict w, const double *restrict k, double *restrict sum,
                         double *restrict a)
{
    for (int i = 0; i < n; i++) {
        double e = decay_x * decay_y[i];

        a[i] = e * w[i] + dt / 2 * k[i];
        sum[i] += e * (dt / 3 * k[i]);
    }
}

static void stage_third(int n, double dt, double decay_x, const double *restrict decay_y,
                        const double *restrict w, const double *restrict k, double *restrict sum,
                        double *restrict a)
{
    for (int i = 0; i < n; i++) {
        double e = decay_x * decay_y[i];

        a[i] = e * (e * w[i] + dt * k[i]);
        sum[i] += e * (dt / 3 * k[i]);
    }
}

static void stage_last(int n, double dt, const double *restrict sum, const double *restrict k,
                       double *restrict w)
{
    for (int i = 0; i < n; i++) w[i] = sum[i] + dt / 6 * k[i];
}

/* w is real in physical space: on kx = 0 its halves mirror each other, to the last bit. */
static void make_hermitian(const ns2d *s, double complex *w)
{
    w[0] = 0;
    for (int j = 1; j <= s->top_y; j++) w[s->rows - j] = conj(w[j]);
}

/* Leaves the state whose velocity comes next in c->state. */
static void update(ns2d *s, ns2d_stage stage, double dt, int kx, columns *c)
{
    size_t first = (size_t)kx * (size_t)s->pitch;
    double *w = (double *)(s->w + first), *sum = (double *)(s->sum + first);
    const double *k = (double *)c->change;
    double *a = (double *)c->state, decay = s->decay_x[kx];
    int n = 2 * s->rows;

    switch (stage) {
    case NS2D_FIRST: stage_first(n, dt, decay, s->decay_y, w, k, sum, a); break;
    case NS2D_SECOND: stage_second(n, dt, decay, s->decay_y, w, k, sum, a); break;
    case NS2D_THIRD: stage_third(n, dt, decay, s->decay_y, w, k, sum, a); break;
    case NS2D_LAST:
        stage_last(n, dt, sum, k, w);
        if (kx == 0) make_hermitian(s, s->w);
        break;
    case NS2D_TENDENCY: memcpy(sum, k, (size_t)n * sizeof *k); break;
    case NS2D_BEGIN:
    case NS2D_FIELD: break;
    }
    if (stage < NS2D_FIRST || stage > NS2D_THIRD) memcpy(a, w, (size_t)n * sizeof *a);
}

/* c->state to the lines that are transformed back. In NS2D_FIELD w takes the place of z. */
static void spread(const ns2d *s, ns2d_stage stage, int kx, columns *c)
{
    int low = s->top_y + 1, high = s->top_y;
    size_t jump = (size_t)(s->ny - high), first = (size_t)kx * (size_t)s->pitch;
    double k = 6.283185307179586477 * kx / s->length_x;
    const double *a = (double *)c->state;

    if (stage == NS2D_FIELD) {
        memcpy(c->z, a, (size_t)low * sizeof *c->z);
        memcpy(c->z + jump, a + 2 * low, (size_t)high * sizeof *c->z);
        for (int j = 0; j < s->ny; j++) c->mirror[j] = conj(c->z[j]);
        return;
    }
    velocity(low, k, s->ky, s->inverse_k2 + first, a, (double *)c->z, (double *)c->mirror);
    velocity(high, k, s->ky + low, s->inverse_k2 + first + low, a + 2 * low,
             (double *)(c->z + jump), (double *)(c->mirror + jump));
    if (kx == 0) c->z[0] = s->mean_flow;
}

static void one_column(ns2d *s, ns2d_stage stage, double dt, int kx, columns *c,
                       double complex *column, double complex *mirror)
{
    bool forward = stage != NS2D_BEGIN && stage != NS2D_FIELD;
    bool back = stage != NS2D_LAST && stage != NS2D_TENDENCY;

    if (forward) {
        leray_fft_lines_forward_raw(s->fft_y, column, c->q);
        leray_fft_lines_inverse(s->fft_y, mirror, c->p);
        tendency(s, kx, c);
    }
    update(s, stage, dt, kx, c);
    s->columns[kx] = ns2d_column_sums(s, kx, (double *)c->state);
    if (back) {
        spread(s, stage, kx, c);
        leray_fft_lines_inverse(s->fft_y, c->z, column);
        leray_fft_lines_forward_raw(s->fft_y, c->mirror, mirror);
    }
}

static void one_block(ns2d *s, ns2d_stage stage, double dt, int kx, double complex *scratch)
{
    columns c = views(s, scratch);
    size_t line = (size_t)s->line;

    if (stage != NS2D_BEGIN && stage != NS2D_FIELD) gather(s, kx, c.gathered);
    for (int i = 0; i < BLOCK && kx + i <= s->top_x; i++)
        one_column(s, stage, dt, kx + i, &c, c.gathered + (size_t)i * line,
                   c.gathered + (size_t)(BLOCK + i) * line);
    if (stage != NS2D_LAST && stage != NS2D_TENDENCY) scatter(s, kx, c.gathered);
}

void ns2d_column_pass(ns2d *s, ns2d_stage stage, double dt)
{
#pragma omp parallel for schedule(static) num_threads(ns2d_threads(s))
    for (int kx = 0; kx <= s->top_x; kx += BLOCK)
        one_block(s, stage, dt, kx, ns2d_scratch(s, omp_get_thread_num()));
}
