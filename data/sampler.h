/* data/sampler.h - samplers at work (include/leray/impl/sampler.h). Private. */
#ifndef LERAY_DATA_SAMPLER_H
#define LERAY_DATA_SAMPLER_H

#include "core/config.h"
#include <leray/impl/sampler.h>

/* 1 <= n, 1 <= d <= type->max_dimension. `deck` may be NULL for a type without keys. On failure *out is
   NULL. Errors: CONFIG, MEMORY, and those of the type. */
LERAY_NODISCARD leray_status leray_sampler_create_deck(const leray_sampler_type *type,
                                                       const leray_sampler_deck *deck,
                                                       uint64_t seed, int n, int d, bool shift,
                                                       leray_sampler **out);
/* Without a deck. */
LERAY_NODISCARD leray_status leray_sampler_create_type(const leray_sampler_type *type,
                                                       uint64_t seed, int n, int d, bool shift,
                                                       leray_sampler **out);
void leray_sampler_destroy(leray_sampler **sampler); /* accepts a pointer to NULL */

/* Point i in [0, n) as x [d]. Errors: ARG. */
LERAY_NODISCARD leray_status leray_sampler_point(const leray_sampler *sampler, int i, double *x);

/* min <= max, finite, and min > 0 with log. `name` is the parameter, for the error: CONFIG. */
LERAY_NODISCARD leray_status leray_range_check(const leray_range *range, const char *name);

#endif
