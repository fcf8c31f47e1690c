/* data/normalizer.h - affine normalisation per channel, fitted once and carried in the model
   file. Private.

   z = (m(x) - shift) / scale with m the identity or the natural logarithm.
   mean-std: mean and population standard deviation over all samples and points that count; min-max: onto
   [-1, 1]; none: shift 0, scale 1. A channel without spread has scale 1. Fitting is streaming
   (Welford within a sample, Chan's merge between samples, in double), so that the result depends
   only on the order of the samples. Reference: Chan, Golub, LeVeque, The American Statistician
   37 (1983) 242, eq. 2.1. */
#ifndef LERAY_DATA_NORMALIZER_H
#define LERAY_DATA_NORMALIZER_H

#include "core/error.h"
#include "core/json.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum leray_normalizer_kind {
    LERAY_NORMALIZER_NONE,
    LERAY_NORMALIZER_MEAN_STD,
    LERAY_NORMALIZER_MIN_MAX
} leray_normalizer_kind;

/* "none", "mean-std", "min-max", NULL: the choices of a config key, in the enum's order. */
extern const char *const leray_normalizer_kinds[];

typedef struct leray_normalizer {
    leray_normalizer_kind kind;
    int channels;
    const bool *log;             /* [channels] */
    const double *shift, *scale; /* [channels]; 0 and 1 until finish */
    double count;                /* values seen per channel */
    struct leray_normalizer_sums *sums;
} leray_normalizer;

/* `log` [channels] or NULL for none. On failure *out is NULL. Errors: ARG, MEMORY. */
LERAY_NODISCARD leray_status leray_normalizer_create(leray_normalizer_kind kind, int channels,
                                                     const bool *log, leray_normalizer **out);
void leray_normalizer_destroy(leray_normalizer **normalizer); /* accepts a pointer to NULL */

/* One sample x [channels, points]; points where mask [points] is 0 do not count (NULL: all do). Errors: DATA
   (not finite, or not positive where log is set: names channel and point); the sample is then not
   counted. */
LERAY_NODISCARD leray_status leray_normalizer_observe(leray_normalizer *normalizer, const float *x,
                                                      size_t points, const float *mask);
/* Before finish: channels first + r stride + c, r = 0 .. repeats - 1, become alike for each
   c < stride, as if each had seen the values of all of them. Not for logarithms. */
void leray_normalizer_pool(leray_normalizer *normalizer, int first, int repeats, int stride);
/* Sets shift and scale from what was observed. Errors: DATA if that is nothing, unless none. */
LERAY_NODISCARD leray_status leray_normalizer_finish(leray_normalizer *normalizer);

/* [channels, points], in place allowed. With log, apply gives NaN for x <= 0. */
void leray_normalizer_apply(const leray_normalizer *normalizer, const float *x, size_t points,
                            float *z);
void leray_normalizer_invert(const leray_normalizer *normalizer, const float *z, size_t points,
                             float *x);

/* {"kind": .., "count": .., "channels": [{"map": "linear" | "log", "shift": .., "scale": ..}]};
   the numbers survive bit for bit. Errors of from_json: DATA. */
LERAY_NODISCARD leray_status leray_normalizer_to_json(const leray_normalizer *normalizer,
                                                      leray_json **out);
LERAY_NODISCARD leray_status leray_normalizer_from_json(const leray_json *json,
                                                        leray_normalizer **out);

#endif
