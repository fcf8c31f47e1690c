/* solvers/pseudospectral/les/eddy.h - the pointwise algebra that eddy-viscosity models share. Private to
   solvers/pseudospectral/les/ and its tests.

       tau_ij = -2 nu_t S_ij,   S_ij = (d_j u_i + d_i u_j)/2,   |S|^2 = 2 S_ij S_ij,

   both indices summed over 1..3. The factor 2 of tau is there and in |S|^2, and nowhere else: the
   term in the equations is d_j(2 nu_t S_ij), and -tau_ij S_ij = nu_t |S|^2. */
#ifndef LERAY_SOLVERS_PSEUDOSPECTRAL_LES_EDDY_H
#define LERAY_SOLVERS_PSEUDOSPECTRAL_LES_EDDY_H

#include "solvers/pseudospectral/les/les.h"

/* Of one point. */
typedef struct leray_strain {
    double s11, s22, s12, s13, s23;
} leray_strain;

/* Rows of gradients, in the order of LERAY_LES_STRAIN and LERAY_LES_ALL_GRADIENTS. */
typedef struct leray_strain_rows {
    const double *s11, *s22, *s12, *s13, *s23;
} leray_strain_rows;

typedef struct leray_gradient_rows {
    const double *g11, *g22, *g12, *g21, *g13, *g31, *g23, *g32;
} leray_gradient_rows;

/* The five products. */
typedef struct leray_stress_rows {
    double *a, *b, *t12, *t13, *t23;
} leray_stress_rows;

static inline leray_strain_rows leray_strain_rows_of(double *const *g)
{
    return (leray_strain_rows){g[0], g[1], g[2], g[3], g[4]};
}

static inline leray_gradient_rows leray_gradient_rows_of(double *const *g)
{
    return (leray_gradient_rows){g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]};
}

static inline leray_stress_rows leray_stress_rows_of(double *const *p)
{
    return (leray_stress_rows){p[0], p[1], p[2], p[3], p[4]};
}

static inline leray_strain leray_strain_at(leray_strain_rows s, int i)
{
    return (leray_strain){s.s11[i], s.s22[i], s.s12[i], s.s13[i], s.s23[i]};
}

static inline leray_strain leray_strain_of(leray_gradient_rows g, int i)
{
    return (leray_strain){g.g11[i], g.g22[i], 0.5 * (g.g12[i] + g.g21[i]),
                          0.5 * (g.g13[i] + g.g31[i]), 0.5 * (g.g23[i] + g.g32[i])};
}

/* |S|^2 = 2 S_ij S_ij. */
static inline double leray_strain_square(leray_strain s)
{
    double s33 = s.s11 + s.s22;

    return 2 * (s.s11 * s.s11 + s.s22 * s.s22 + s33 * s33) +
           4 * (s.s12 * s.s12 + s.s13 * s.s13 + s.s23 * s.s23);
}

/* Adds -2 nu_t S_ij to the products of point i: tau_11 - tau_33, tau_22 - tau_33, .. with
   S_33 = -S_11 - S_22. */
static inline void leray_stress_add(leray_stress_rows p, int i, double nu_t, leray_strain s)
{
    double factor = -2 * nu_t;

    p.a[i] += factor * (2 * s.s11 + s.s22);
    p.b[i] += factor * (s.s11 + 2 * s.s22);
    p.t12[i] += factor * s.s12;
    p.t13[i] += factor * s.s13;
    p.t23[i] += factor * s.s23;
}

/* Adds the stress of nu_t = factor |S| from rows of strain; returns the sum of nu_t |S|^2. */
double leray_strain_stress(double factor, int points, double *const *strain,
                           double *const *product);

/* The test-filtered rows that the dynamic procedure compares, in this order. */
enum {
    LERAY_DYNAMIC_FLUX = 0,    /* (|S| S_ij)^, 5 */
    LERAY_DYNAMIC_PRODUCT = 5, /* (u_i u_j)^, 5 in the flow's form */
    LERAY_DYNAMIC_U = 10,      /* u^, 3 */
    LERAY_DYNAMIC_STRAIN = 13, /* S^_ij, 5 */
    LERAY_DYNAMIC_ROWS = 18
};

/* Sums over the points of L_ij M_ij and M_ij M_ij, with M_ij = (|S| S_ij)^ - ratio^2 |S^| S^_ij. */
typedef struct leray_dynamic_sums {
    double lm, mm;
} leray_dynamic_sums;
leray_dynamic_sums leray_dynamic_compare(double ratio, int points, double *const *rows);

#endif
