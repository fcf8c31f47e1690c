/* solvers/pseudospectral/les/spectral.c - spectral eddy viscosity for a spectrum k^-m at the cut-off (O. Metais, M.
   Lesieur, J. Fluid Mech. 239 (1992) 157; J.-P. Chollet, M. Lesieur, J. Atmos. Sci. 38 (1981) 2747):

       nu_t(k) = 0.31 (5 - m)/(m + 1) sqrt(3 - m) C_K^(-3/2) sqrt(E(k_c)/k_c) (1 + 34.5 exp(-3.03 k_c/k)).

   For m = 5/3 and C_K = 1.4 the plateau is 0.270 sqrt(E(k_c)/k_c) and the cusp, at k = k_c, 2.67 times
   as high. m = 3 gives none.

   k_c is the largest wavenumber kept, the smallest of the axes'; modes in the corners of a box of the 2/3
   rule lie above it, where the formula goes on. E(k_c) is the energy of the shell k_c - d < |k| <= k_c
   over d, the largest spacing of wavenumbers of the axes. No transform is needed. */
#include "solvers/pseudospectral/les/les.h"

#include "core/threads.h"

#include <math.h>
#include <omp.h>

#define TWO_PI 6.283185307179586477

typedef struct spectral {
    leray_les base;
    double cutoff, spacing;
    double plateau;        /* of the present step */
    double *shape;         /* [columns, rows]: nu_t(k)/plateau */
    double *energy;        /* [columns]: of the shell */
    int threads;           /* that lines were made for */
    double complex *lines; /* [threads, 3, rows] */
} spectral;

static size_t line_size(const leray_les *self) { return (size_t)self->box->rows[LERAY_BOX_SLOW]; }

static void make_cutoff(spectral *s)
{
    const leray_box *box = s->base.box;

    s->cutoff = INFINITY, s->spacing = 0;
    for (int a = 0; a < 3; a++) {
        s->spacing = fmax(s->spacing, TWO_PI / box->length[a]);
        s->cutoff = fmin(s->cutoff, TWO_PI * box->top[a] / box->length[a]);
    }
}

static void make_shape(spectral *s)
{
    const leray_box *box = s->base.box;

    for (int c = 0; c < box->columns; c++) {
        leray_column column = leray_box_column(box, c, 0);
        double *shape = s->shape + (size_t)c * line_size(&s->base);
        double across = column.kx * column.kx + column.km * column.km;

        for (int j = 0; j < column.n; j++) {
            double k = sqrt(across + column.ks[j] * column.ks[j]);

            shape[j] = 1 + (k > 0 ? 34.5 * exp(-3.03 * s->cutoff / k) : 0);
        }
    }
}

static leray_status init(leray_les *self)
{
    spectral *s = (spectral *)self;
    size_t columns = (size_t)self->box->columns;

    s->threads = leray_threads();
    LERAY_TRY(LERAY_ALLOC(&s->shape, columns * line_size(self)));
    LERAY_TRY(LERAY_ALLOC(&s->energy, columns));
    LERAY_TRY(LERAY_ALLOC(&s->lines, 3 * (size_t)s->threads * line_size(self)));
    make_cutoff(s);
    make_shape(s);
    return LERAY_OK;
}

static void fini(leray_les *self)
{
    spectral *s = (spectral *)self;

    leray_mem_free(s->lines);
    leray_mem_free(s->energy);
    leray_mem_free(s->shape);
}

/* Energy of the column's modes in the shell. Bounds are widened so that rounding of k decides nothing. */
static double shell_energy(const spectral *s, const leray_column *c, double complex *const *u)
{
    double above = s->cutoff * (1 + 1e-12), below = (s->cutoff - s->spacing) * (1 + 1e-12), sum = 0;

    for (int j = 0; j < c->n; j++) {
        double k = sqrt(c->kx * c->kx + c->km * c->km + c->ks[j] * c->ks[j]);
        bool kept = j <= c->top || j >= c->n - c->top;

        if (!kept || k <= below || k > above) continue;
        for (int a = 0; a < 3; a++)
            sum += creal(u[a][j]) * creal(u[a][j]) + cimag(u[a][j]) * cimag(u[a][j]);
    }
    return 0.5 * c->weight * sum;
}

static void one_column(spectral *s, int index, leray_column_work *u, void *flow)
{
    int thread = omp_get_thread_num();
    leray_column column = leray_box_column(s->base.box, index, thread);
    size_t n = line_size(&s->base);
    double complex *first = s->lines + 3 * (size_t)thread * n;
    double complex *lines[3] = {first, first + n, first + 2 * n};
    double across = sqrt(column.kx * column.kx + column.km * column.km);

    s->energy[index] = 0;
    if (column.top < 0 || across > s->cutoff * (1 + 1e-12)) return;
    u(flow, &column, NULL, lines);
    s->energy[index] = shell_energy(s, &column, lines);
}

/* E(k_c) of the present velocity; the sum over columns has one order, whatever the threads. */
static leray_status prepare(leray_les *self, leray_column_work *u, void *flow)
{
    spectral *s = (spectral *)self;
    int threads = leray_threads() < s->threads ? leray_threads() : s->threads;
    double m = self->settings->slope, energy = 0;

#pragma omp parallel for schedule(static) num_threads(threads)
    for (int c = 0; c < self->box->columns; c++) one_column(s, c, u, flow);
    for (int c = 0; c < self->box->columns; c++) energy += s->energy[c];
    LERAY_TRY(leray_comm_sum(self->box->comm, &energy, 1));
    s->plateau = 0.31 * (5 - m) / (m + 1) * sqrt(3 - m) * pow(self->constant, -1.5) *
                 sqrt(energy / s->spacing / s->cutoff);
    return LERAY_OK;
}

static void viscosity(leray_les *self, const leray_column *column, double *nu_t)
{
    const spectral *s = (const spectral *)self;
    const double *shape = s->shape + (size_t)column->index * line_size(self);

    for (int j = 0; j < column->n; j++) nu_t[j] = s->plateau * shape[j];
}

static void damp(leray_les *self, const leray_column *column, double complex *const *u,
                 double complex *const *change)
{
    const spectral *s = (const spectral *)self;
    const double *shape = s->shape + (size_t)column->index * line_size(self), *ks = column->ks;
    double across = column->kx * column->kx + column->km * column->km;

    for (int a = 0; a < 3; a++)
#pragma omp simd
        for (int j = 0; j < column->n; j++)
            change[a][j] -= s->plateau * shape[j] * (across + ks[j] * ks[j]) * u[a][j];
}

const leray_les_type leray_les_spectral = {
    .name = "spectral",
    .summary = "spectral eddy viscosity with plateau and cusp (Metais-Lesieur)",
    .size = sizeof(spectral),
    .uses = LERAY_LES_USES_CONSTANT | LERAY_LES_USES_SLOPE,
    .constant = 1.4,
    .gradients = LERAY_LES_NO_GRADIENTS,
    .init = init,
    .fini = fini,
    .damp = damp,
    .viscosity = viscosity,
    .prepare = prepare,
};
