/* api/experiment.h - a deck with its names turned into components and its own sections read.
   Private to api/. */
#ifndef LERAY_API_EXPERIMENT_H
#define LERAY_API_EXPERIMENT_H

#include "api/registry.h"
#include "data/dataset.h"
#include "solvers/ensemble.h"
#include "training/task.h"
#include "training/trainer.h"

typedef struct leray_run_settings {
    char name[LERAY_TEXT_MAX];
    int64_t seed, threads;
    double elapsed;
    leray_texts plugins;
} leray_run_settings;
extern const leray_keys leray_run_keys; /* the top of the deck */

typedef struct leray_validation_settings {
    int64_t simulations, rollout;
} leray_validation_settings;
extern const leray_keys leray_validation_keys; /* section "validation" */

typedef struct leray_history_settings {
    int64_t history;
} leray_history_settings;
extern const leray_keys leray_history_keys; /* in section "reservoir" */

typedef struct leray_experiment {
    const leray_config *cfg;
    leray_run_settings run;
    leray_task_settings task;
    leray_train_settings train;
    leray_validation_settings validation; /* these two only where there is a solver */
    int history;
    bool has_solver, has_data;
    const void *type[LERAY_N_KINDS]; /* leray_<kind>_type of the deck's choice */
    char model_name[64];
} leray_experiment;

/* A section of a list of them, with a name of the user's own, and what it chooses. */
typedef struct leray_component {
    const char *section; /* "tests.test32" */
    const char *name;    /* "test32" */
    const void *type;    /* leray_<kind>_type */
} leray_component;

/* `cfg` is resolved, and outlives the experiment. */
LERAY_NODISCARD leray_status leray_experiment_init(const leray_config *cfg, leray_experiment *out);

/* Of a deck that is resolved for a model only: name, task and the model's type. */
LERAY_NODISCARD leray_status leray_experiment_init_model(const leray_config *cfg,
                                                         leray_experiment *out);

/* The sections below `path` ("tests", "loss.plus"), each a component of `kind`, in their order: *out [n] is one
   block, to be freed with leray_mem_free; NULL on failure. */
LERAY_NODISCARD leray_status leray_experiment_list(const leray_experiment *e, int kind,
                                                   const char *path, int *n, leray_component **out);

/* Checks a parsed deck against the tables of everything that it names (api/schema.c). */
LERAY_NODISCARD leray_status leray_schema_resolve(leray_config *cfg);
/* Likewise a deck that may only have what makes a model: the top, sections model and task. */
LERAY_NODISCARD leray_status leray_schema_resolve_model(leray_config *cfg);

/* Seed of the held-out simulations: another ensemble, reproducible from the deck's seed. */
uint64_t leray_experiment_validation_seed(const leray_experiment *e);

#endif
