/* commands/reference_solver.c - the solver that made a file, from the deck that the file carries; see
   commands/reference.h. */
#include "commands/reference.h"
#include "core/frame.h"
#include "core/json.h"
#include "core/mem.h"
#include "solvers/solver.h"

#include <stdio.h>
#include <string.h>

/* The deck in the file's provenance; *deck stays NULL where it has none. */
static leray_status find_deck(const leray_reference *t, leray_json **json, const char **deck)
{
    const char *provenance = t->file->provenance;

    *deck = NULL;
    if (*provenance != '{') return LERAY_OK;
    LERAY_TRY(leray_json_parse(t->path, provenance, strlen(provenance), json));
    if (leray_json_has(*json, "config")) return leray_json_get_text(*json, "config", deck);
    return LERAY_OK;
}

static bool given(const leray_reference *t, const char *key)
{
    size_t n = strlen(key);

    for (int i = 0; i < t->n_overrides; i++) {
        const char *text = t->overrides[i] + sizeof "solver." - 1;

        if (strncmp(text, key, n) == 0 && text[n] == '=') return true;
    }
    return false;
}

static leray_status parse(const leray_reference *t, const char *text, leray_config **out)
{
    LERAY_TRY(leray_config_parse_text(t->path, text, out));
    if (leray_config_has(*out, "solver") || given(t, "type")) return LERAY_OK;
    leray_config_destroy(out);
    LERAY_FAIL(
        LERAY_ERR_DATA,
        "%s: solver parameters missing: the file does not say which solver made it; give "
        "solver.type=ns2d solver.nu=.. and whatever else differs from that solver's defaults",
        t->path);
}

static leray_status complete(const leray_reference *t, const int n[2], leray_config *cfg)
{
    for (int i = 0; i < t->n_overrides; i++) LERAY_TRY(leray_config_override(cfg, t->overrides[i]));
    LERAY_TRY(leray_config_put_ints(cfg, "solver.n", 2, n));
    if (leray_config_has(cfg, "solver.frame"))
        LERAY_TRY(leray_config_put_int(cfg, "solver.frame.n", 0)); /* frames on its own grid */
    return leray_schema_resolve(cfg);
}

static leray_status open_deck(leray_reference *t, const int n[2])
{
    leray_json *json = NULL;
    const char *deck;
    leray_status status = find_deck(t, &json, &deck);

    leray_config_destroy(&t->solver);
    t->has_deck = !status && deck;
    if (!status) status = parse(t, deck ? deck : "{}", &t->solver);
    if (!status) status = complete(t, n, t->solver);
    leray_json_destroy(&json);
    if (status) leray_config_destroy(&t->solver);
    return status;
}

leray_status leray_reference_solver(leray_reference *t, const int n[2], leray_solver **out)
{
    leray_experiment *e;
    leray_status status;

    *out = NULL;
    LERAY_TRY(open_deck(t, n));
    LERAY_TRY(LERAY_ALLOC(&e, 1));
    status = leray_experiment_init(t->solver, e);
    if (!status)
        status = leray_solver_create_type(e->type[LERAY_KIND_OF_SOLVER], t->solver, "solver", out);
    leray_mem_free(e);
    return status;
}

static bool is_parameter(const leray_solver *solver, const char *name)
{
    const leray_keys *keys = &solver->type->keys;

    for (int k = 0; k < keys->count; k++)
        if (keys->row[k].parameter && strcmp(keys->row[k].name, name) == 0) return true;
    return false;
}

leray_status leray_reference_set_parameters(const leray_reference *t, int i, leray_solver *solver)
{
    const leray_trajectories *file = t->file;

    for (int p = 0; p < file->n_parameters; p++) {
        const leray_trajectory_parameter *scalar = &file->parameter[p];

        if (t->has_deck && !scalar->varies) continue;
        if (!is_parameter(solver, scalar->name) || given(t, scalar->name)) continue;
        LERAY_TRY(leray_solver_set_parameter(solver, scalar->name,
                                             *leray_reference_scalar(t, i, scalar->name)));
    }
    return LERAY_OK;
}

leray_status leray_reference_start(leray_reference *t, const float *frame, double time,
                                   leray_solver *solver)
{
    leray_frame from = leray_reference_frame(t, t->values, time);

    for (size_t i = 0; i < t->size; i++) t->values[i] = frame[i];
    return leray_solver_start_from(solver, &from);
}

static leray_status take(const leray_frame *frame, float *out)
{
    const leray_frame_field *field = leray_frame_find(frame, "vorticity");
    size_t points = leray_frame_points(frame);

    LERAY_CHECK(field, LERAY_ERR_UNSUPPORTED, "the solver's frames have no field 'vorticity'");
    for (size_t i = 0; i < points; i++) out[i] = (float)field->values[i];
    return LERAY_OK;
}

leray_status leray_reference_advance(const leray_reference *t, int n, leray_solver *solver,
                                     float *out)
{
    double began = leray_solver_time(solver);

    for (int k = 1; k <= n; k++) {
        leray_frame frame;

        LERAY_TRY(leray_solver_advance(solver, began + k * t->interval));
        leray_solver_frame(solver, &frame);
        LERAY_TRY(take(&frame, out));
        out += leray_frame_points(&frame);
    }
    return LERAY_OK;
}
