/* data/metrics.h - errors of predictions, gathered sample by sample. Private.

   For a sample with prediction p and truth u on a grid whose points stand for the shares w_i of its area or
   volume (leray_grid_fill_weights; 0 where a mask says that there are no values),
   |f|^2 = sum over channels and points of w_i f_i^2 / sum of w_i:
     rel_l2                mean over samples of |p - u| / |u|
     rel_l2_ratio_of_sums  sqrt(sum |p - u|^2 / sum |u|^2), the sums over samples
     rel_h1                mean over samples of |p - u|_s / |u|_s, with
                           |f|_s^2 = sum_k (alpha + |2 pi k / L|^2)^s |f_k|^2 and s = 1, alpha = 1
                           unless set
     rmse                  root of the mean over samples and channels of (p - u)^2, weighted by w
     max_error             max |p - u| where w > 0
   Along an axis that is not periodic the field is first continued evenly, so that no jump enters: about its
   end points where these are vertices (period 2L), else about the ends of the axis, half a cell beyond
   them. For s = 1 this is the H1 norm on the domain itself, up to a factor that cancels. On uneven points,
   on a sphere and under a mask there is no such norm, and rel_h1 is NaN; leray_metrics_has_h1 says so.
   Samples with |u| = 0 have no relative error: they are left out of means of ratios, and counted in n_zero.
   Everything is also kept per channel, since channels may have different units. */
#ifndef LERAY_DATA_METRICS_H
#define LERAY_DATA_METRICS_H

#include "core/comm.h"
#include "core/error.h"
#include <leray/grid.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct leray_metrics_settings {
    int channels;
    const leray_grid *grid; /* the samples are [channels, grid..]; read by create only */
    bool masked;            /* samples come with masks of their own */
    double s, alpha;        /* alpha = 0 stands for 1; s = 0 stands for 1 */
} leray_metrics_settings;

typedef struct leray_metrics_result {
    long n;      /* samples */
    long n_zero; /* of them with |truth| = 0 */
    double rel_l2, rel_l2_ratio_of_sums, rel_h1, rmse, max_error;
    double baseline_rel_l2; /* rel_l2 of the baseline; NaN if none was given */
} leray_metrics_result;

typedef struct leray_metrics leray_metrics;

/* On failure *out is NULL. Errors: ARG, MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_metrics_create(const leray_metrics_settings *settings,
                                                  leray_metrics **out);
void leray_metrics_destroy(leray_metrics **metrics); /* accepts a pointer to NULL */

/* One sample: [channels, grid..] each; `baseline` may be NULL, for all samples or for none; `mask`
   [grid..], 0 where values do not count, or NULL. A prediction that is not finite makes the results NaN.
   Does not allocate. */
void leray_metrics_add(leray_metrics *metrics, const float *prediction, const float *truth,
                       const float *baseline, const float *mask);

/* Whether the grid has an H1 norm here. */
bool leray_metrics_has_h1(const leray_metrics *metrics);

/* Adds up what the ranks of `comm` have gathered, each over its own samples: the same results on all of them
   from now on, those of all samples. Every rank must call it, once, at the end.
   Errors: MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_metrics_merge(leray_metrics *metrics, const leray_comm *comm);

/* All channels together (channel -1), or one. All NaN but the counts while n = 0. */
leray_metrics_result leray_metrics_get(const leray_metrics *metrics, int channel);

#endif
