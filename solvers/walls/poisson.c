/* solvers/walls/poisson.c - see solvers/walls/poisson.h.

   Cosines by packed rows (Makhoul 1980; two real rows in one complex transform). With rows a, b of n numbers in
   the order 0, 2, 4, .., 5, 3, 1 and z = a + i b, Z_k the transform of z and e_k = exp(-i pi k / (2 n)),

     C_k = (e_k Z_k + conj(e_k) Z_{n-k}) / 2,    k = 0 .. n-1,  Z_n = Z_0,

   has the cosine coefficients of a in its real, of b in its imaginary part:
   Re C_k = sum_j a_j cos(pi k (j + 1/2) / n). Back: Z_k = conj(e_k) (C_k - i C_{n-k}), C_n = 0. */
#include "solvers/walls/poisson.h"

#include "core/fft.h"
#include "core/threads.h"

#include <complex.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#define PI 3.14159265358979323846

typedef enum kind { COSINES, PERIODIC, DENSE } kind;

struct walls_poisson {
    kind kind;
    const walls_axis *x, *y;
    int nx, ny, pairs, threads;
    leray_fft_lines *line;
    double complex *turn;  /* COSINES: e_k / (2 nx) */
    double complex *rows;  /* [threads, 2, nx] a pair of rows and its transform */
    double *eigenvalue;    /* [nx] */
    double *vector;        /* DENSE: [nx, nx] eigenvectors as rows, of the symmetric form */
    double *root;          /* DENSE: [nx] square roots of the widths */
    double *hat;           /* [ny + 1, nx] */
    double *pivot;         /* [ny, nx] */
    double *below, *above; /* [ny] factors of the neighbours along y */
    double *wrap;  /* periodic y: [ny, nx] the answer to what closes the circle; else NULL */
    double *close; /* periodic y: [nx] */
};

/* LAPACK: eigenvalues and vectors of a symmetric tridiagonal matrix. */
extern void dstev_(const char *job, const int *n, double *d, double *e, double *z, const int *ldz,
                   double *work, int *info);

/* ---- along x ----------------------------------------------------------------------------- */

/* Of D^-1/2 T D^-1/2, D the widths and T the differences of differences. */
static leray_status find_vectors(walls_poisson *p)
{
    int n = p->nx, info = 0;
    const walls_axis *x = p->x;
    double *beside, *work = NULL;
    leray_status status = LERAY_ALLOC(&beside, (size_t)n);

    if (!status) status = LERAY_ALLOC(&work, 2 * (size_t)n);
    for (int i = 0; i < n && !status; i++) {
        double west = i > 0 ? x->inverse_gap[i] : 0, east = i + 1 < n ? x->inverse_gap[i + 1] : 0;

        p->root[i] = sqrt(x->width[i + 1]);
        p->eigenvalue[i] = -(west + east) * x->inverse_width[i + 1];
        if (i + 1 < n) beside[i] = east / sqrt(x->width[i + 1] * x->width[i + 2]);
    }
    if (!status) dstev_("V", &n, p->eigenvalue, beside, p->vector, &n, work, &info);
    leray_mem_free(work);
    leray_mem_free(beside);
    LERAY_TRY(status);
    LERAY_CHECK(info == 0, LERAY_ERR_EXTERNAL, "dstev: no eigenvectors of an axis (%d)", info);
    p->eigenvalue[n - 1] = 0; /* they grow: the last is that of the constant */
    return LERAY_OK;
}

static leray_status prepare_x(walls_poisson *p)
{
    size_t n = (size_t)p->nx;
    double step = p->x->length / p->nx;

    LERAY_TRY(LERAY_ALLOC(&p->eigenvalue, n));
    LERAY_TRY(LERAY_ALLOC(&p->rows, 2 * (size_t)p->threads * n));
    if (p->kind == DENSE) {
        LERAY_TRY(LERAY_ALLOC(&p->vector, n * n));
        LERAY_TRY(LERAY_ALLOC(&p->root, n));
        return find_vectors(p);
    }
    LERAY_TRY(leray_fft_lines_create(p->nx, 1, &p->line));
    LERAY_TRY(LERAY_ALLOC(&p->turn, n));
    for (int k = 0; k < p->nx; k++) {
        double half = p->kind == COSINES ? PI * k / (2.0 * p->nx) : PI * k / p->nx;

        p->eigenvalue[k] = -4 * sin(half) * sin(half) / (step * step);
        p->turn[k] =
            (cos(PI * k / (2.0 * p->nx)) - I * sin(PI * k / (2.0 * p->nx))) / (2.0 * p->nx);
    }
    return LERAY_OK;
}

