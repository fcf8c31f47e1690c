/* solvers/run/prepare.c - a run up to its first step: settings, solver, outputs; from the beginning, from
   another run's state, or from where the run of the folder is. See solvers/run/run.h. */
#include "solvers/run/run_impl.h"

#include "core/fft.h"
#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const leray_key state_rows[] = {
    LERAY_KEY_REAL(leray_state_settings, every, "every", "0", 0, 1e12, "time",
                   "simulated time between states from which a run can go on; 0: none"),
    LERAY_KEY_REAL(leray_state_settings, minutes, "minutes", "10", 0, 1e6, "min",
                   "wall time between states; 0: none"),
};
const leray_keys leray_state_keys = {state_rows, 2};

static const leray_key statistics_rows[] = {
    LERAY_KEY_REAL(leray_statistics_settings, every, "every", "0", 0, 1e12, "time",
                   "time between rows of statistics.csv; 0: with each frame"),
};
const leray_keys leray_statistics_keys = {statistics_rows, 1};

static const char *const times[] = {"keep", "zero", NULL};

static const leray_key restart_rows[] = {
    LERAY_KEY_TEXT(leray_restart_settings, path, "path", "\"\"",
                   "state.h5 of another run from which to begin; solver and box must be the same, "
                   "the number of points and other keys may differ"),
    LERAY_KEY_CHOICE(leray_restart_settings, time, "time", "keep", times,
                     "begin at the time of the state, or at 0"),
};
const leray_keys leray_restart_keys = {restart_rows, 2};

bool leray_run_first(const leray_run *r) { return leray_comm_rank(r->plan->comm) == 0; }

double leray_run_end(const leray_run *r)
{
    const leray_due *s = &r->frames.when;

    return s->first + (double)(s->count - 1) * s->every;
}

/* ---- the deck --------------------------------------------------------------------------- */

/* What of a deck decides the flow and its outputs: the rest may differ from one attempt of a run to the next. */
static bool begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

static bool matters(const char *path)
{
    if (begins(path, "output.state.")) return false;
    return strcmp(path, "seed") == 0 || begins(path, "solver.") || begins(path, "output.") ||
           begins(path, "restart.") || strcmp(path, "ensemble.warmup") == 0 ||
           strcmp(path, "ensemble.interval") == 0 || strcmp(path, "ensemble.frames") == 0;
}

/* The lines "path: value" of the resolved deck that decide the flow and the outputs. */
static leray_status deck_of(const leray_config *cfg, char **out)
{
    char *text;
    leray_status status;

    LERAY_TRY(leray_config_text(cfg, 0, &text));
    status = leray_config_part(text, matters, out);
    leray_mem_free(text);
    return status;
}

/* Errors: CONFIG with the first line that differs. */
static leray_status compare_decks(const char *folder, const char *then, const char *now)
{
    int a, b;

    LERAY_CHECK(!leray_config_differ(&then, &now, &a, &b), LERAY_ERR_CONFIG,
                "%s holds a run of another deck: '%.*s' there, '%.*s' now; give another folder "
                "with -o (and restart.path=%s/state.h5 to begin from where that one is), or "
                "--fresh to start over",
                folder, a, then, b, now, folder);
    return LERAY_OK;
}

/* ---- making ------------------------------------------------------------------------------ */

static leray_status add_diagnostic(leray_run *r, const leray_diagnostic_type *type)
{
    char section[LERAY_TEXT_MAX];
    leray_diagnostic *diagnostic;
    leray_output_table *t = &r->table[r->n_tables];
    leray_key every = {.name = "every", .kind = LERAY_KIND_REAL};
    double value;

    snprintf(section, sizeof section, "output.%s", type->name);
    LERAY_TRY(leray_config_read(r->plan->ensemble->cfg, section, (leray_keys){&every, 1}, &value));
    if (!(value > 0)) return LERAY_OK;
    LERAY_TRY(
        leray_diagnostic_create(type, r->solver, r->plan->ensemble->cfg, section, &diagnostic));
    *t = (leray_output_table){.name = type->name, .diagnostic = diagnostic};
    t->when.every = value;
    r->n_tables++;
    return LERAY_OK;
}

