/* data/sampler.c - the calls of data/sampler.h that all samplers share. */
#include "data/sampler.h"

#include "core/mem.h"

#include <math.h>

static leray_status init(leray_sampler *s, const leray_sampler_deck *deck)
{
    LERAY_CHECK(s->n >= 1, LERAY_ERR_CONFIG, "%d points, allowed: at least 1", s->n);
    LERAY_CHECK(s->d >= 1 && s->d <= s->type->max_dimension, LERAY_ERR_CONFIG,
                "%s sampler: %d parameters, allowed: 1 to %d", s->type->name, s->d,
                s->type->max_dimension);
    LERAY_CHECK(deck || !s->type->init, LERAY_ERR_CONFIG,
                "%s sampler: its points come from the deck, and there is none", s->type->name);
    if (s->type->init) LERAY_TRY(s->type->init(s, deck));
    if (!s->type->prepare) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&s->table, (size_t)s->n * (size_t)s->d));
    s->type->prepare(s, s->table);
    return LERAY_OK;
}

leray_status leray_sampler_create_deck(const leray_sampler_type *type,
                                       const leray_sampler_deck *deck, uint64_t seed, int n, int d,
                                       bool shift, leray_sampler **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    **out = (leray_sampler){.type = type, .seed = seed, .n = n, .d = d, .shift = shift};
    status = init(*out, deck);
    if (status) leray_sampler_destroy(out);
    return status;
}

leray_status leray_sampler_create_type(const leray_sampler_type *type, uint64_t seed, int n, int d,
                                       bool shift, leray_sampler **out)
{
    return leray_sampler_create_deck(type, NULL, seed, n, d, shift, out);
}

void leray_sampler_destroy(leray_sampler **sampler)
{
    if (!*sampler) return;
    leray_mem_free((*sampler)->own);
    leray_mem_free((*sampler)->table);
    leray_mem_free(*sampler);
    *sampler = NULL;
}

leray_status leray_sampler_point(const leray_sampler *s, int i, double *x)
{
    LERAY_CHECK(i >= 0 && i < s->n, LERAY_ERR_ARG, "point %d, allowed: 0 to %d", i, s->n - 1);
    s->type->point(s, i, x);
    return LERAY_OK;
}

leray_status leray_range_check(const leray_range *r, const char *name)
{
    LERAY_CHECK(isfinite(r->min) && isfinite(r->max) && r->min <= r->max, LERAY_ERR_CONFIG,
                "%s: min %g and max %g, allowed: finite, min <= max", name, r->min, r->max);
    LERAY_CHECK(!r->log || r->min > 0, LERAY_ERR_CONFIG,
                "%s: min %g with a logarithmic scale, allowed: above 0", name, r->min);
    return LERAY_OK;
}

/* Rounding must not leave the range. */
double leray_range_map(const leray_range *r, double u)
{
    double x = r->log ? r->min * exp(u * log(r->max / r->min)) : r->min + u * (r->max - r->min);

    return fmin(fmax(x, r->min), r->max);
}
