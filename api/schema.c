/* api/schema.c - which sections a deck may have, given the components that it names.

   A deck with neither a solver nor data is taken to mean a solver, so that a misspelled section
   is told the right name. */
#include "api/experiment.h"
#include "core/mem.h"
#include "solvers/run/run.h"

#include <stdio.h>
#include <string.h>

typedef struct schema {
    const leray_config *cfg;
    int count, room;
    leray_section *section; /* [room] */
    char **name;            /* [room] theirs; owned */
    leray_key type_key[LERAY_N_KINDS];
} schema;

static leray_status grow(schema *s)
{
    size_t old = (size_t)s->room, room = old > 0 ? 2 * old : 64;

    if (s->count < s->room) return LERAY_OK;
    LERAY_TRY(leray_mem_grow(&s->section, old, room, sizeof *s->section));
    LERAY_TRY(leray_mem_grow(&s->name, old, room, sizeof *s->name));
    s->room = (int)room;
    return LERAY_OK;
}

static leray_status add(schema *s, const char *name, leray_keys keys, const char *inherit)
{
    LERAY_TRY(grow(s));
    LERAY_TRY(leray_mem_text(name, &s->name[s->count]));
    s->section[s->count] = (leray_section){s->name[s->count], keys, inherit};
    s->count++;
    return LERAY_OK;
}

/* The key that names the component, the keys of its kind and its own. */
static leray_status add_component(schema *s, int kind, const char *section, const char *inherit)
{
    const leray_registry *r = leray_registry_of(kind);
    const leray_registry_entry *entry;
    char path[LERAY_TEXT_MAX], name[LERAY_TEXT_MAX], fallback[LERAY_TEXT_MAX];
    leray_key *key = &s->type_key[kind];

    *key = (leray_key){.name = r->key,
                       .kind = LERAY_KIND_TEXT,
                       .fallback = r->fallback,
                       .unit = "",
                       .help = r->help};
    snprintf(fallback, sizeof fallback, "%s", r->fallback);
    if (inherit) {
        snprintf(path, sizeof path, "%s.%s", inherit, r->key);
        LERAY_TRY(leray_config_peek(s->cfg, path, r->fallback, fallback));
    }
    snprintf(path, sizeof path, "%s.%s", section, r->key);
    LERAY_TRY(leray_config_peek(s->cfg, path, fallback, name));
    LERAY_TRY(leray_registry_find(r, name, leray_config_where(s->cfg, section, r->key), &entry));
    LERAY_TRY(add(s, section, (leray_keys){key, 1}, inherit));
    if (r->common) LERAY_TRY(add(s, section, *r->common, inherit));
    return add(s, section, leray_registry_keys(r, entry), inherit);
}

static leray_status solver_of(const leray_config *cfg, const leray_solver_type **out)
{
    const leray_registry *r = leray_registry_of(LERAY_KIND_OF_SOLVER);
    const leray_registry_entry *entry;
    char name[LERAY_TEXT_MAX];

    LERAY_TRY(leray_config_peek(cfg, "solver.type", r->fallback, name));
    LERAY_TRY(leray_registry_find(r, name, leray_config_where(cfg, "solver", "type"), &entry));
    *out = entry->type;
    return LERAY_OK;
}

static leray_status add_ranges(schema *s)
{
    const leray_solver_type *solver = NULL;

    LERAY_TRY(solver_of(s->cfg, &solver));
    for (int k = 0; k < solver->keys.count; k++) {
        char section[LERAY_TEXT_MAX];

        if (!solver->keys.row[k].parameter) continue;
        snprintf(section, sizeof section, "parameters.%s", solver->keys.row[k].name);
        if (leray_config_has(s->cfg, section)) LERAY_TRY(add(s, section, leray_range_keys, NULL));
    }
    return LERAY_OK;
}