/* Two rows of f to two rows of coefficients. */
static void cosines_forward(walls_poisson *p, const double *a, const double *b, double *a_hat,
                            double *b_hat, double complex *z)
{
    double complex *big = z + p->nx;
    int n = p->nx, half = (n + 1) / 2;

    for (int i = 0; i < half; i++) z[i] = a[2 * i] + I * b[2 * i];
    for (int i = 0; i < n / 2; i++) z[n - 1 - i] = a[2 * i + 1] + I * b[2 * i + 1];
    leray_fft_lines_forward_raw(p->line, z, big);
    a_hat[0] = creal(big[0]) / n, b_hat[0] = cimag(big[0]) / n;
    for (int k = 1; k < n; k++) {
        double er = creal(p->turn[k]), ei = cimag(p->turn[k]);
        double ur = creal(big[k]), ui = cimag(big[k]);
        double vr = creal(big[n - k]), vi = cimag(big[n - k]);

        a_hat[k] = er * (ur + vr) - ei * (ui - vi);
        b_hat[k] = er * (ui + vi) + ei * (ur - vr);
    }
}

static void cosines_back(walls_poisson *p, const double *a_hat, const double *b_hat, double *a,
                         double *b, double complex *z)
{
    double complex *big = z + p->nx;
    int n = p->nx, half = (n + 1) / 2;
    double scale = 2.0 * n;

    z[0] = a_hat[0] + I * b_hat[0];
    for (int k = 1; k < n; k++) {
        double er = scale * creal(p->turn[k]), ei = -scale * cimag(p->turn[k]);
        double cr = a_hat[k] + b_hat[n - k], ci = b_hat[k] - a_hat[n - k];

        z[k] = (er * cr - ei * ci) + I * (er * ci + ei * cr);
    }
    leray_fft_lines_inverse(p->line, z, big);
    for (int i = 0; i < half; i++) a[2 * i] = creal(big[i]), b[2 * i] = cimag(big[i]);
    for (int i = 0; i < n / 2; i++)
        a[2 * i + 1] = creal(big[n - 1 - i]), b[2 * i + 1] = cimag(big[n - 1 - i]);
}

/* Coefficients A_k of a row as the real numbers Re A_k, at k, and Im A_k, at n - k; both have one eigenvalue. */
static void periodic_forward(walls_poisson *p, const double *a, const double *b, double *a_hat,
                             double *b_hat, double complex *z)
{
    double complex *big = z + p->nx;
    int n = p->nx;
    double scale = 1.0 / n;

    for (int i = 0; i < n; i++) z[i] = a[i] + I * b[i];
    leray_fft_lines_forward_raw(p->line, z, big);
    for (int k = 0; 2 * k <= n; k++) {
        double complex u = scale * big[k], v = scale * big[(n - k) % n];

        a_hat[k] = (creal(u) + creal(v)) / 2, b_hat[k] = (cimag(u) + cimag(v)) / 2;
        if (k == 0 || 2 * k == n) continue;
        a_hat[n - k] = (cimag(u) - cimag(v)) / 2, b_hat[n - k] = (creal(v) - creal(u)) / 2;
    }
}

static void periodic_back(walls_poisson *p, const double *a_hat, const double *b_hat, double *a,
                          double *b, double complex *z)
{
    double complex *big = z + p->nx;
    int n = p->nx;

    for (int k = 0; 2 * k <= n; k++) {
        bool alone = k == 0 || 2 * k == n;
        double ai = alone ? 0 : a_hat[n - k], bi = alone ? 0 : b_hat[n - k];

        z[k] = (a_hat[k] - bi) + I * (ai + b_hat[k]);
        if (!alone) z[n - k] = (a_hat[k] + bi) + I * (b_hat[k] - ai);
    }
    leray_fft_lines_inverse(p->line, z, big);
    for (int i = 0; i < n; i++) a[i] = creal(big[i]), b[i] = cimag(big[i]);
}

