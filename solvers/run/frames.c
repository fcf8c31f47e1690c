/* solvers/run/frames.c - the frames of a run; see solvers/run/run_impl.h. They grow in
   fields.partial.h5, which gets its final name when the last one is there. */
#include "solvers/run/run_impl.h"

#include "data/formats/well/well.h"
#include "data/formats/xdmf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PARTIAL "fields.partial.h5"
#define FINAL "fields.h5"

static leray_status describe(const leray_frames_output *f, leray_solver *solver,
                             const leray_run_plan *plan, leray_well_constant *constant,
                             leray_well_description *d)
{
    leray_keys keys = solver->type->keys;

    *d = (leray_well_description){.dataset_name = plan->name,
                                  .n_trajectories = 1,
                                  .n_steps = f->total,
                                  .constants = constant,
                                  .provenance = plan->provenance};
    for (int k = 0; k < keys.count; k++) {
        if (!keys.row[k].parameter) continue;
        constant[d->n_constants] = (leray_well_constant){keys.row[k].name, keys.row[k].unit, 0};
        LERAY_TRY(leray_solver_get_parameter(solver, keys.row[k].name,
                                             &constant[d->n_constants++].value));
    }
    return LERAY_OK;
}

static leray_status create(const leray_frames_output *f, leray_solver *solver,
                           const leray_run_plan *plan, const leray_frame *example)
{
    char path[LERAY_PATH_MAX];
    leray_well_description d;
    leray_well_constant *constant;
    double *times = NULL;
    leray_status status;

    LERAY_TRY(leray_path_join(plan->folder, PARTIAL, path));
    LERAY_TRY(LERAY_ALLOC(&constant, (size_t)solver->type->keys.count + 1));
    status = LERAY_ALLOC(&times, (size_t)f->total);
    for (int k = 0; k < f->total && !status; k++)
        times[k] = f->when.first + (double)(k + f->skipped) * f->when.every;
    if (!status) status = describe(f, solver, plan, constant, &d);
    if (!status) status = leray_well_series_create(path, &d, times, example);
    leray_mem_free(times);
    leray_mem_free(constant);
    return status;
}

leray_status leray_frames_create(const leray_frames_output *f, leray_solver *solver,
                                 const leray_run_plan *plan)
{
    leray_frame frame;
    leray_status status = LERAY_OK;

    leray_solver_frame(solver, &frame);
    if (leray_comm_rank(plan->comm) == 0) status = create(f, solver, plan, &frame);
    return leray_comm_agree(plan->comm, status);
}

leray_status leray_frames_take(const leray_frames_output *f, leray_solver *solver,
                               const leray_run_plan *plan)
{
    char path[LERAY_PATH_MAX];
    leray_frame frame;

    LERAY_TRY(leray_path_join(plan->folder, PARTIAL, path));
    leray_solver_frame(solver, &frame);
    return leray_well_series_write(path, plan->comm, (int)f->when.next - f->skipped, &frame);
}

leray_status leray_frames_cut(const leray_frames_output *f, const char *folder)
{
    char path[LERAY_PATH_MAX], final[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(folder, PARTIAL, path));
    LERAY_TRY(leray_path_join(folder, FINAL, final));
    if (f->when.next >= f->when.count && leray_file_exists(final)) return LERAY_OK;
    /* Of a run that was complete, but whose last state is lost. */
    if (!leray_file_exists(path) && leray_file_exists(final))
        LERAY_CHECK(rename(final, path) == 0, LERAY_ERR_IO, "cannot rename %s: %s", final,
                    strerror(errno));
    LERAY_CHECK(leray_file_exists(path), LERAY_ERR_DATA,
                "%s is missing, so this run cannot go on; start over with --fresh", path);
    return leray_well_series_set_valid(path, (int)f->when.next - f->skipped);
}

leray_status leray_frames_sync(const char *folder)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(folder, PARTIAL, path));
    return leray_file_exists(path) ? leray_file_sync(path) : LERAY_OK;
}

leray_status leray_frames_pause(const leray_frames_output *f, const char *folder)
{
    char path[LERAY_PATH_MAX];

    if (f->when.next <= f->skipped) return LERAY_OK; /* none yet */
    LERAY_TRY(leray_path_join(folder, PARTIAL, path));
    return leray_file_exists(path) ? leray_xdmf_write(path) : LERAY_OK;
}

leray_status leray_frames_finish(const char *folder)
{
    char from[LERAY_PATH_MAX], to[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(folder, PARTIAL, from));
    LERAY_TRY(leray_path_join(folder, FINAL, to));
    LERAY_TRY(leray_frames_sync(folder));
    LERAY_CHECK(rename(from, to) == 0 || errno == ENOENT, LERAY_ERR_IO, "cannot rename %s: %s",
                from, strerror(errno));
    LERAY_TRY(leray_dir_sync(folder));
    LERAY_TRY(leray_files_remove(folder, (const char *const[]){"fields.partial.xdmf", NULL}));
    return leray_xdmf_write(to);
}

leray_status leray_frames_remove(const char *folder)
{
    static const char *const names[] = {PARTIAL, FINAL, "fields.partial.xdmf", "fields.xdmf", NULL};

    return leray_files_remove(folder, names);
}
