/* api/registry.c - turns names into implementations. The only file that sees every layer; nothing
   below it looks anything up by name. */
#include "api/registry.h"

#include "data/dataset.h"
#include "data/sampler.h"
#include "online/reservoir.h"
#include "operators/loss.h"
#include "operators/model.h"
#include "operators/optimizer.h"
#include "operators/schedule.h"
#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include "solvers/solver.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LERAY_SOLVER(id) extern const leray_solver_type leray_solver_##id;
#define LERAY_SAMPLER(id) extern const leray_sampler_type leray_sampler_##id;
#define LERAY_RESERVOIR(id) extern const leray_reservoir_type leray_reservoir_##id;
#define LERAY_DIAGNOSTIC(id) extern const leray_diagnostic_type leray_diagnostic_##id;
#define LERAY_DATASET(id) extern const leray_dataset_type leray_dataset_##id;
#define LERAY_MODEL(id) extern const leray_model_type leray_model_##id;
#define LERAY_LOSS(id) extern const leray_loss_type leray_loss_##id;
#define LERAY_OPTIMIZER(id) extern const leray_optimizer_type leray_optimizer_##id;
#define LERAY_SCHEDULE(id) extern const leray_schedule_type leray_schedule_##id;
#include "data/datasets.def"
#include "data/samplers.def"
#include "online/reservoirs.def"
#include "operators/losses.def"
#include "operators/models.def"
#include "operators/optimizers.def"
#include "operators/schedules.def"
#include "solvers/pseudospectral/diagnostics/diagnostics.def"
#include "solvers/solvers.def"
#undef LERAY_SOLVER
#undef LERAY_SAMPLER
#undef LERAY_RESERVOIR
#undef LERAY_DIAGNOSTIC
#undef LERAY_DATASET
#undef LERAY_MODEL
#undef LERAY_LOSS
#undef LERAY_OPTIMIZER
#undef LERAY_SCHEDULE

static const leray_registry_entry solvers[] = {
#define LERAY_SOLVER(id) {#id, &leray_solver_##id, NULL},
#include "solvers/solvers.def"
#undef LERAY_SOLVER
};
static const leray_registry_entry samplers[] = {
#define LERAY_SAMPLER(id) {#id, &leray_sampler_##id, NULL},
#include "data/samplers.def"
#undef LERAY_SAMPLER
};
static const leray_registry_entry reservoirs[] = {
#define LERAY_RESERVOIR(id) {#id, &leray_reservoir_##id, NULL},
#include "online/reservoirs.def"
#undef LERAY_RESERVOIR
};
static const leray_registry_entry diagnostics[] = {
#define LERAY_DIAGNOSTIC(id) {#id, &leray_diagnostic_##id, NULL},
#include "solvers/pseudospectral/diagnostics/diagnostics.def"
#undef LERAY_DIAGNOSTIC
};
static const leray_registry_entry datasets[] = {
#define LERAY_DATASET(id) {#id, &leray_dataset_##id, NULL},
#include "data/datasets.def"
#undef LERAY_DATASET
};
static const leray_registry_entry models[] = {
#define LERAY_MODEL(id) {#id, &leray_model_##id, NULL},
#include "operators/models.def"
#undef LERAY_MODEL
};
static const leray_registry_entry losses[] = {
#define LERAY_LOSS(id) {#id, &leray_loss_##id, NULL},
#include "operators/losses.def"
#undef LERAY_LOSS
};
static const leray_registry_entry optimizers[] = {
#define LERAY_OPTIMIZER(id) {#id, &leray_optimizer_##id, NULL},
#include "operators/optimizers.def"
#undef LERAY_OPTIMIZER
};
static const leray_registry_entry schedules[] = {
#define LERAY_SCHEDULE(id) {#id, &leray_schedule_##id, NULL},
#include "operators/schedules.def"
#undef LERAY_SCHEDULE
};

#define ENTRIES(list) (int)(sizeof(list) / sizeof((list)[0])), list
#define OFFSETS(type) offsetof(type, summary), offsetof(type, keys)

