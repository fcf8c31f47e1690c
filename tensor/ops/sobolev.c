/* tensor/ops/sobolev.c - the distance of a prediction p from its target t in a Sobolev norm.

   With the coefficients f_k of the discrete Fourier transform divided by the number N of points, k
   running over all modes of the periodic grid with lengths L, and a weight w_c per channel,

     |f|^2 = sum_c w_c sum_k m_k |f_k|^2,   m_k = (alpha + |2 pi k / L|^2)^s,

     absolute   mean over samples of |p - t|,      relative   of |p - t| / |t|.

   For s = 0 |f|^2 is the mean of f^2 over the points: L2, by Parseval. As a function of the values
   at points, |f|^2 has the gradient 2 w_c / N M f, where M multiplies the coefficients by m_k; m is
   even in k (in the Nyquist modes too), so M f is real. A sample whose |t| is 0 has no relative
   error: it adds 0 to the sum and no gradient. Transforms are in double whatever the tape's
   precision; one channel of one sample is one piece of work. */
#include "core/fft.h"
#include "tensor/convert.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#include <math.h>

enum { S, ALPHA, LENGTH }; /* settings.real; LENGTH + axis */
enum { RELATIVE };         /* settings.integer */

/* The tape keeps the plan of each grid, under this name. */
static const char plans[] = "sobolev plan";

static leray_status make_plan(const int key[4], void **plan)
{
    leray_fft *fft;

    LERAY_TRY(leray_fft_create(key[0], key + 1, 1, &fft));
    *plan = fft;
    return LERAY_OK;
}

static void destroy_plan(void *plan)
{
    leray_fft *fft = plan;

    leray_fft_destroy(&fft);
}

typedef struct grid {
    int batch, channels, ndim, n[3]; /* n[a] = 1 from ndim on, in front: [.., nx] is n[2] */
    size_t points, modes;            /* of one field, and of its half spectrum */
} grid;

static grid grid_of(const leray_node *node)
{
    const leray_tensor *p = node->in[0];
    grid g = {
        .batch = p->shape[0], .channels = p->shape[1], .ndim = p->ndim - 2, .n = {1, 1, 1}
    };

    for (int a = 0; a < g.ndim; a++) g.n[3 - g.ndim + a] = p->shape[2 + a];
    g.points = (size_t)g.n[0] * (size_t)g.n[1] * (size_t)g.n[2];
    g.modes = (size_t)g.n[0] * (size_t)g.n[1] * (size_t)(g.n[2] / 2 + 1);
    return g;
}

/* Work space: m [modes], then for each thread a field, its spectrum and a second field. */
typedef struct space {
    double *m;
    char *local;
    size_t local_size;
} space;

static size_t bytes(size_t n, size_t size) { return (n * size + 63) / 64 * 64; }

/* Fills in local_size; returns the bytes of all. */
static size_t space_size(const grid *g, space *s)
{
    s->local_size = 2 * bytes(g->points, sizeof(double)) + bytes(g->modes, sizeof(double complex));
    return bytes(g->modes, sizeof(double)) + (size_t)leray_threads() * s->local_size;
}

static double wave_number2(const leray_node *node, const grid *g, int axis, int i)
{
    int k = i <= g->n[axis] / 2 ? i : g->n[axis] - i;
    double length = axis < 3 - g->ndim ? 1 : node->settings.real[LENGTH + axis - (3 - g->ndim)],
           wave = 6.283185307179586477 * k / length;

    return wave * wave;
}

static void fill_multiplier(const leray_node *node, const grid *g, double *m)
{
    double s = node->settings.real[S], alpha = node->settings.real[ALPHA];
    int rows = g->n[0] * g->n[1], half = g->n[2] / 2 + 1;

#pragma omp parallel for schedule(static)
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < half; i++)
            m[(size_t)row * (size_t)half + (size_t)i] =
                pow(alpha + wave_number2(node, g, 0, row / g->n[1]) +
                        wave_number2(node, g, 1, row % g->n[1]) + wave_number2(node, g, 2, i),
                    s);
}

/* The plan, and the work space with m filled in. */
static leray_status prepare(leray_node *node, const grid *g, leray_fft **fft, space *s)
{
    const int key[4] = {g->ndim, node->in[0]->shape[2], g->ndim > 1 ? node->in[0]->shape[3] : 0,
                        g->ndim > 2 ? node->in[0]->shape[4] : 0};
    void *plan;
    char *memory;

    LERAY_TRY(leray_tape_object(node->tape, plans, key, make_plan, destroy_plan, &plan));
    *fft = plan;
    space_size(g, s);
    LERAY_TRY(leray_tape_scratch(node->tape, node->scratch_size, &memory));
    s->m = leray_cut(&memory, g->modes * sizeof(double));
    s->local = memory;
    fill_multiplier(node, g, s->m);
    return LERAY_OK;
}

