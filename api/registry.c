/* api/registry.c - turns names into implementations. The only file that sees every layer; nothing
   below it looks anything up by name. */
#include "api/registry.h"

#include "core/mem.h"
#include "data/dataset.h"
#include "data/sampler.h"
#include "online/reservoir.h"
#include "operators/loss.h"
#include "operators/model.h"
#include "operators/optimizer.h"
#include "operators/schedule.h"
#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include "solvers/solver.h"

#include <pthread.h>
#include <stdatomic.h>
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
#define LERAY_SOLVER(id) {#id, &leray_solver_##id, NULL, NULL},
#include "solvers/solvers.def"
#undef LERAY_SOLVER
};
static const leray_registry_entry samplers[] = {
#define LERAY_SAMPLER(id) {#id, &leray_sampler_##id, NULL, NULL},
#include "data/samplers.def"
#undef LERAY_SAMPLER
};
static const leray_registry_entry reservoirs[] = {
#define LERAY_RESERVOIR(id) {#id, &leray_reservoir_##id, NULL, NULL},
#include "online/reservoirs.def"
#undef LERAY_RESERVOIR
};
static const leray_registry_entry diagnostics[] = {
#define LERAY_DIAGNOSTIC(id) {#id, &leray_diagnostic_##id, NULL, NULL},
#include "solvers/pseudospectral/diagnostics/diagnostics.def"
#undef LERAY_DIAGNOSTIC
};
static const leray_registry_entry datasets[] = {
#define LERAY_DATASET(id) {#id, &leray_dataset_##id, NULL, NULL},
#include "data/datasets.def"
#undef LERAY_DATASET
};
static const leray_registry_entry models[] = {
#define LERAY_MODEL(id) {#id, &leray_model_##id, NULL, NULL},
#include "operators/models.def"
#undef LERAY_MODEL
};
static const leray_registry_entry losses[] = {
#define LERAY_LOSS(id) {#id, &leray_loss_##id, NULL, NULL},
#include "operators/losses.def"
#undef LERAY_LOSS
};
static const leray_registry_entry optimizers[] = {
#define LERAY_OPTIMIZER(id) {#id, &leray_optimizer_##id, NULL, NULL},
#include "operators/optimizers.def"
#undef LERAY_OPTIMIZER
};
static const leray_registry_entry schedules[] = {
#define LERAY_SCHEDULE(id) {#id, &leray_schedule_##id, NULL, NULL},
#include "operators/schedules.def"
#undef LERAY_SCHEDULE
};

#define ENTRIES(list) (int)(sizeof(list) / sizeof((list)[0])), list
#define OFFSETS(type) offsetof(type, summary), offsetof(type, keys)

static const leray_registry kinds[LERAY_N_KINDS] = {
    {"solver",                        "solver",     "type",    "ns2d",      "what computes the flow",                      ENTRIES(solvers), NULL,
     OFFSETS(leray_solver_type)                                                                                                                                                                                                             },
    {"sampler",                       "parameters", "sampler", "sobol",     "how parameters are spread over their ranges",
     ENTRIES(samplers),                                                                                                                      NULL,                                                             OFFSETS(leray_sampler_type)  },
    {"reservoir",                     "reservoir",  "type",    "reservoir", "which samples of the stream are drawn",
     ENTRIES(reservoirs),                                                                                                                    &leray_reservoir_keys,                                            offsetof(leray_reservoir_type, summary), SIZE_MAX},
    {"diagnostic",                       "output",                                   NULL,                                 NULL,              "what is measured of a spectral flow while it runs",
     ENTRIES(diagnostics), NULL, OFFSETS(leray_diagnostic_type)                                                                                                                                                                                                                   },
    {"dataset", "data",             "type",              "well",                   "formats of data files",                                              ENTRIES(datasets),                                           NULL,
     OFFSETS(leray_dataset_type)},
    {"model",     "model",                 "type",                    "fno",                    "the neural operator",                                           ENTRIES(models),                                   NULL,
     OFFSETS(leray_model_type)                                                                                                                                                                                                                 },
    {"loss",       "loss",                   "type",                       "relative-l2",                      "what training minimises",                                           ENTRIES(losses),
     &leray_loss_keys,                                          OFFSETS(leray_loss_type)},
    {"optimizer",       "optimizer",                   "type",                  "adamw",            "how weights are changed by gradients",
     ENTRIES(optimizers),                         &leray_optimizer_keys,OFFSETS(leray_optimizer_type)                                                                                                                                                                                                                    },
    {"schedule",  "schedule",              "type",              "cosine",              "learning rate over the training",
     ENTRIES(schedules),                                   &leray_schedule_keys,                                                       OFFSETS(leray_schedule_type)                                                                                                                                                                                                                     },
};

const leray_registry *leray_registry_of(int kind) { return &kinds[kind]; }

/* ---- what is added while the process runs ------------------------------------------------ */

