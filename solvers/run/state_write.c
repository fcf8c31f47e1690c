/* solvers/run/state_write.c - see solvers/run/state.h. Rank 0 makes the file with the places of all
   values; then every rank writes its planes into them; then rank 0 gives the file its name. */
#include "solvers/run/state_impl.h"

#include "core/text.h"
#include "data/formats/well/h5.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the head ---------------------------------------------------------------------------- */

static const leray_spectral_view *view_of(leray_solver *solver)
{
    return solver->type->view ? solver->type->view(solver) : NULL;
}

bool leray_state_possible(leray_solver *solver)
{
    return view_of(solver) || solver->type->state_size;
}

leray_status leray_state_checksum_head(const leray_state_head *head, const char *solver,
                                       const char *deck, char out[LERAY_CHECKSUM_TEXT])
{
    leray_text all = {0};
    char *text;

    leray_text_add(&all, "%s %.17g %.17g %.17g %lld %lld %lld", solver, head->time, head->dt,
                   head->began, (long long)head->steps, (long long)head->seed,
                   (long long)head->simulation);
    for (int i = 0; i < head->ndim; i++)
        leray_text_add(&all, " %lld %.17g", (long long)head->n[i], head->length[i]);
    for (int i = 0; i < head->n_parameters; i++) leray_text_add(&all, " %.17g", head->parameter[i]);
    for (int i = 0; i < head->n_numbers; i++) leray_text_add(&all, " %.17g", head->number[i]);
    leray_text_add(&all, "\n%s", deck);
    LERAY_TRY(leray_text_finish(&all, &text));
    leray_checksum(text, strlen(text), out);
    leray_mem_free(text);
    return LERAY_OK;
}

static leray_status read_grid(leray_solver *solver, const leray_spectral_view *view,
                              leray_state_head *head)
{
    leray_frame frame;

    if (view) {
        const leray_box *box = leray_integrator_state(view->integrator)->box;

        head->ndim = box->ndim;
        for (int i = 0, a = 0; a < 3; a++) {
            if (box->ndim == 2 && a == LERAY_BOX_MIDDLE) continue;
            head->n[i] = box->n[a], head->length[i++] = box->length[a];
        }
        return LERAY_OK;
    }
    leray_solver_frame(solver, &frame);
    head->ndim = frame.grid->ndim;
    for (int i = 0; i < head->ndim; i++)
        head->n[i] = frame.grid->axis[i].n, head->length[i] = frame.grid->axis[i].length;
    return LERAY_OK;
}

static leray_status read_numbers(const leray_spectral_view *view, leray_state_head *head)
{
    const leray_integrator_last *last;
    size_t n = sizeof *last / sizeof(double);

    if (!view) return LERAY_OK;
    last = leray_integrator_last_step(view->integrator);
    LERAY_CHECK((size_t)view->numbers + n <= LERAY_STATE_NUMBERS, LERAY_ERR_INTERNAL,
                "a state with %d numbers, at most %d", view->numbers, LERAY_STATE_NUMBERS - (int)n);
    for (int i = 0; i < view->numbers; i++) head->number[i] = view->number[i];
    memcpy(head->number + view->numbers, last, sizeof *last);
    head->n_numbers = view->numbers + (int)n;
    return LERAY_OK;
}

static leray_status read_head(leray_solver *solver, const leray_spectral_view *view, double began,
                              leray_state_head *head)
{
    leray_keys keys = solver->type->keys;

    memset(head, 0, sizeof *head);
    head->time = solver->time, head->dt = solver->dt, head->began = began;
    head->steps = solver->steps, head->seed = (int64_t)solver->seed;
    head->simulation = solver->simulation;
    LERAY_TRY(read_grid(solver, view, head));
    for (int i = 0; i < keys.count; i++) {
        if (!keys.row[i].parameter) continue;
        LERAY_CHECK(head->n_parameters < LERAY_STATE_NUMBERS, LERAY_ERR_INTERNAL,
                    "a solver with more than %d parameters", LERAY_STATE_NUMBERS);
        LERAY_TRY(leray_solver_get_parameter(solver, keys.row[i].name,
                                             &head->parameter[head->n_parameters++]));
    }
    return read_numbers(view, head);
}

/* ---- the file without values ------------------------------------------------------------- */

