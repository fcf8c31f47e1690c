/* solvers/run/run.c - see solvers/run/run.h. A run is a loop over the times at which something is
   due: advance to the next one, take what is due there, the state last. So a state stands for all
   outputs up to its time, and what is due behind it follows from its time alone. */
#include "core/number.h"
#include "solvers/run/run_impl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the state --------------------------------------------------------------------------- */

static leray_status sync_outputs(leray_run *r)
{
    LERAY_TRY(leray_frames_sync(r->plan->folder));
    for (int i = 0; i < r->n_tables; i++)
        LERAY_TRY(leray_output_table_sync(&r->table[i], r->plan->folder));
    return LERAY_OK;
}

/* What the state stands for reaches the disk before it. */
static leray_status save(leray_run *r)
{
    if (!r->saves || (r->saved_time == r->solver->time && r->saved_steps == r->solver->steps))
        return LERAY_OK;
    LERAY_TRY(ON_FIRST(r, sync_outputs(r)));
    LERAY_TRY(
        leray_state_write(r->plan->folder, r->solver, r->began, r->deck, r->plan->provenance));
    r->saved_time = r->solver->time, r->saved_steps = r->solver->steps;
    r->saved_clock = leray_clock();
    return LERAY_OK;
}

/* ---- the loop ---------------------------------------------------------------------------- */

static double next_time(const leray_run *r)
{
    double next = fmin(leray_due_next(&r->frames.when), leray_due_next(&r->states));

    for (int i = 0; i < r->n_tables; i++) next = fmin(next, leray_due_next(&r->table[i].when));
    return next;
}

static bool complete(const leray_run *r) { return r->frames.when.next >= r->frames.when.count; }

static void show(leray_run *r)
{
    char detail[96];

    leray_print(detail, sizeof detail, "time %.4g  step %ld", r->solver->time, r->solver->steps);
    leray_progress_update(&r->progress, r->frames.when.next - r->frames.skipped, detail);
}

static leray_status take_due(leray_run *r)
{
    double time = r->solver->time;

    for (int i = 0; i < r->n_tables; i++) {
        leray_output_table *t = &r->table[i];

        if (!leray_due_reached(&t->when, time)) continue;
        LERAY_TRY(leray_output_table_take(t, r->solver, r->plan->folder));
        t->when.next++;
    }
    if (leray_due_reached(&r->frames.when, time)) {
        LERAY_TRY(leray_frames_take(&r->frames, r->solver, r->plan));
        r->frames.when.next++;
        show(r);
    }
    if (!leray_due_reached(&r->states, time)) return LERAY_OK;
    r->states.next++;
    return save(r);
}

/* Why to stop between two steps, or that a state is due by the clock; the same on all ranks. */
typedef struct wishes {
    double stop, over, save;
} wishes;

static leray_status ask(const leray_run *r, wishes *w)
{
    double now = leray_clock(), minutes = r->state_settings.minutes;

    w->stop = r->plan->stop && *r->plan->stop;
    w->over = r->plan->elapsed > 0 && now - r->clock >= r->plan->elapsed;
    w->save = minutes > 0 && now - r->saved_clock >= 60 * minutes;
    return leray_comm_max(r->plan->comm, &w->stop, 3);
}

static leray_status collect(leray_run *r)
{
    return leray_tables_collect(r->n_tables, r->table, r->plan->folder, r->plan->provenance);
}

static leray_status write_ends(leray_run *r)
{
    LERAY_TRY(leray_frames_pause(&r->frames, r->plan->folder));
    return collect(r);
}

/* Units of tables that this attempt took nothing of. */
static leray_status learn_units(leray_run *r)
{
    for (int i = 0; i < r->n_tables; i++)
        if (r->table[i].columns == 0)
            LERAY_TRY(leray_output_table_take(&r->table[i], r->solver, NULL));
    return LERAY_OK;
}

static leray_status stop(leray_run *r, const char *why)
{
    LERAY_CHECK(r->saves, LERAY_INTERRUPTED,
                "stopped by %s at time %.9g after %ld steps; solver %s cannot save its state, so a "
                "new run begins at time 0",
                why, r->solver->time, r->solver->steps, r->solver->type->name);
    LERAY_TRY(save(r));
    LERAY_TRY(learn_units(r));
    LERAY_TRY(ON_FIRST(r, write_ends(r)));
    LERAY_FAIL(LERAY_INTERRUPTED,
               "stopped by %s at time %.9g after %ld steps; the state is in %s/state.h5, and the "
               "same command goes on from it",
               why, r->solver->time, r->solver->steps, r->plan->folder);
}