/* Appended to, never taken from: whoever reads needs no lock. */
typedef struct added {
    leray_registry_entry entry; /* first, so that an entry leads to what comes after it */
    _Atomic(struct added *) next;
} added;

static _Atomic(added *) first_added[LERAY_N_KINDS];
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static bool is_built_in(const leray_registry *r, const leray_registry_entry *entry)
{
    return entry >= r->entry && entry < r->entry + r->count;
}

const leray_registry_entry *leray_registry_next(const leray_registry *r,
                                                const leray_registry_entry *entry)
{
    added *next;

    if (!entry) return &r->entry[0];
    if (is_built_in(r, entry) && entry + 1 < r->entry + r->count) return entry + 1;
    next = is_built_in(r, entry) ? first_added[r - kinds] : ((const added *)entry)->next;
    return next ? &next->entry : NULL;
}

/* Where the next entry of a kind belongs. */
static _Atomic(added *) *end_of(int kind)
{
    _Atomic(added *) *at = &first_added[kind];

    while (*at) at = &(*at)->next;
    return at;
}

static const leray_registry_entry *find(const leray_registry *r, const char *name)
{
    char known[64];

    for (const leray_registry_entry *e = NULL; (e = leray_registry_next(r, e));) {
        leray_registry_name(e, known);
        if (strcmp(known, name) == 0) return e;
    }
    return NULL;
}

static leray_status check_free(int n, const int *kind, const leray_registry_entry *entries)
{
    for (int i = 0; i < n; i++) {
        const leray_registry *r = &kinds[kind[i]];
        const leray_registry_entry *there = find(r, entries[i].id);

        LERAY_CHECK(!there, LERAY_ERR_ARG, "%s: a %s named '%s' is there already, %s%s",
                    entries[i].plugin, r->kind, entries[i].id, there->plugin ? "from " : "built in",
                    there->plugin ? there->plugin : "");
        for (int k = 0; k < i; k++)
            LERAY_CHECK(kind[k] != kind[i] || strcmp(entries[k].id, entries[i].id) != 0,
                        LERAY_ERR_ARG, "%s: two components of kind '%s' are named '%s'",
                        entries[i].plugin, r->kind, entries[i].id);
    }
    return LERAY_OK;
}

static leray_status append(int n, const int *kind, const leray_registry_entry *entries)
{
    added **node;
    leray_status status;

    LERAY_TRY(check_free(n, kind, entries));
    LERAY_TRY(LERAY_ALLOC(&node, (size_t)n));
    status = LERAY_OK;
    for (int i = 0; i < n && !status; i++) status = LERAY_ALLOC(&node[i], 1);
    for (int i = 0; i < n; i++) {
        if (status) leray_mem_free(node[i]);
        else node[i]->entry = entries[i], *end_of(kind[i]) = node[i];
    }
    leray_mem_free(node);
    return status;
}

leray_status leray_registry_add(int n, const int *kind, const leray_registry_entry *entries)
{
    leray_status status;

    pthread_mutex_lock(&adding);
    status = append(n, kind, entries);
    pthread_mutex_unlock(&adding);
    return status;
}

/* ---- names ------------------------------------------------------------------------------- */

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

/* Whether plugins can bring components of this kind. */
static bool is_open(const leray_registry *r)
{
    static const int kind[] = {LERAY_KIND_OF_SOLVER, LERAY_KIND_OF_MODEL, LERAY_KIND_OF_LOSS,
                               LERAY_KIND_OF_DATASET, LERAY_KIND_OF_SAMPLER};

    for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++)
        if (r == &kinds[kind[i]]) return true;
    return false;
}

/* The error shows the names of as many as a message holds. */
static leray_status unknown(const leray_registry *r, const char *name, const char *where)
{
    enum { SHOWN = 128 };
    char known[SHOWN][64], all[SHOWN * 66] = "";
    const char *names[SHOWN], *near;
    size_t used = 0;
    int n = 0;

    for (const leray_registry_entry *e = NULL; n < SHOWN && (e = leray_registry_next(r, e)); n++) {
        leray_registry_name(e, known[n]);
        names[n] = known[n];
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%.63s", n ? ", " : "", known[n]);
    }
    near = leray_nearest_name(name, n, names);
    LERAY_FAIL(LERAY_ERR_NOT_FOUND, "no %s named '%s'%s; there are: %s%s%s%s%s", r->kind, name,
               where, all, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
               is_open(r) && !near ? ", or name the plugin that has it: --plugin FILE" : "");
}

leray_status leray_registry_find(const leray_registry *r, const char *name, const char *where,
                                 const leray_registry_entry **out)
{
    const leray_registry_entry *entry = find(r, name);

    if (!entry) return unknown(r, name, where);
    *out = entry;
    LERAY_CHECK(entry->type, LERAY_ERR_UNSUPPORTED, "%s '%s'%s: %s", r->kind, name, where,
                entry->remedy);
    return LERAY_OK;
}
