/* solvers/pseudospectral/les/gradients.c - the derivatives of the velocity that a model asks for, of
   one column: i k u, in the order of les.h. */
#include "solvers/pseudospectral/les/les.h"

int leray_les_gradient_fields(const leray_les_type *type)
{
    static const int fields[] = {0, 5, 8};

    return fields[type->gradients];
}

/* out = i z. */
static inline void put_times_i(double complex *out, int j, double re, double im)
{
    ((double *)out)[2 * j] = -im;
    ((double *)out)[2 * j + 1] = re;
}

/* out = i k_a u, where k_a is `k`, or `ks` where that is given. */
static void derivative(int n, double k, const double *ks, const double complex *u,
                       double complex *out)
{
    const double *z = (const double *)u;

#pragma omp simd
    for (int j = 0; j < n; j++) {
        double kj = ks ? ks[j] : k;

        put_times_i(out, j, kj * z[2 * j], kj * z[2 * j + 1]);
    }
}

/* out = i (k_b u_a + k_a u_b)/2; u_b is multiplied by `ka`, u_a by `kb` or `ks` as above. */
static void strain(int n, double ka, double kb, const double *ks, double complex *const u[2],
                   double complex *out)
{
    const double *a = (const double *)u[0], *b = (const double *)u[1];
    double half = ka / 2;

#pragma omp simd
    for (int j = 0; j < n; j++) {
        double kj = (ks ? ks[j] : kb) / 2;

        put_times_i(out, j, kj * a[2 * j] + half * b[2 * j],
                    kj * a[2 * j + 1] + half * b[2 * j + 1]);
    }
}

static void strain_lines(const leray_column *c, double complex *const *u, double complex *const *s)
{
    derivative(c->n, c->kx, NULL, u[0], s[0]);
    derivative(c->n, c->km, NULL, u[1], s[1]);
    strain(c->n, c->kx, c->km, NULL, (double complex *const[]){u[0], u[1]}, s[2]);
    strain(c->n, c->kx, 0, c->ks, (double complex *const[]){u[0], u[2]}, s[3]);
    strain(c->n, c->km, 0, c->ks, (double complex *const[]){u[1], u[2]}, s[4]);
}

static void all_lines(const leray_column *c, double complex *const *u, double complex *const *g)
{
    derivative(c->n, c->kx, NULL, u[0], g[0]);
    derivative(c->n, c->km, NULL, u[1], g[1]);
    derivative(c->n, c->km, NULL, u[0], g[2]);
    derivative(c->n, c->kx, NULL, u[1], g[3]);
    derivative(c->n, 0, c->ks, u[0], g[4]);
    derivative(c->n, c->kx, NULL, u[2], g[5]);
    derivative(c->n, 0, c->ks, u[1], g[6]);
    derivative(c->n, c->km, NULL, u[2], g[7]);
}

void leray_les_gradient_lines(const leray_les_type *type, const leray_column *column,
                              double complex *const *u, double complex *const *gradient)
{
    if (type->gradients == LERAY_LES_STRAIN) strain_lines(column, u, gradient);
    if (type->gradients == LERAY_LES_ALL_GRADIENTS) all_lines(column, u, gradient);
}