static leray_status heed(leray_run *r)
{
    wishes w;

    LERAY_TRY(ask(r, &w));
    if (w.stop > 0) return stop(r, "a signal");
    if (w.over > 0) return stop(r, "the limit of elapsed");
    return w.save > 0 ? save(r) : LERAY_OK;
}

/* No scheme is stable at a fifth of this; what is saved must not be a flow that is lost already. */
#define CFL_LOST 20

static leray_status check_cfl(const leray_run *r)
{
    const leray_solver *s = r->solver;
    double cfl;

    if (!s->type->view) return LERAY_OK;
    cfl = leray_integrator_last_step(s->type->view(r->solver)->integrator)->cfl;
    LERAY_CHECK(
        !(cfl > CFL_LOST), LERAY_ERR_DIVERGED,
        "solver %s: CFL number %.3g at time %.9g, step %ld, with dt = %.6g: the flow is lost; "
        "take a smaller dt, or solver.cfl of about 1",
        s->type->name, cfl, s->time, s->steps, s->dt);
    return LERAY_OK;
}

static leray_status advance(leray_run *r)
{
    double to = fmin(next_time(r), leray_run_end(r));

    while (r->solver->time < to) {
        LERAY_TRY(leray_comm_agree(r->plan->comm, leray_solver_approach(r->solver, to)));
        LERAY_TRY(check_cfl(r));
        if (r->solver->time < to) LERAY_TRY(heed(r));
    }
    return LERAY_OK;
}

static leray_status loop(leray_run *r)
{
    if (!r->out->resumed) {
        LERAY_TRY(take_due(r));
        LERAY_TRY(save(r));
    }
    while (!complete(r)) {
        LERAY_TRY(advance(r));
        LERAY_TRY(take_due(r));
        if (!complete(r)) LERAY_TRY(heed(r));
    }
    return save(r);
}

/* ---- the end ----------------------------------------------------------------------------- */

static void copy_line(char to[1024])
{
    const char *message = leray_error_message();

    snprintf(to, 1024, "%.*s", (int)strcspn(message, "\n"), message);
}

/* The solver's words, and what there is to go back to. */
static leray_status diverged(leray_run *r)
{
    char why[1024], last[256] = "no state was saved";

    copy_line(why);
    if (r->saved_time == r->saved_time)
        leray_print(last, sizeof last, "the last good state is %.120s/state.h5, at time %.9g",
                    r->plan->folder, r->saved_time);
    if (leray_run_first(r) && write_ends(r)) leray_warn("%s", leray_error_message());
    LERAY_FAIL(LERAY_ERR_DIVERGED, "%s; %s", why, last);
}

static leray_status finish(leray_run *r)
{
    const leray_statistic *row;
    int n = leray_solver_statistics(r->solver, &row);

    LERAY_TRY(ON_FIRST(r, leray_frames_finish(r->plan->folder)));
    LERAY_TRY(learn_units(r));
    LERAY_TRY(ON_FIRST(r, collect(r)));
    r->out->frames = r->frames.total;
    r->out->steps = r->solver->steps, r->out->time = r->solver->time;
    LERAY_TRY(LERAY_ALLOC(&r->out->statistic, (size_t)n));
    r->out->n_statistics = n;
    memcpy(r->out->statistic, row, (size_t)n * sizeof *row);
    return LERAY_OK;
}

static leray_status simulate(leray_run *r)
{
    leray_status status;

    LERAY_TRY(leray_run_make(r));
    LERAY_TRY(leray_run_prepare(r));
    r->saved_clock = leray_clock();
    r->progress =
        leray_progress_begin("solve", r->frames.when.next - r->frames.skipped, r->frames.total);
    status = loop(r);
    leray_progress_end(&r->progress);
    if (status == LERAY_ERR_DIVERGED) return diverged(r);
    LERAY_TRY(status);
    return finish(r);
}

static void release(leray_run *r)
{
    for (int i = 0; i < r->n_tables; i++) leray_output_table_fini(&r->table[i]);
    leray_mem_free(r->deck);
    leray_solver_destroy(&r->solver);
    leray_mem_free(r);
}

leray_status leray_run_check(const leray_run_plan *plan)
{
    leray_run_plan nowhere = *plan;
    leray_run *r;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&r, 1));
    nowhere.folder = NULL;
    r->plan = &nowhere;
    status = leray_run_make(r);
    release(r);
    return status;
}

leray_status leray_run_simulation(const leray_run_plan *plan, leray_run_summary *out)
{
    leray_run *r;
    leray_status status;

    memset(out, 0, sizeof *out);
    LERAY_TRY(LERAY_ALLOC(&r, 1));
    r->plan = plan, r->out = out, r->clock = leray_clock();
    status = simulate(r);
    out->seconds = leray_clock() - r->clock;
    release(r);
    return status;
}