static leray_status make_outputs(leray_run *r)
{
    const leray_ensemble *e = r->plan->ensemble;
    leray_statistics_settings statistics;

    LERAY_TRY(leray_config_read(e->cfg, "output.state", leray_state_keys, &r->state_settings));
    LERAY_TRY(leray_config_read(e->cfg, "output.statistics", leray_statistics_keys, &statistics));
    r->frames.when = (leray_due){.first = e->settings.warmup,
                                 .every = e->settings.interval,
                                 .count = (long)e->settings.frames};
    r->states.every = r->state_settings.every;
    r->table[0] = (leray_output_table){.name = "statistics"};
    r->table[0].when = r->frames.when;
    if (statistics.every > 0) r->table[0].when = (leray_due){.every = statistics.every};
    r->n_tables = 1;
    LERAY_CHECK(r->plan->n_diagnostics <= LERAY_RUN_DIAGNOSTICS, LERAY_ERR_INTERNAL,
                "more than %d kinds of diagnostics", LERAY_RUN_DIAGNOSTICS);
    for (int i = 0; i < r->plan->n_diagnostics; i++)
        LERAY_TRY(add_diagnostic(r, r->plan->diagnostic[i]));
    return LERAY_OK;
}

static leray_status make_solver(leray_run *r)
{
    const leray_ensemble *e = r->plan->ensemble;

    return leray_comm_agree(
        r->plan->comm,
        leray_solver_create_type_on(r->plan->comm, e->solver, e->cfg, "solver", &r->solver));
}

/* With the plans of transforms that the folder keeps, so that a run that goes on elsewhere has the
   same bits; else with the machine's, which it then keeps. */
static leray_status make_planned(leray_run *r)
{
    char path[LERAY_PATH_MAX];
    int known;

    if (!r->plan->folder) return make_solver(r);
    LERAY_TRY(leray_path_join(r->plan->folder, "fftw.wisdom", path));
    known = !r->plan->fresh && leray_file_exists(path);
    if (known) LERAY_TRY(leray_fft_use_wisdom(path));
    LERAY_TRY(make_solver(r));
    return known ? LERAY_OK : ON_FIRST(r, leray_fft_keep_wisdom(path));
}

leray_status leray_run_make(leray_run *r)
{
    const leray_ensemble *e = r->plan->ensemble;

    LERAY_TRY(leray_config_read(e->cfg, "restart", leray_restart_keys, &r->restart));
    LERAY_TRY(make_planned(r));
    LERAY_TRY(deck_of(e->cfg, &r->deck));
    r->saves = leray_state_possible(r->solver);
    r->saved_time = NAN;
    return leray_comm_agree(r->plan->comm, make_outputs(r));
}

/* ---- beginning, and going on ------------------------------------------------------------- */

static void skip_all(leray_run *r, double time, bool past)
{
    leray_due_skip(&r->frames.when, time, past);
    if (r->frames.when.next > r->frames.when.count) r->frames.when.next = r->frames.when.count;
    leray_due_skip(&r->states, time, past);
    for (int i = 0; i < r->n_tables; i++) leray_due_skip(&r->table[i].when, time, past);
}

static leray_status begin_from_state(leray_run *r)
{
    leray_state *state;
    leray_status status;

    status = leray_state_open(r->restart.path, &state);
    if (!status) status = leray_state_restore(state, r->solver, false);
    leray_state_close(&state);
    LERAY_TRY(status);
    if (r->restart.time == LERAY_RESTART_ZERO)
        r->solver->time = r->solver->dt = 0, r->solver->steps = 0;
    leray_info("begins from %s: time %.9g", r->restart.path, r->solver->time);
    LERAY_CHECK(r->solver->time < leray_run_end(r), LERAY_ERR_CONFIG,
                "restart: %s is at time %.9g, and the last frame of this deck at %.9g; take more "
                "ensemble.frames, or restart.time=zero",
                r->restart.path, r->solver->time, leray_run_end(r));
    return LERAY_OK;
}