static leray_status put_line(leray_h5 file, const char *name, int n, const double *x, leray_h5 *out)
{
    size_t extent = (size_t)n;

    LERAY_TRY(leray_h5_dataset_reserve(file, name, LERAY_H5_DOUBLE, 1, &extent, out));
    return leray_h5_write(*out, LERAY_H5_DOUBLE, 1, NULL, NULL, x);
}

static leray_status put_parameters(leray_h5 file, leray_solver *solver,
                                   const leray_state_head *head)
{
    const char *name[LERAY_STATE_NUMBERS];
    leray_keys keys = solver->type->keys;
    leray_h5 line = 0;
    leray_status status;
    int n = 0;

    if (head->n_parameters == 0) return LERAY_OK;
    for (int i = 0; i < keys.count; i++)
        if (keys.row[i].parameter) name[n++] = keys.row[i].name;
    status = put_line(file, "parameters", n, head->parameter, &line);
    if (!status) status = leray_h5_put_texts(line, "names", n, name);
    return leray_h5_end(&line, status);
}

static leray_status put_lines(leray_h5 file, const leray_state_head *head)
{
    double n[3] = {0};
    leray_h5 line = 0;
    leray_status status;

    for (int i = 0; i < head->ndim; i++) n[i] = (double)head->n[i];
    status = leray_h5_end(&line, put_line(file, "n", head->ndim, n, &line));
    if (!status)
        status = leray_h5_end(&line, put_line(file, "length", head->ndim, head->length, &line));
    if (!status && head->n_numbers > 0)
        status = put_line(file, "numbers", head->n_numbers, head->number, &line);
    return leray_h5_end(&line, status);
}

static leray_status put_attributes(leray_h5 file, leray_solver *solver,
                                   const leray_state_head *head, const char *deck,
                                   const char *provenance)
{
    char sum[LERAY_CHECKSUM_TEXT];

    LERAY_TRY(leray_state_checksum_head(head, solver->type->name, deck, sum));
    LERAY_TRY(leray_h5_put_text(file, "format", LERAY_STATE_FORMAT));
    LERAY_TRY(leray_h5_put_int(file, "version", LERAY_STATE_VERSION));
    LERAY_TRY(leray_h5_put_text(file, "solver", solver->type->name));
    LERAY_TRY(leray_h5_put_real(file, "time", head->time));
    LERAY_TRY(leray_h5_put_real(file, "dt", head->dt));
    LERAY_TRY(leray_h5_put_real(file, "began", head->began));
    LERAY_TRY(leray_h5_put_int(file, "steps", head->steps));
    LERAY_TRY(leray_h5_put_int(file, "seed", head->seed));
    LERAY_TRY(leray_h5_put_int(file, "simulation", head->simulation));
    LERAY_TRY(leray_h5_put_text(file, "deck", deck));
    LERAY_TRY(leray_h5_put_text(file, "provenance", provenance));
    return leray_h5_put_text(file, "checksum", sum);
}

static leray_status reserve_fields(leray_h5 file, const char *group,
                                   const leray_spectral_view *view, leray_h5_type type, int rank,
                                   const size_t *shape)
{
    int fields = leray_integrator_state(view->integrator)->fields;
    leray_h5 at, dataset = 0;
    leray_status status;

    LERAY_TRY(leray_h5_group_create(file, group, &at));
    status = leray_h5_put_texts(at, "fields", fields, view->field);
    for (int f = 0; f < fields && !status; f++) {
        status = leray_h5_dataset_reserve(at, view->field[f], type, rank, shape, &dataset);
        leray_h5_drop(&dataset);
    }
    leray_h5_drop(&at);
    return status;
}

static leray_status reserve_values(leray_h5 file, leray_solver *solver,
                                   const leray_spectral_view *view)
{
    size_t size = leray_solver_save_size(solver);
    leray_h5 dataset = 0;
    leray_status status;

    if (view) {
        const leray_box *box = leray_integrator_state(view->integrator)->box;
        size_t nx = (size_t)box->rows[LERAY_BOX_X];
        size_t modes[] = {nx, (size_t)box->rows[LERAY_BOX_MIDDLE],
                          (size_t)box->rows[LERAY_BOX_SLOW], 2};
        size_t sums[] = {nx, LERAY_CHECKSUM_TEXT - 1};

        LERAY_TRY(reserve_fields(file, "modes", view, LERAY_H5_DOUBLE, 4, modes));
        return reserve_fields(file, "checksums", view, LERAY_H5_BYTE, 2, sums);
    }
    status = leray_h5_dataset_reserve(file, "bytes", LERAY_H5_BYTE, 1, &size, &dataset);
    leray_h5_drop(&dataset);
    size = LERAY_CHECKSUM_TEXT - 1;
    if (!status)
        status =
            leray_h5_dataset_reserve(file, "bytes_checksum", LERAY_H5_BYTE, 1, &size, &dataset);
    leray_h5_drop(&dataset);
    return status;
}