static void dense_forward(walls_poisson *p, const double *f, double *hat, double *scaled)
{
    for (int i = 0; i < p->nx; i++) scaled[i] = p->root[i] * f[i];
    for (int k = 0; k < p->nx; k++) {
        const double *vector = p->vector + (size_t)k * (size_t)p->nx;
        double sum = 0;

        for (int i = 0; i < p->nx; i++) sum += vector[i] * scaled[i];
        hat[k] = sum;
    }
}

static void dense_back(walls_poisson *p, const double *hat, double *f)
{
    memset(f, 0, (size_t)p->nx * sizeof *f);
    for (int k = 0; k < p->nx; k++) {
        const double *vector = p->vector + (size_t)k * (size_t)p->nx;

        for (int i = 0; i < p->nx; i++) f[i] += vector[i] * hat[k];
    }
    for (int i = 0; i < p->nx; i++) f[i] /= p->root[i];
}

/* Rows 2 m and 2 m + 1; the last one may be alone. */
static void forward_pair(walls_poisson *p, int m, const double *f, double complex *z)
{
    size_t n = (size_t)p->nx;
    const double *a = f + 2 * (size_t)m * n, *b = 2 * m + 1 < p->ny ? a + n : a;
    double *a_hat = p->hat + 2 * (size_t)m * n, *b_hat = a_hat + n;

    if (p->kind == COSINES) cosines_forward(p, a, b, a_hat, b_hat, z);
    else if (p->kind == PERIODIC) periodic_forward(p, a, b, a_hat, b_hat, z);
    else {
        dense_forward(p, a, a_hat, (double *)z);
        dense_forward(p, b, b_hat, (double *)z);
    }
}

static void back_pair(walls_poisson *p, int m, double *f, double complex *z)
{
    size_t n = (size_t)p->nx;
    bool whole = 2 * m + 1 < p->ny;
    double *a = f + 2 * (size_t)m * n, *b = whole ? a + n : (double *)(z + n);
    const double *a_hat = p->hat + 2 * (size_t)m * n, *b_hat = a_hat + n;

    if (p->kind == COSINES) cosines_back(p, a_hat, b_hat, a, b, z);
    else if (p->kind == PERIODIC) periodic_back(p, a_hat, b_hat, a, b, z);
    else {
        dense_back(p, a_hat, a);
        if (whole) dense_back(p, b_hat, b);
    }
}

/* ---- along y ----------------------------------------------------------------------------- */

/* Forward elimination and back substitution of rows [ny, nx] for the columns first .. end - 1. */
static void eliminate(const walls_poisson *p, double *rows, int first, int end)
{
    size_t n = (size_t)p->nx;

    for (int j = 0; j < p->ny; j++) {
        double *now = rows + (size_t)j * n, *before = now - n;
        const double *pivot = p->pivot + (size_t)j * n;
        double below = p->below[j];

        if (j == 0)
            for (int k = first; k < end; k++) now[k] *= pivot[k];
        else
            for (int k = first; k < end; k++) now[k] = (now[k] - below * before[k]) * pivot[k];
    }
    for (int j = p->ny - 2; j >= 0; j--) {
        double *now = rows + (size_t)j * n, *after = now + n;
        const double *pivot = p->pivot + (size_t)j * n;
        double above = p->above[j];

        for (int k = first; k < end; k++) now[k] -= above * pivot[k] * after[k];
    }
}

/* What is added where the last row is a neighbour of the first (Sherman and Morrison). */
static void close_circle(const walls_poisson *p, int first, int end)
{
    size_t n = (size_t)p->nx, last = (size_t)(p->ny - 1) * n;

    for (int k = first; k < end; k++) {
        double factor = (p->hat[(size_t)k] + p->hat[last + (size_t)k]) * p->close[k];

        for (int j = 0; j < p->ny; j++)
            p->hat[(size_t)j * n + (size_t)k] -= factor * p->wrap[(size_t)j * n + (size_t)k];
    }
}

/* The column of the constant: its last number is 0, which takes away what is undetermined. */
static int constant_of(const walls_poisson *p) { return p->kind == DENSE ? p->nx - 1 : 0; }