static leray_status clear_folder(leray_run *r)
{
    /* What leray_run_simulation and its callers leave beside frames, tables and states. */
    static const char *const rest[] = {"result.json", "statistics.h5", "fields.png",
                                       "fields.gp",   "fields.f32",    NULL};
    const char *folder = r->plan->folder;

    LERAY_TRY(leray_files_remove(folder, rest));
    LERAY_TRY(leray_state_clear(folder));
    LERAY_TRY(leray_frames_remove(folder));
    for (int i = 0; i < r->plan->n_diagnostics; i++) {
        leray_output_table any = {.name = r->plan->diagnostic[i]->name};

        LERAY_TRY(leray_output_table_remove(&any, folder));
    }
    return leray_output_table_remove(&r->table[0], folder);
}

static leray_status begin(leray_run *r)
{
    leray_status status;

    r->solver->seed = r->plan->ensemble->seed;
    status = r->restart.path[0] ? begin_from_state(r)
                                : leray_solver_start(r->solver, r->plan->ensemble->seed, 0);
    LERAY_TRY(leray_comm_agree(r->plan->comm, status));
    r->began = r->solver->time;
    skip_all(r, r->began, false);
    r->frames.skipped = (int)r->frames.when.next;
    r->frames.total = (int)(r->frames.when.count - r->frames.when.next);
    LERAY_TRY(ON_FIRST(r, clear_folder(r)));
    return leray_frames_create(&r->frames, r->solver, r->plan);
}

static leray_status cut_outputs(leray_run *r)
{
    LERAY_TRY(leray_frames_cut(&r->frames, r->plan->folder));
    for (int i = 0; i < r->n_tables; i++)
        LERAY_TRY(leray_output_table_trim(&r->table[i], r->plan->folder, r->solver->time));
    return LERAY_OK;
}

static leray_status restore(leray_run *r, leray_state *state)
{
    LERAY_TRY(compare_decks(r->plan->folder, leray_state_deck(state), r->deck));
    return leray_state_restore(state, r->solver, true);
}

static leray_status go_on(leray_run *r, leray_state *state)
{
    LERAY_TRY(leray_comm_agree(r->plan->comm, restore(r, state)));
    r->out->resumed = true;
    r->began = leray_state_get_head(state)->began;
    skip_all(r, r->began, false);
    r->frames.skipped = (int)r->frames.when.next;
    r->frames.total = (int)(r->frames.when.count - r->frames.when.next);
    skip_all(r, r->solver->time, true);
    r->saved_time = r->solver->time, r->saved_steps = r->solver->steps;
    if (r->frames.when.next >= r->frames.when.count)
        leray_info("the run is complete; --fresh starts over");
    else
        leray_info("going on from time %.9g of %.9g, step %ld", r->solver->time, leray_run_end(r),
                   r->solver->steps);
    return ON_FIRST(r, cut_outputs(r));
}

static leray_status write_deck(const leray_run *r)
{
    char path[LERAY_PATH_MAX], *text;
    leray_status status;

    LERAY_TRY(leray_path_join(r->plan->folder, "config.yaml", path));
    LERAY_TRY(leray_config_text(r->plan->ensemble->cfg, 0, &text));
    status = leray_file_write(path, text, strlen(text));
    leray_mem_free(text);
    return status;
}

leray_status leray_run_prepare(leray_run *r)
{
    leray_state *state = NULL;
    leray_status status = ON_FIRST(r, leray_dir_tidy(r->plan->folder));

    if (!status && !r->plan->fresh && r->saves)
        status = leray_state_find(r->plan->comm, r->plan->folder, &state);
    if (!status) status = state ? go_on(r, state) : begin(r);
    leray_state_close(&state);
    return status ? status : ON_FIRST(r, write_deck(r));
}
