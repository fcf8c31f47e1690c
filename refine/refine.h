/* refine/refine.h - frames of a flow against its equation: the residual, frames that make it small, and
   what it says about their error. Private.

   Given are `history` frames w_(1-h) .. w_0 of the vorticity that are taken as true, `frames` frames
   w_1 .. w_n that somebody claims follow them, all `interval` apart, and the equation. Everything is
   done on modes (refine/band.h), in double precision.

     residual   r_m = (D w)_m + (u . grad w)_m - L w_m - f,   m = 1 .. n        refine/residual.h

   with D the time derivative of high order across all frames, given ones included. Its norm is that
   of L2(0, T; H^-1): |r|^2 = 1/n sum_m sum_k |r_mk|^2 / (alpha + |2 pi k / L|^2).

     refine     Gauss-Newton on |r|^2: each step solves the linear least squares problem
                min |r + J d|                                  refine/newton.c, refine/krylov.h
     certify    the same step tells the error: with w* the frames whose residual is zero,
                J (w* - w) = -r + O(|w* - w|^2)                                 refine/certificate.h */
#ifndef LERAY_REFINE_REFINE_H
#define LERAY_REFINE_REFINE_H

#include "core/config.h"
#include "operators/optimizer.h"
#include "solvers/vorticity.h"

typedef enum leray_refine_method {
    LERAY_REFINE_GAUSS_NEWTON,
    LERAY_REFINE_OPTIMIZER /* the deck's section optimizer */
} leray_refine_method;

typedef enum leray_krylov_method { LERAY_KRYLOV_BICGSTAB, LERAY_KRYLOV_LSQR } leray_krylov_method;

typedef struct leray_refine_settings {
    int64_t modes;      /* largest wavenumber that is refined; 0: the dealiased limit */
    int64_t order;      /* of the time derivative */
    double alpha;       /* of the norm */
    int method;         /* leray_refine_method */
    int64_t levels;     /* bands, each twice as wide as the one before */
    int64_t steps;      /* of Gauss-Newton, or of the optimizer, in each band */
    int krylov;         /* leray_krylov_method; LSQR for a layer */
    int64_t iterations; /* of it in each step */
    double tolerance;   /* a step is solved when its residual has fallen by this factor */
    double residual;    /* a band is done when |r| / |D w| is below this */
} leray_refine_settings;
extern const leray_keys leray_refine_keys; /* section "refine" */

typedef struct leray_certify_settings {
    int64_t iterations; /* of BiCGStab */
    double tail;        /* share of the frames' norm that may lie beyond the band looked at */
    double safety;      /* factor on the estimate */
} leray_certify_settings;
extern const leray_keys leray_certify_keys; /* section "certify" */

/* The frames that one object serves: values [history + frames, n[0], n[1]], y and x. */
typedef struct leray_refine_shape {
    int n[2], history, frames;
    double interval;
} leray_refine_shape;

typedef struct leray_refiner leray_refiner;

/* The equation is copied and its `self` must outlive the refiner. Errors: CONFIG (modes beyond the
   dealiased limit; too few frames for the order of the time derivative: says how many are needed), ARG,
   MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_refiner_create(const leray_vorticity_equation *equation,
                                                  const leray_refine_settings *settings,
                                                  const leray_refine_shape *shape,
                                                  leray_refiner **out);
void leray_refiner_destroy(leray_refiner **refiner); /* accepts a pointer to NULL */

/* Another equation of the same box and modes, e.g. that of the same solver with other parameters.
   Errors: ARG, MEMORY. */
LERAY_NODISCARD leray_status leray_refiner_set_equation(leray_refiner *refiner,
                                                        const leray_vorticity_equation *equation);

/* Makes now what is else made when first needed, with the equation as it is: the solver behind it may get
   other parameters afterwards. Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_refiner_prepare(leray_refiner *refiner);

/* values [history + frames, ny, nx]. A mean, and modes that the solver does not keep, are no part of a
   solution: they count as errors. Errors: DATA (a value is not finite). */
LERAY_NODISCARD leray_status leray_refiner_load(leray_refiner *refiner, const float *values);
/* The predicted frames [frames, ny, nx] as they are now, without a mean and without modes that the solver
   does not keep. */
void leray_refiner_store(leray_refiner *refiner, float *values);

/* Norms of the frames as they are. */
typedef struct leray_residual_norms {
    double absolute;   /* |r| in L2(0, T; H^-1) */
    double relative;   /* by |D w| in the same norm */
    double l2;         /* |r| in L2(0, T; L2) */
    double truncation; /* |D w - D' w| in L2(0, T; H^-1), D' of two orders less: how well the
                          frames resolve the time derivative */
} leray_residual_norms;
LERAY_NODISCARD leray_status leray_refiner_residual(leray_refiner *refiner,
                                                    leray_residual_norms *out);

/* Makes the residual small. `optimizer` is the type for LERAY_REFINE_OPTIMIZER, with its section of
   cfg; else NULL. Frames stay as they were on failure. Errors: DIVERGED (the residual is not finite, or
   no step makes it smaller), MEMORY, EXTERNAL. */
typedef struct leray_refine_report {
    leray_residual_norms before, after;
    int steps, iterations; /* of all levels */
    double correction;     /* |w_after - w_before| / |w_after|, L2(0, T; L2) */
    double last;           /* the same of the last step alone: how much of the error is left */
    double seconds;
} leray_refine_report;
LERAY_NODISCARD leray_status leray_refiner_run(leray_refiner *refiner,
                                               const leray_optimizer_type *optimizer,
                                               const leray_config *cfg, leray_refine_report *out);

/* How far the frames are from the flow that follows from the given ones (refine/certificate.c). Of the
   window the first `frames` count. With `inherited` [ny, nx], the estimated error of the given frame (NULL:
   none), its growth counts too; the shape's history must be 1 then. `left` [ny, nx] (may be NULL) becomes
   the estimated error of the last frame that counts. */
typedef struct leray_certificate {
    double estimate; /* of |w - w*| / |w*| in L2(0, T; L2), safety included; may be INFINITY */
    double end;      /* the same of the last frame alone */
    double constant; /* |error| in L2(0, T; L2) by |r| in L2(0, T; H^-1), as estimated */
    double left;     /* share of |r| that Newton's step leaves; nothing is promised above 1/4 */
    leray_residual_norms residual;
    double seconds;
} leray_certificate;
LERAY_NODISCARD leray_status leray_refiner_certify(leray_refiner *refiner,
                                                   const leray_certify_settings *settings,
                                                   const float *inherited, int frames, float *left,
                                                   leray_certificate *out);

#endif