static void make_pivots(walls_poisson *p)
{
    int ny = p->ny;
    size_t n = (size_t)p->nx;
    bool circle = p->y->periodic;

    for (int j = 0; j < ny; j++) {
        bool bottom = j == 0 && !circle, top = j == ny - 1 && !circle;

        p->below[j] = bottom ? 0 : p->y->inverse_gap[j] * p->y->inverse_width[j + 1];
        p->above[j] = top ? 0 : p->y->inverse_gap[j + 1] * p->y->inverse_width[j + 1];
    }
    for (int k = 0; k < p->nx; k++) {
        double ratio = 0;
        bool constant = k == constant_of(p);

        for (int j = 0; j < ny; j++) {
            double middle = p->eigenvalue[k] - p->below[j] - p->above[j];
            double before = j == 0 ? 0 : p->below[j];
            double *pivot = &p->pivot[(size_t)j * n + (size_t)k];

            /* A circle is cut between the last row and the first. */
            if (circle && !constant && (j == 0 || j == ny - 1)) middle -= p->below[0];
            *pivot = constant && j == ny - 1 ? 0 : 1 / (middle - before * ratio);
            ratio = p->above[j] * *pivot;
        }
    }
}

/* A p + u (v, p) = f with u = v = below[0] times the first and the last row's unit vectors: the matrix of the circle is
   the cut one plus that. */
static leray_status prepare_circle(walls_poisson *p)
{
    size_t n = (size_t)p->nx, last = (size_t)(p->ny - 1) * n;

    LERAY_TRY(LERAY_ALLOC(&p->wrap, (size_t)p->ny * n));
    LERAY_TRY(LERAY_ALLOC(&p->close, n));
    for (size_t k = 0; k < n; k++)
        if ((int)k != constant_of(p)) p->wrap[k] = p->wrap[last + k] = p->below[0];
    eliminate(p, p->wrap, 0, p->nx);
    for (size_t k = 0; k < n; k++) p->close[k] = 1 / (1 + p->wrap[k] + p->wrap[last + k]);
    return LERAY_OK;
}

static leray_status prepare(walls_poisson *p)
{
    size_t rows = (size_t)p->ny, n = (size_t)p->nx;

    LERAY_TRY(prepare_x(p));
    LERAY_TRY(LERAY_ALLOC(&p->hat, (rows + 1) * n));
    LERAY_TRY(LERAY_ALLOC(&p->pivot, rows * n));
    LERAY_TRY(LERAY_ALLOC(&p->below, rows));
    LERAY_TRY(LERAY_ALLOC(&p->above, rows));
    make_pivots(p);
    return p->y->periodic ? prepare_circle(p) : LERAY_OK;
}

leray_status walls_poisson_create(const walls_axis *x, const walls_axis *y, walls_poisson **out)
{
    walls_poisson *p;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&p, 1));
    p->x = x, p->y = y, p->nx = x->n, p->ny = y->n, p->pairs = (y->n + 1) / 2;
    p->kind = x->periodic ? PERIODIC : x->even ? COSINES : DENSE;
    p->threads = leray_threads();
    status = prepare(p);
    if (status) walls_poisson_destroy(&p);
    *out = p;
    return status;
}

void walls_poisson_destroy(walls_poisson **poisson)
{
    walls_poisson *p = *poisson;

    if (!p) return;
    leray_fft_lines_destroy(&p->line);
    leray_mem_free(p->close);
    leray_mem_free(p->wrap);
    leray_mem_free(p->above);
    leray_mem_free(p->below);
    leray_mem_free(p->pivot);
    leray_mem_free(p->hat);
    leray_mem_free(p->root);
    leray_mem_free(p->vector);
    leray_mem_free(p->eigenvalue);
    leray_mem_free(p->rows);
    leray_mem_free(p->turn);
    leray_mem_free(p);
    *poisson = NULL;
}

void walls_poisson_solve(walls_poisson *p, double *f)
{
    enum { CHUNK = 64 }; /* columns that go through the elimination together */
    int chunks = (p->nx + CHUNK - 1) / CHUNK;
    bool circle = p->y->periodic;

#pragma omp parallel num_threads(p->threads)
    {
        double complex *z = p->rows + 2 * (size_t)omp_get_thread_num() * (size_t)p->nx;

#pragma omp for schedule(static)
        for (int m = 0; m < p->pairs; m++) forward_pair(p, m, f, z);
#pragma omp for schedule(static)
        for (int c = 0; c < chunks; c++) {
            int end = (c + 1) * CHUNK < p->nx ? (c + 1) * CHUNK : p->nx;

            eliminate(p, p->hat, c * CHUNK, end);
            if (circle) close_circle(p, c * CHUNK, end);
        }
#pragma omp for schedule(static)
        for (int m = 0; m < p->pairs; m++) back_pair(p, m, f, z);
    }
}
