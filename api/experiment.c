/* api/experiment.c - see api/experiment.h. */
#include "api/experiment.h"

#include "core/mem.h"

#include <stdio.h>
#include <string.h>

static const leray_key run_rows[] = {
    LERAY_KEY_TEXT(leray_run_settings, name, "name", "run",
                   "name of the experiment; output goes to runs/<name> unless -o names a folder"),
    LERAY_KEY_INT(leray_run_settings, seed, "seed", "0", 0, 9007199254740992.0, "1",
                  "seed of all random numbers"),
    LERAY_KEY_INT(
        leray_run_settings, threads, "threads", "0", 0, 1024, "1",
        "threads that compute; 0: OMP_NUM_THREADS, or one for each core that the process may use"),
    LERAY_KEY_REAL(leray_run_settings, elapsed, "elapsed", "0", 0, 1e9, "s",
                   "wall time after which leray solve saves its state and ends; the same command "
                   "continues; 0: no limit"),
    LERAY_KEY_TEXTS(
        leray_run_settings, plugins, "plugins", "[]",
        "shared objects with components of your own, loaded before the rest of the deck is read"),
};
const leray_keys leray_run_keys = {run_rows, (int)(sizeof run_rows / sizeof run_rows[0])};

static const leray_key validation_rows[] = {
    LERAY_KEY_INT(leray_validation_settings, simulations, "simulations", "16", 1, 1e6, "1",
                  "held-out simulations, with parameters and initial fields of their own"),
    LERAY_KEY_INT(leray_validation_settings, rollout, "rollout", "20", 1, 1e5, "frames",
                  "steps of a roll-out"),
};
const leray_keys leray_validation_keys = {
    validation_rows, (int)(sizeof validation_rows / sizeof validation_rows[0])};

static const leray_key history_rows[] = {
    LERAY_KEY_INT(leray_history_settings, history, "history", "1", 1, 64, "frames",
                  "input frames of a sample"),
};
const leray_keys leray_history_keys = {history_rows, 1};

static leray_status find_type(const leray_config *cfg, int kind, const char *section,
                              const void **out, char name[64])
{
    const leray_registry *r = leray_registry_of(kind);
    const leray_registry_entry *entry;
    leray_key key = {.name = r->key, .kind = LERAY_KIND_TEXT};
    char text[LERAY_TEXT_MAX];

    LERAY_TRY(leray_config_read(cfg, section, (leray_keys){&key, 1}, text));
    LERAY_TRY(leray_registry_find(r, text, "", &entry));
    if (name) leray_registry_name(entry, name);
    *out = entry->type;
    return LERAY_OK;
}

static leray_status fill_list(const leray_experiment *e, int kind, const char *path, int n,
                              char **names, leray_component **out)
{
    size_t before = strlen(path) + 1, bytes = ((size_t)n + 1) * sizeof **out;
    char *block, *text;

    for (int i = 0; i < n; i++) bytes += before + strlen(names[i]) + 1;
    LERAY_TRY(LERAY_ALLOC(&block, bytes));
    *out = (leray_component *)(void *)block;
    text = block + ((size_t)n + 1) * sizeof **out;
    for (int i = 0; i < n; i++) {
        leray_component *c = &(*out)[i];

        text += sprintf(text, "%s.%s", path, names[i]) + 1;
        c->section = text - before - strlen(names[i]) - 1;
        c->name = c->section + before;
        LERAY_TRY(find_type(e->cfg, kind, c->section, &c->type, NULL));
    }
    return LERAY_OK;
}

leray_status leray_experiment_list(const leray_experiment *e, int kind, const char *path, int *n,
                                   leray_component **out)
{
    char **names;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_config_names(e->cfg, path, n, &names));
    status = fill_list(e, kind, path, *n, names, out);
    leray_mem_free(names);
    if (!status) return LERAY_OK;
    leray_mem_free(*out);
    *out = NULL;
    return leray_error_trace(status, __FILE__, __LINE__);
}

static leray_status read_flow(leray_experiment *e)
{
    leray_history_settings history;

    for (int kind = LERAY_KIND_OF_SOLVER; kind <= LERAY_KIND_OF_RESERVOIR; kind++)
        LERAY_TRY(find_type(e->cfg, kind, leray_registry_of(kind)->section, &e->type[kind], NULL));
    LERAY_TRY(leray_config_read(e->cfg, "reservoir", leray_history_keys, &history));
    e->history = (int)history.history;
    return leray_config_read(e->cfg, "validation", leray_validation_keys, &e->validation);
}

leray_status leray_experiment_init(const leray_config *cfg, leray_experiment *e)
{
    memset(e, 0, sizeof *e);
    e->cfg = cfg;
    e->has_data = leray_config_has(cfg, "data");
    e->has_solver = leray_config_has(cfg, "solver") || !e->has_data;
    LERAY_TRY(leray_config_read(cfg, "", leray_run_keys, &e->run));
    LERAY_TRY(leray_config_read(cfg, "task", leray_task_keys, &e->task));
    LERAY_TRY(leray_config_read(cfg, "train", leray_train_keys, &e->train));
    for (int kind = LERAY_KIND_OF_MODEL; kind < LERAY_N_KINDS; kind++)
        LERAY_TRY(find_type(cfg, kind, leray_registry_of(kind)->section, &e->type[kind],
                            kind == LERAY_KIND_OF_MODEL ? e->model_name : NULL));
    if (e->has_solver) LERAY_TRY(read_flow(e));
    if (!e->has_data) return LERAY_OK;
    return find_type(cfg, LERAY_KIND_OF_DATASET, "data", &e->type[LERAY_KIND_OF_DATASET], NULL);
}

leray_status leray_experiment_init_model(const leray_config *cfg, leray_experiment *e)
{
    memset(e, 0, sizeof *e);
    e->cfg = cfg;
    LERAY_TRY(leray_config_read(cfg, "", leray_run_keys, &e->run));
    LERAY_TRY(leray_config_read(cfg, "task", leray_task_keys, &e->task));
    return find_type(cfg, LERAY_KIND_OF_MODEL, "model", &e->type[LERAY_KIND_OF_MODEL],
                     e->model_name);
}

uint64_t leray_experiment_validation_seed(const leray_experiment *e)
{
    return (uint64_t)e->run.seed ^ 0x9E3779B97F4A7C15u;
}