static const leray_registry kinds[LERAY_N_KINDS] = {
    {"solver",                        "solver",     "type",    "ns2d",      "what computes the flow",                      ENTRIES(solvers), NULL,
     OFFSETS(leray_solver_type)                                                                                                                                                                                                                           },
    {"sampler",                       "parameters", "sampler", "sobol",     "how parameters are spread over their ranges",
     ENTRIES(samplers),                                                                                                                      NULL,                                                             OFFSETS(leray_sampler_type)                },
    {"reservoir",                     "reservoir",  "type",    "reservoir", "which samples of the stream are drawn",
     ENTRIES(reservoirs),                                                                                                                    &leray_reservoir_keys,                                            offsetof(leray_reservoir_type,               summary), SIZE_MAX},
    {"diagnostic",                       "output",                                   NULL,                                 NULL,              "what is measured of a spectral flow while it runs",
     ENTRIES(diagnostics), NULL, OFFSETS(leray_diagnostic_type)                                                                                                                                                                                                                                 },
    {"dataset", "data",             "type",              "well",                   "layout of the file",                                              ENTRIES(datasets),                                           NULL,
     OFFSETS(leray_dataset_type)},
    {"model",     "model",                 "type",                    "fno",                    "the neural operator",                                           ENTRIES(models),                                   NULL,
     OFFSETS(leray_model_type)                                                                                                                                                                                                                            },
    {"loss",       "loss",                   "type",                       "relative-l2",                      "what training makes small",                                           ENTRIES(losses),
     &leray_loss_keys,                                        OFFSETS(leray_loss_type)},
    {"optimizer",       "optimizer",                   "type",                  "adamw",            "how weights follow gradients",                                 ENTRIES(optimizers),
     &leray_optimizer_keys,         OFFSETS(leray_optimizer_type)                                                                                                                                                                                                   },
    {"schedule",  "schedule",              "type",              "cosine",              "learning rate over the training",
     ENTRIES(schedules),                                   &leray_schedule_keys,                                             OFFSETS(leray_schedule_type)                                                                                                                                                                                                                                   },
};

const leray_registry *leray_registry_of(int kind) { return &kinds[kind]; }

void leray_registry_name(const leray_registry_entry *entry, char out[64])
{
    snprintf(out, 64, "%s", entry->id);
    for (char *c = out; *c; c++)
        if (*c == '_') *c = '-';
}

const char *leray_registry_summary(const leray_registry *r, const leray_registry_entry *entry)
{
    const char *summary;

    if (!entry->type) return entry->remedy;
    memcpy(&summary, (const char *)entry->type + r->summary_offset, sizeof summary);
    return summary;
}

leray_keys leray_registry_keys(const leray_registry *r, const leray_registry_entry *entry)
{
    leray_keys keys = {NULL, 0};

    if (r->keys_offset != SIZE_MAX && entry->type)
        memcpy(&keys, (const char *)entry->type + r->keys_offset, sizeof keys);
    return keys;
}

void leray_registry_section(const leray_registry *r, const leray_registry_entry *entry,
                            char out[96])
{
    char name[64] = "";

    if (!r->key) leray_registry_name(entry, name);
    snprintf(out, 96, "%s%s%s", r->section, *name ? "." : "", name);
}

static leray_status unknown(const leray_registry *r, const char *name, const char *where)
{
    char known[64][64], all[64 * 66] = "";
    const char *names[64], *near;
    int n = r->count < 64 ? r->count : 64;

    for (int i = 0; i < n; i++) {
        leray_registry_name(&r->entry[i], known[i]);
        names[i] = known[i];
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%.63s", i ? ", " : "", known[i]);
    }
    near = leray_nearest_name(name, n, names);
    LERAY_FAIL(LERAY_ERR_NOT_FOUND, "no %s named '%s'%s; there are: %s%s%s%s", r->kind, name, where,
               all, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

leray_status leray_registry_find(const leray_registry *r, const char *name, const char *where,
                                 const leray_registry_entry **out)
{
    char known[64];

    for (int i = 0; i < r->count; i++) {
        leray_registry_name(&r->entry[i], known);
        if (strcmp(known, name) != 0) continue;
        *out = &r->entry[i];
        LERAY_CHECK(r->entry[i].type, LERAY_ERR_UNSUPPORTED, "%s '%s'%s: %s", r->kind, name, where,
                    r->entry[i].remedy);
        return LERAY_OK;
    }
    return unknown(r, name, where);
}