static leray_status make_file(const char *path, leray_solver *solver, const leray_state_head *head,
                              const char *deck, const char *provenance)
{
    leray_h5 file = 0;
    leray_status status = leray_h5_create(path, &file);

    if (!status) status = put_attributes(file, solver, head, deck, provenance);
    if (!status) status = put_lines(file, head);
    if (!status) status = put_parameters(file, solver, head);
    if (!status) status = reserve_values(file, solver, view_of(solver));
    return leray_h5_end(&file, status);
}

/* ---- values ------------------------------------------------------------------------------ */

/* The plane of x wavenumber i: [rows_m, rows_s], modes that are not kept 0. */
static void gather(const leray_modes *modes, int field, int i, double complex *buffer,
                   double complex *plane)
{
    const leray_box *box = modes->box;
    int n = box->rows[LERAY_BOX_SLOW];

    for (int r = 0; r < box->rows[LERAY_BOX_MIDDLE]; r++, plane += n) {
        int column = leray_box_find(box, leray_box_wavenumber(box, LERAY_BOX_MIDDLE, r), i);
        const double complex *line;

        memset(plane, 0, (size_t)n * sizeof *plane);
        if (column < 0) continue;
        line = leray_modes_load(modes, field, column, buffer);
        for (int s = 0; s < n; s++) {
            int k = leray_box_wavenumber(box, LERAY_BOX_SLOW, s);

            if (k <= box->column_top[column] && -k <= box->column_top[column]) plane[s] = line[s];
        }
    }
}

static leray_status write_planes(leray_h5 values, leray_h5 sums, const leray_modes *modes,
                                 int field, double complex *buffer)
{
    const leray_box *box = modes->box;
    size_t rows_m = (size_t)box->rows[LERAY_BOX_MIDDLE], n = (size_t)box->rows[LERAY_BOX_SLOW];
    size_t extent[] = {1, rows_m, n, 2}, sum_extent[] = {1, LERAY_CHECKSUM_TEXT - 1};
    double complex *plane = buffer + box->pitch;
    char sum[LERAY_CHECKSUM_TEXT];

    for (int i = box->first_x; i < box->first_x + box->count_x; i++) {
        size_t start[] = {(size_t)i, 0, 0, 0};

        gather(modes, field, i, buffer, plane);
        leray_checksum(plane, rows_m * n * sizeof *plane, sum);
        LERAY_TRY(leray_h5_write(values, LERAY_H5_DOUBLE, 4, start, extent, plane));
        LERAY_TRY(leray_h5_write(sums, LERAY_H5_BYTE, 2, start, sum_extent, sum));
    }
    return LERAY_OK;
}

static leray_status write_field(leray_h5 file, const leray_spectral_view *view, int field,
                                double complex *buffer)
{
    char name[128];
    leray_h5 values = 0, sums = 0;
    leray_status status;

    snprintf(name, sizeof name, "modes/%s", view->field[field]);
    status = leray_h5_dataset_open(file, name, &values);
    snprintf(name, sizeof name, "checksums/%s", view->field[field]);
    if (!status) status = leray_h5_dataset_open(file, name, &sums);
    if (!status)
        status =
            write_planes(values, sums, leray_integrator_state(view->integrator), field, buffer);
    status = leray_h5_end(&sums, status);
    return leray_h5_end(&values, status);
}

static leray_status write_modes(leray_h5 file, const leray_spectral_view *view)
{
    const leray_modes *modes = leray_integrator_state(view->integrator);
    const leray_box *box = modes->box;
    size_t plane = (size_t)box->rows[LERAY_BOX_MIDDLE] * (size_t)box->rows[LERAY_BOX_SLOW];
    double complex *buffer;
    leray_status status = LERAY_ALLOC(&buffer, (size_t)box->pitch + plane);

    for (int f = 0; f < modes->fields && !status; f++) status = write_field(file, view, f, buffer);
    leray_mem_free(buffer);
    return status;
}