/* The three arrays of the running thread. */
typedef struct local {
    double *f, *other;
    double complex *hat;
} local;

static local local_of(const space *s, const grid *g)
{
    char *p = s->local + (size_t)omp_get_thread_num() * s->local_size;
    local l;

    l.f = leray_cut(&p, g->points * sizeof(double));
    l.other = leray_cut(&p, g->points * sizeof(double));
    l.hat = leray_cut(&p, g->modes * sizeof(double complex));
    return l;
}

/* sum_k m_k |f_k|^2 of a half spectrum: columns between the first and the Nyquist one stand for
   two modes each. */
static double norm2(const grid *g, const double *m, const double complex *hat)
{
    int half = g->n[2] / 2 + 1;
    double total = 0;

    for (int row = 0; row < g->n[0] * g->n[1]; row++, m += half, hat += half)
        for (int i = 0; i < half; i++) {
            double square = creal(hat[i]) * creal(hat[i]) + cimag(hat[i]) * cimag(hat[i]);

            total += (i == 0 || 2 * i == g->n[2] ? 1 : 2) * m[i] * square;
        }
    return total;
}

static double weight_of(const leray_node *n, int c)
{
    double w = 1;

    if (n->n_inputs == 3) leray_load(n->in[2]->dtype, n->in[2]->value, (size_t)c, 1, &w);
    return w;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *p = n->in[0];
    grid g;
    space s;

    LERAY_CHECK(p->ndim >= 3 && p->ndim <= 5 && leray_same_shape(p, n->in[1]), LERAY_ERR_ARG,
                "sobolev: prediction and target are not [batch, channels, grid..] of one shape");
    LERAY_CHECK(n->n_inputs < 3 || (n->in[2]->ndim == 1 && n->in[2]->shape[0] == p->shape[1]),
                LERAY_ERR_ARG, "sobolev: the weight is not [channels] = [%d]", p->shape[1]);
    g = grid_of(n);
    *out = (leray_shape){1, {1}};
    n->saved_size = 2 * (size_t)g.batch * (size_t)g.channels * sizeof(double);
    n->scratch_size = space_size(&g, &s) + n->saved_size;
    return LERAY_OK;
}

/* |d|^2 and |t|^2 of every field, without the weights: sums [batch, channels, 2]. */
static void sum_fields(const leray_node *n, const grid *g, const leray_fft *fft, const space *s,
                       double *sums)
{
    const leray_tensor *p = n->in[0], *t = n->in[1];

#pragma omp parallel for schedule(static)
    for (int i = 0; i < g->batch * g->channels; i++) {
        size_t at = (size_t)i * g->points;
        local l = local_of(s, g);

        leray_load(t->dtype, t->value, at, g->points, l.other);
        leray_load(p->dtype, p->value, at, g->points, l.f);
        for (size_t j = 0; j < g->points; j++) l.f[j] -= l.other[j];
        leray_fft_forward(fft, l.f, l.hat);
        sums[2 * i] = norm2(g, s->m, l.hat);
        if (!n->settings.integer[RELATIVE]) continue;
        leray_fft_forward(fft, l.other, l.hat);
        sums[2 * i + 1] = norm2(g, s->m, l.hat);
    }
}

/* Weighted squares of sample b: out[0] = |d|^2, out[1] = |t|^2. */
static void squares_of(const leray_node *n, const grid *g, const double *sums, int b, double *out)
{
    out[0] = out[1] = 0;
    for (int c = 0; c < g->channels; c++)
        for (int j = 0; j < 2; j++) out[j] += weight_of(n, c) * sums[2 * (b * g->channels + c) + j];
}

static leray_status forward(leray_node *n)
{
    grid g = grid_of(n);
    double *sums = n->saved, total = 0, square[2];
    leray_fft *fft;
    space s;

    LERAY_TRY(prepare(n, &g, &fft, &s));
    if (!sums) sums = (double *)(void *)(s.local + (size_t)leray_threads() * s.local_size);
    sum_fields(n, &g, fft, &s, sums);
    for (int b = 0; b < g.batch; b++) {
        squares_of(n, &g, sums, b, square);
        if (!n->settings.integer[RELATIVE]) total += sqrt(square[0]);
        else if (square[1] > 0) total += sqrt(square[0] / square[1]);
    }
    n->kernels->fill(1, total / g.batch, n->out->value, false);
    return LERAY_OK;
}

