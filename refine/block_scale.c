/* refine/block_scale.c - see refine/block_scale.h. */
#include "refine/block_scale.h"

#include "core/mem.h"

#include <math.h>

static size_t packed(int n) { return (size_t)n * ((size_t)n + 1) / 2; }

leray_status leray_block_scale_init(leray_block_scale *s, size_t blocks, int n)
{
    *s = (leray_block_scale){.blocks = blocks, .n = n};
    LERAY_TRY(LERAY_ALLOC(&s->scale, blocks * (size_t)n));
    return LERAY_ALLOC(&s->factor, blocks * packed(n));
}

void leray_block_scale_fini(leray_block_scale *s)
{
    leray_mem_free(s->factor);
    leray_mem_free(s->scale);
}

/* Cholesky's, column by column. */
void leray_block_scale_set(leray_block_scale *s, size_t block, double ridge,
                           const double complex *matrix)
{
    int n = s->n;
    double *scale = s->scale + block * (size_t)n;
    double complex *r = s->factor + block * packed(n);

    for (int j = 0; j < n; j++) {
        double d = creal(matrix[(size_t)j * (size_t)n + (size_t)j]);

        scale[j] = d > 0 ? 1 / sqrt(d) : 1;
    }
    for (int j = 0; j < n; j++) {
        double complex *column = r + packed(j);
        double rest = 1 + ridge;

        for (int i = 0; i < j; i++) {
            const double complex *before = r + packed(i);
            double complex sum = scale[i] * scale[j] * matrix[(size_t)i * (size_t)n + (size_t)j];

            for (int k = 0; k < i; k++) sum -= conj(before[k]) * column[k];
            column[i] = sum / before[i];
            rest -= creal(column[i]) * creal(column[i]) + cimag(column[i]) * cimag(column[i]);
        }
        column[j] = sqrt(fmax(rest, ridge));
    }
}

void leray_block_scale_map(const leray_block_scale *s, const double complex *x, double complex *u)
{
    int n = s->n;

#pragma omp parallel for schedule(static)
    for (size_t block = 0; block < s->blocks; block++) {
        const double complex *r = s->factor + block * packed(n), *from = x + block * (size_t)n;
        const double *scale = s->scale + block * (size_t)n;
        double complex *to = u + block * (size_t)n;

        for (int j = 0; j < n; j++) to[j] = from[j];
        for (int j = n - 1; j >= 0; j--) {
            const double complex *column = r + packed(j);

            to[j] /= column[j];
            for (int i = 0; i < j; i++) to[i] -= column[i] * to[j];
        }
        for (int j = 0; j < n; j++) to[j] *= scale[j];
    }
}

void leray_block_scale_adjoint(const leray_block_scale *s, const double complex *u,
                               double complex *x)
{
    int n = s->n;

#pragma omp parallel for schedule(static)
    for (size_t block = 0; block < s->blocks; block++) {
        const double complex *r = s->factor + block * packed(n), *from = u + block * (size_t)n;
        const double *scale = s->scale + block * (size_t)n;
        double complex *to = x + block * (size_t)n;

        for (int j = 0; j < n; j++) {
            const double complex *column = r + packed(j);
            double complex sum = scale[j] * from[j];

            for (int i = 0; i < j; i++) sum -= conj(column[i]) * to[i];
            to[j] = sum / column[j];
        }
    }
}