static leray_status write_whole(leray_h5 file, const char *name, const void *bytes)
{
    leray_h5 dataset;
    leray_status status;

    LERAY_TRY(leray_h5_dataset_open(file, name, &dataset));
    status = leray_h5_write(dataset, LERAY_H5_BYTE, 1, NULL, NULL, bytes);
    return leray_h5_end(&dataset, status);
}

static leray_status write_bytes(leray_h5 file, leray_solver *solver)
{
    size_t size = leray_solver_save_size(solver);
    char sum[LERAY_CHECKSUM_TEXT], *bytes;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&bytes, size));
    status = leray_solver_save(solver, bytes);
    if (!status) leray_checksum(bytes, size, sum);
    if (!status) status = write_whole(file, "bytes", bytes);
    if (!status) status = write_whole(file, "bytes_checksum", sum);
    leray_mem_free(bytes);
    return status;
}

static leray_status write_values(const char *path, leray_solver *solver)
{
    const leray_spectral_view *view = view_of(solver);
    leray_h5 file = 0;
    leray_status status =
        leray_comm_agree(solver->comm, leray_h5_open_on(solver->comm, path, &file));

    if (!status) status = view ? write_modes(file, view) : write_bytes(file, solver);
    return leray_h5_end(&file, status);
}

/* ---- the whole --------------------------------------------------------------------------- */

/* The one before keeps a name at every moment. */
static leray_status appear(const char *folder, leray_output *output)
{
    char previous[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(folder, LERAY_STATE_PREVIOUS, previous));
    LERAY_TRY(leray_file_sync(output->temp_path));
    LERAY_CHECK(rename(output->path, previous) == 0 || errno == ENOENT, LERAY_ERR_IO,
                "cannot rename %s: %s", output->path, strerror(errno));
    return leray_output_commit(output);
}

static leray_status begin(const char *folder, leray_solver *solver, const leray_state_head *head,
                          const char *deck, const char *provenance, leray_output *output)
{
    char path[LERAY_PATH_MAX];
    leray_status status;

    LERAY_TRY(leray_path_join(folder, LERAY_STATE_NAME, path));
    LERAY_TRY(leray_output_begin(path, output));
    leray_h5_lock();
    status = make_file(output->temp_path, solver, head, deck, provenance);
    leray_h5_unlock();
    return status;
}

static leray_status write_state(const char *folder, leray_solver *solver,
                                const leray_state_head *head, const char *deck,
                                const char *provenance, leray_output *output)
{
    const leray_comm *comm = solver->comm;
    bool first = leray_comm_rank(comm) == 0;
    leray_status status = first ? begin(folder, solver, head, deck, provenance, output) : LERAY_OK;

    LERAY_TRY(leray_comm_agree(comm, status));
    LERAY_TRY(leray_comm_share(comm, output, sizeof *output));
    leray_h5_lock();
    status = write_values(output->temp_path, solver);
    leray_h5_unlock();
    LERAY_TRY(leray_comm_agree(comm, status));
    return leray_comm_agree(comm, first ? appear(folder, output) : LERAY_OK);
}

leray_status leray_state_write(const char *folder, leray_solver *solver, double began,
                               const char *deck, const char *provenance)
{
    leray_state_head head;
    leray_output output = {0};
    leray_status status;

    LERAY_CHECK(leray_state_possible(solver), LERAY_ERR_UNSUPPORTED,
                "solver %s cannot save its state", solver->type->name);
    LERAY_TRY(read_head(solver, view_of(solver), began, &head));
    status = write_state(folder, solver, &head, deck, provenance, &output);
    if (status && leray_comm_rank(solver->comm) == 0) leray_output_abandon(&output);
    return status;
}

leray_status leray_state_clear(const char *folder)
{
    static const char *const names[] = {LERAY_STATE_NAME, LERAY_STATE_PREVIOUS};
    char path[LERAY_PATH_MAX];

    for (int i = 0; i < 2; i++) {
        LERAY_TRY(leray_path_join(folder, names[i], path));
        LERAY_CHECK(unlink(path) == 0 || errno == ENOENT, LERAY_ERR_IO, "cannot remove %s: %s",
                    path, strerror(errno));
    }
    return LERAY_OK;
}
