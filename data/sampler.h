/* data/sampler.h - points of a design of experiments in [0, 1)^d. Private.

   Point i of n is a pure function of (seed, i, n, d): it does not matter who asks for it, or in
   which order. To add a sampler: write data/samplers/<name>.c exporting one leray_sampler_type
   called leray_sampler_<name>, and add one line to data/samplers.def. */
#ifndef LERAY_DATA_SAMPLER_H
#define LERAY_DATA_SAMPLER_H

#include "core/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct leray_sampler leray_sampler;
typedef struct leray_range leray_range;

/* What a sampler with keys of its own reads them from, and the parameters that its points are for. */
typedef struct leray_sampler_deck {
    const leray_config *cfg;
    const char *section;
    const char *const *name;  /* [d] */
    const leray_range *range; /* [d] */
} leray_sampler_deck;

typedef struct leray_sampler_type {
    const char *name;    /* in decks: "latin-hypercube" */
    const char *summary; /* one line for `leray list samplers` */
    int max_dimension;

    /* REQUIRED. Fills x [d]. */
    void (*point)(const leray_sampler *self, int i, double *x);

    /* OPTIONAL: NULL means that `table` is not needed. Fills table [n * d], zeroed before. */
    void (*prepare)(const leray_sampler *self, uint32_t *table);

    /* OPTIONAL, together: keys of its section, and a reader that fills self->own, one block. */
    leray_keys keys;
    leray_status (*init)(leray_sampler *self, const leray_sampler_deck *deck);
} leray_sampler_type;

struct leray_sampler {
    const leray_sampler_type *type;
    uint64_t seed;
    int n, d;
    bool shift;      /* sobol: a digital shift drawn from the seed; without it x_0 = 0 */
    uint32_t *table; /* the type's own numbers */
    void *own;       /* what its init has made; leray_mem_free */
};

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

/* Maps u in [0, 1) to [min, max): linearly, or so that the logarithm is uniform. */
struct leray_range {
    double min, max;
    bool log;
};
/* min <= max, finite, and min > 0 with log. `name` is the parameter, for the error: CONFIG. */
LERAY_NODISCARD leray_status leray_range_check(const leray_range *range, const char *name);
double leray_range_map(const leray_range *range, double u);

#endif