/* dL / d|d|^2 and dL / d|t|^2 of sample b. */
static void slopes_of(const leray_node *n, const grid *g, int b, double *out)
{
    double square[2], gain;

    leray_load(n->out->dtype, n->out->grad, 0, 1, &gain);
    gain /= 2.0 * g->batch;
    squares_of(n, g, n->saved, b, square);
    out[0] = out[1] = 0;
    if (square[0] == 0) return;
    if (!n->settings.integer[RELATIVE]) {
        out[0] = gain / sqrt(square[0]);
        return;
    }
    if (square[1] == 0) return;
    out[0] = gain / sqrt(square[0] * square[1]);
    out[1] = -gain * sqrt(square[0] / square[1]) / square[1];
}

/* Field i of input j: the gradient of a combination of d and t is M of the same combination. */
static void field_gradient(leray_node *n, const grid *g, const leray_fft *fft, const space *s,
                           int j, int i, bool adds)
{
    const leray_tensor *p = n->in[0], *t = n->in[1];
    size_t at = (size_t)i * g->points;
    double slope[2], factor = 2 * weight_of(n, i % g->channels) / (double)g->points;
    local l = local_of(s, g);

    slopes_of(n, g, i / g->channels, slope);
    leray_load(t->dtype, t->value, at, g->points, l.other);
    leray_load(p->dtype, p->value, at, g->points, l.f);
    for (size_t k = 0; k < g->points; k++) {
        double d = slope[0] * (l.f[k] - l.other[k]);

        l.f[k] = factor * (j == 0 ? d : slope[1] * l.other[k] - d);
    }
    leray_fft_forward(fft, l.f, l.hat);
    for (size_t k = 0; k < g->modes; k++) l.hat[k] *= s->m[k];
    leray_fft_inverse(fft, l.hat, l.f);
    leray_store(n->in[j]->dtype, l.f, at, g->points, n->in[j]->grad, adds);
}

static void weight_gradient(leray_node *n, const grid *g)
{
    const double *sums = n->saved;
    bool adds = leray_node_adds(n, 2);

    for (int c = 0; c < g->channels; c++) {
        double total = 0, slope[2];

        for (int b = 0; b < g->batch; b++) {
            slopes_of(n, g, b, slope);
            for (int j = 0; j < 2; j++) total += slope[j] * sums[2 * (b * g->channels + c) + j];
        }
        leray_store(n->in[2]->dtype, &total, (size_t)c, 1, n->in[2]->grad, adds);
    }
}

static leray_status backward(leray_node *n)
{
    grid g = grid_of(n);
    leray_fft *fft;
    space s;

    LERAY_TRY(prepare(n, &g, &fft, &s));
    for (int j = 0; j < 2; j++) {
        bool adds;

        if (!n->in[j]->grad) continue;
        adds = leray_node_adds(n, j);
#pragma omp parallel for schedule(static)
        for (int i = 0; i < g.batch * g.channels; i++) field_gradient(n, &g, fft, &s, j, i, adds);
    }
    if (n->n_inputs == 3 && n->in[2]->grad) weight_gradient(n, &g);
    return LERAY_OK;
}

/* One to three dimensions, odd and even extents, s of both signs. */
static void sample(int i, leray_op_sample *s)
{
    static const leray_shape field[] = {
        {4, {2, 2, 4, 6}   },
        {3, {2, 3, 7}      },
        {5, {1, 2, 3, 4, 2}},
        {4, {2, 2, 5, 4}   },
    };

    s->n_inputs = i % 2 ? 2 : 3;
    s->input[0] = s->input[1] = field[i];
    s->input[2] = (leray_shape){1, {field[i].extent[1]}};
    s->settings = (leray_op_settings){
        .real = {i % 2 ? -1 : 0.75, 1, 1, 2, 3},
          .integer = {i < 3               }
    };
    s->low = 0.2, s->high = 1.2;
}

const leray_op leray_op_row_sobolev = {"sobolev", 2, 3, shapes, forward, backward, 4, sample};

leray_status leray_op_sobolev(leray_tape *tape, leray_tensor *p, leray_tensor *t,
                              leray_tensor *weight, double s, double alpha, const double *lengths,
                              bool relative, leray_tensor **out)
{
    leray_op_settings settings = {
        .real = {s,           alpha, lengths[0], lengths[1], lengths[2]},
          .integer = {relative}
    };
    leray_tensor *in[] = {p, t, weight};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_sobolev, weight ? 3 : 2, in, &settings, out));
    return LERAY_OK;
}