static leray_status add_outputs(schema *s)
{
    const leray_registry *r = leray_registry_of(LERAY_KIND_OF_DIAGNOSTIC);
    char section[96];

    LERAY_TRY(add(s, "output.state", leray_state_keys, NULL));
    LERAY_TRY(add(s, "output.statistics", leray_statistics_keys, NULL));
    for (const leray_registry_entry *entry = NULL; (entry = leray_registry_next(r, entry));) {
        leray_registry_section(r, entry, section);
        LERAY_TRY(add(s, section, leray_registry_keys(r, entry), NULL));
    }
    return add(s, "restart", leray_restart_keys, NULL);
}

static leray_status add_flow(schema *s)
{
    LERAY_TRY(add_component(s, LERAY_KIND_OF_SOLVER, "solver", NULL));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_SAMPLER, "parameters", NULL));
    LERAY_TRY(add_ranges(s));
    LERAY_TRY(add(s, "ensemble", leray_ensemble_keys, NULL));
    LERAY_TRY(add_outputs(s));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_RESERVOIR, "reservoir", NULL));
    LERAY_TRY(add(s, "reservoir", leray_history_keys, NULL));
    return add(s, "validation", leray_validation_keys, NULL);
}

/* The sections below `path`, each a component of one kind. */
static leray_status add_all(schema *s, int kind, const char *path, const char *inherit)
{
    leray_status status = LERAY_OK;
    char **names, section[LERAY_TEXT_MAX];
    int n;

    LERAY_TRY(leray_config_names(s->cfg, path, &n, &names));
    if (n == 0 && leray_config_has(s->cfg, path)) {
        leray_mem_free(names);
        LERAY_FAIL(LERAY_ERR_CONFIG,
                   "'%s' holds sections with names of your own: write '%s: {NAME: {..}}'%s", path,
                   strrchr(path, '.') ? strrchr(path, '.') + 1 : path,
                   leray_config_where(s->cfg, "", path));
    }
    for (int i = 0; i < n && !status; i++) {
        snprintf(section, sizeof section, "%s.%s", path, names[i]);
        status = add_component(s, kind, section, inherit);
    }
    leray_mem_free(names);
    return status;
}

static leray_status build_model(schema *s)
{
    LERAY_TRY(add(s, "", leray_run_keys, NULL));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_MODEL, "model", NULL));
    return add(s, "task", leray_task_keys, NULL);
}

static leray_status build(schema *s)
{
    bool data = leray_config_has(s->cfg, "data"), solver = leray_config_has(s->cfg, "solver");

    LERAY_TRY(add(s, "", leray_run_keys, NULL));
    if (solver || !data) LERAY_TRY(add_flow(s));
    if (data) LERAY_TRY(add_component(s, LERAY_KIND_OF_DATASET, "data", NULL));
    if (data) LERAY_TRY(add_all(s, LERAY_KIND_OF_DATASET, "tests", "data"));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_MODEL, "model", NULL));
    LERAY_TRY(add(s, "task", leray_task_keys, NULL));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_LOSS, "loss", NULL));
    LERAY_TRY(add_all(s, LERAY_KIND_OF_LOSS, "loss.plus", NULL));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_OPTIMIZER, "optimizer", NULL));
    LERAY_TRY(add_component(s, LERAY_KIND_OF_SCHEDULE, "schedule", NULL));
    return add(s, "train", leray_train_keys, NULL);
}

static leray_status resolve(leray_config *cfg, leray_status (*sections)(schema *))
{
    schema *s;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&s, 1));
    s->cfg = cfg;
    status = sections(s);
    if (!status) status = leray_config_resolve(cfg, s->count, s->section);
    for (int i = 0; i < s->room; i++) leray_mem_free(s->name[i]);
    leray_mem_free(s->name);
    leray_mem_free(s->section);
    leray_mem_free(s);
    return status;
}

leray_status leray_schema_resolve(leray_config *cfg) { return resolve(cfg, build); }

leray_status leray_schema_resolve_model(leray_config *cfg) { return resolve(cfg, build_model); }
