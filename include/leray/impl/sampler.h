/* leray/impl/sampler.h - points of a design of experiments in [0, 1)^d.

   Point i of n depends on (seed, i, n, d) only, and not on the rank or on the order of calls. To add a
   sampler: write data/samplers/<name>.c exporting one leray_sampler_type called leray_sampler_<name>, and
   add one line to data/samplers.def; or put it into a plugin (leray/impl/plugin.h). */
#ifndef LERAY_IMPL_SAMPLER_H
#define LERAY_IMPL_SAMPLER_H

#include <leray/impl/config.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* Maps u in [0, 1) to [min, max): linearly, or so that the logarithm is uniform. */
struct leray_range {
    double min, max;
    bool log;
};
LERAY_API double leray_range_map(const leray_range *range, double u);

#ifdef __cplusplus
}
#endif
#endif
