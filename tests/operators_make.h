/* tests/operators_make.h - components of operators/ from their lists and a few lines of YAML. */
#ifndef LERAY_TESTS_OPERATORS_MAKE_H
#define LERAY_TESTS_OPERATORS_MAKE_H

#include "grids.h"
#include "operators/loss.h"
#include "operators/model.h"
#include "operators/optimizer.h"
#include "operators/schedule.h"
#include <leray/impl/rng.h>

#define LERAY_MODEL(id) extern const leray_model_type leray_model_##id;
#include "operators/models.def"
#undef LERAY_MODEL
#define LERAY_LOSS(id) extern const leray_loss_type leray_loss_##id;
#include "operators/losses.def"
#undef LERAY_LOSS
#define LERAY_OPTIMIZER(id) extern const leray_optimizer_type leray_optimizer_##id;
#include "operators/optimizers.def"
#undef LERAY_OPTIMIZER
#define LERAY_SCHEDULE(id) extern const leray_schedule_type leray_schedule_##id;
#include "operators/schedules.def"
#undef LERAY_SCHEDULE

/* One section "s" resolved against a component's own keys and the common ones of its kind. */
static inline leray_status make_config(const char *yaml, leray_keys own, const leray_keys *common,
                                       leray_config **cfg)
{
    leray_section sections[2] = {
        {.name = "s", .keys = own},
        {.name = "s"          }
    };
    char text[1024];
    leray_status status;

    if (common) sections[1].keys = *common;
    if (own.count || common) snprintf(text, sizeof text, "s: {%s}\n", yaml);
    else snprintf(text, sizeof text, "{}\n"); /* no table, no section */
    LERAY_TRY(leray_config_parse_text("test", text, cfg));
    status = leray_config_resolve(*cfg, common ? 2 : 1, sections);
    if (status) leray_config_destroy(cfg);
    return status;
}

static inline leray_status make_model_for(const leray_model_type *type, const char *yaml,
                                          leray_problem problem, leray_dtype dtype,
                                          leray_model **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(make_config(yaml, type->keys, NULL, &cfg));
    status = leray_model_create_type(type, cfg, "s", &problem, 7, dtype, out);
    leray_config_destroy(&cfg);
    return status;
}

/* In two dimensions, trained on 10 x 12 points. */
static inline leray_status make_model(const leray_model_type *type, const char *yaml, int ci,
                                      int co, leray_dtype dtype, leray_model **out)
{
    leray_problem problem = {
        .channels_in = ci,
        .channels_out = co,
        .grid = grid_2d(10, 12, true),
    };

    return make_model_for(type, yaml, problem, dtype, out);
}

static inline leray_status make_loss(const leray_loss_type *type, const char *yaml,
                                     leray_loss **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(make_config(yaml, type->keys, &leray_loss_keys, &cfg));
    status = leray_loss_create_type(type, cfg, "s", out);
    leray_config_destroy(&cfg);
    return status;
}

static inline leray_status make_optimizer(const leray_optimizer_type *type, const char *yaml,
                                          leray_parameters *parameters, leray_optimizer **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(make_config(yaml, type->keys, &leray_optimizer_keys, &cfg));
    status = leray_optimizer_create_type(type, cfg, "s", 7, parameters, out);
    leray_config_destroy(&cfg);
    return status;
}

static inline leray_status make_schedule(const leray_schedule_type *type, const char *yaml,
                                         leray_schedule **out)
{
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    LERAY_TRY(make_config(yaml, type->keys, &leray_schedule_keys, &cfg));
    status = leray_schedule_create_type(type, cfg, "s", out);
    leray_config_destroy(&cfg);
    return status;
}

/* n normal numbers, rounded to single precision so that both precisions see the same. */
static inline void draw(uint32_t stream, size_t n, leray_dtype dtype, void *x)
{
    leray_rng rng = leray_rng_make(11, LERAY_PURPOSE_TEST, stream, 0);

    for (size_t i = 0; i < n; i++) {
        float v = (float)leray_rng_normal(&rng);

        if (dtype == LERAY_F32) ((float *)x)[i] = v;
        else ((double *)x)[i] = (double)v;
    }
}

#endif
