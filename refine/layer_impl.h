/* refine/layer_impl.h - what the files of leray_layer share. Private to refine/. */
#ifndef LERAY_REFINE_LAYER_IMPL_H
#define LERAY_REFINE_LAYER_IMPL_H

#include "refine/block_scale.h"
#include "refine/layer.h"
#include "refine/problem.h"
#include "refine/refiner_impl.h"

struct leray_layer {
    int n, steps, times; /* trajectories, L, 2 L */
    leray_refiner *const *refiner;
    int widest[2];
    size_t modes;                    /* of the widest band */
    double complex *entering;        /* [n, modes, times] v^ */
    double complex *added;           /* [modes, 2, times] V and c of the levels that are done */
    double complex *mode;            /* [modes] */
    double complex *wave;            /* [frames, times] exp(pi i kt t) */
    double complex *wave_derivative; /* [frames, times] D of it, from a given frame of zero */

    /* Of the present level. */
    int wavenumber;
    size_t level_modes;
    leray_residual **band;         /* [n] */
    leray_block_scale scale;       /* of (V, c), [2, times] for each mode */
    double complex *point, *other; /* [level modes, 2, times] */
    double complex *frames, *pull; /* [frames, level modes] */
};

/* Wavenumber kt of row a of 2 L. */
static inline int leray_layer_time(const leray_layer *s, int a)
{
    return a < s->steps ? a : a - s->times;
}

/* v^ [times] of trajectory k in mode q of the level. */
const double complex *leray_layer_entering(const leray_layer *s, int k, size_t q);

/* Of the present level; its x is mapped to `point`. */
leray_refine_problem leray_layer_problem(leray_layer *s);

#endif
