/* commands/info.c - leray_describe: what is in a file, from its first bytes; and of this build. */
#include "core/build.h"
#include "core/file.h"
#include "core/grid.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include "data/formats/npy.h"
#include "data/formats/safetensors.h"
#include "data/formats/well/h5.h"
#include "data/formats/well/well.h"
#include "solvers/run/state.h"
#include <leray/run.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static leray_status describe_build(leray_text *text, leray_json *json)
{
    leray_text_add(text, "leray %s (%s)\n%s %s\n%s\n", LERAY_VERSION, LERAY_GIT_DESCRIBE,
                   LERAY_COMPILER, LERAY_FLAGS, LERAY_LIBRARIES);
    LERAY_TRY(leray_json_set_text(json, "version", LERAY_VERSION));
    LERAY_TRY(leray_json_set_text(json, "git", LERAY_GIT_DESCRIBE));
    return leray_json_set_text(json, "libraries", LERAY_LIBRARIES);
}

/* ---- safetensors ------------------------------------------------------------------------ */

static void add_tensor(const leray_safetensors_entry *e, leray_text *text)
{
    leray_text_add(text, "  %-32s %s [", e->name, e->type == LERAY_SAFETENSORS_F32 ? "f32" : "f64");
    for (int d = 0; d < e->rank; d++)
        leray_text_add(text, "%s%lld", d ? ", " : "", (long long)e->shape[d]);
    leray_text_add(text, "]\n");
}

static leray_status describe_safetensors(const char *path, leray_text *text, leray_json *json)
{
    leray_safetensors *file;
    leray_status status;

    LERAY_TRY(leray_safetensors_read(path, &file));
    leray_text_add(text, "%s: safetensors, %d tensors\n", path, leray_safetensors_count(file));
    for (int i = 0; i < leray_safetensors_count(file); i++)
        add_tensor(leray_safetensors_at(file, i), text);
    status = leray_json_set_text(json, "format", "safetensors");
    if (!status) status = leray_json_set_int(json, "tensors", leray_safetensors_count(file));
    for (int i = 0; i < leray_safetensors_metadata_count(file) && !status; i++) {
        leray_safetensors_text m = leray_safetensors_metadata_at(file, i);

        leray_text_add(text, "%s:%s%s\n", m.key, strchr(m.value, '\n') ? "\n" : " ", m.value);
        status = leray_json_set_text(json, m.key, m.value);
    }
    leray_safetensors_destroy(&file);
    return status;
}

/* "  WHAT       name [unit]": names are the file's, and must not steer a terminal. */
static void add_name(leray_text *text, const char *what, const char *name, const char *unit)
{
    leray_text_add(text, "  %-10s ", what);
    leray_text_add_line(text, name);
    leray_text_add(text, " [");
    leray_text_add_line(text, unit);
    leray_text_add(text, "]");
}

/* ---- HDF5 ------------------------------------------------------------------------------- */

static void add_grid(const leray_grid *grid, leray_text *text)
{
    for (int a = 0; a < grid->ndim; a++) {
        const leray_axis *axis = &grid->axis[a];

        leray_text_add(text, "  axis       %s: %d %s from %.9g over %.9g [%s], ",
                       leray_grid_axis_name(grid, a), axis->n,
                       axis->points == LERAY_AT_COORDINATES ? "points"
                                                            : leray_points_names[axis->points],
                       axis->start, axis->length, leray_grid_axis_unit(grid, a));
        if (!leray_grid_is_even(grid, a)) leray_text_add(text, "uneven, ");
        if (axis->boundary[0] == axis->boundary[1])
            leray_text_add(text, "%s\n", leray_boundary_names[axis->boundary[0]]);
        else
            leray_text_add(text, "%s and %s\n", leray_boundary_names[axis->boundary[0]],
                           leray_boundary_names[axis->boundary[1]]);
    }
    if (grid->mask) leray_text_add(text, "  mask       points without values are left out\n");
}

static leray_status fill_well(const char *path, const leray_well_info *w, leray_text *text,
                              leray_json *json)
{
    leray_extents extents = leray_grid_extents(&w->grid);
    char size[LERAY_EXTENTS_TEXT];
    leray_json *grid;
    int last = 0;

    for (int i = 1; i < w->n_trajectories; i++)
        if (w->valid_steps[i] > w->valid_steps[last]) last = i;
    leray_text_add_line(text, path);
    leray_text_add(text, ": '");
    leray_text_add_line(text, w->dataset_name);
    leray_text_add(text, "', The Well's layout\n  %d trajectories of %d frames, grid %s",
                   w->n_trajectories, w->n_steps, leray_extents_text(&extents, size));
    if (w->valid_steps[last] > 0)
        leray_text_add(text, ", time %.9g .. %.9g%s", leray_well_time(w, last, 0),
                       leray_well_time(w, last, w->valid_steps[last] - 1),
                       w->n_clocks > 1 ? " in the longest; each has its own times" : "");
    leray_text_add(text, "\n");
    add_grid(&w->grid, text);
    for (int f = 0; f < w->n_fields; f++) {
        add_name(text, "field", w->field[f].name, w->field[f].unit);
        leray_text_add(text, ", %d component%s\n", w->field[f].components,
                       w->field[f].components == 1 ? "" : "s");
    }
    for (int p = 0; p < w->n_parameters; p++) {
        add_name(text, "parameter", w->parameter[p].name, w->parameter[p].unit);
        leray_text_add(text, " = %g%s\n", w->parameter[p].values[0],
                       w->parameter[p].sample_varying ? ", .." : "");
    }
    for (int i = 0; i < w->n_trajectories; i++)
        if (w->valid_steps[i] < w->n_steps)
            leray_text_add(text, "  trajectory %d ends after %d frames\n", i, w->valid_steps[i]);
    if (*w->provenance) leray_text_add(text, "provenance: %s\n", w->provenance);
    LERAY_TRY(leray_json_set_text(json, "format", "well"));
    LERAY_TRY(leray_json_set_text(json, "name", w->dataset_name));
    LERAY_TRY(leray_json_set_int(json, "trajectories", w->n_trajectories));
    LERAY_TRY(leray_json_set_int(json, "frames", w->n_steps));
    LERAY_TRY(leray_grid_to_json(&w->grid, &grid));
    LERAY_TRY(leray_json_set(json, "grid", &grid));
    return leray_json_set_text(json, "provenance", w->provenance);
}

static void add_sum(const char *name, const char *sum, leray_text *text)
{
    leray_text_add(text, "  checksum   %-20s %s\n", name, sum);
}

static leray_status fill_sums(leray_state *state, leray_text *text, leray_json *json)
{
    int n = leray_state_fields(state);
    char sum[LERAY_CHECKSUM_TEXT];
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_object(&list));
    status = leray_json_set_text(list, "head", leray_state_head_checksum(state));
    add_sum("head", leray_state_head_checksum(state), text);
    for (int f = 0; f < (n ? n : 1) && !status; f++) {
        const char *name = n ? leray_state_field(state, f) : "bytes";

        status = leray_state_field_checksum(state, f, sum);
        if (!status) add_sum(name, sum, text);
        if (!status) status = leray_json_set_text(list, name, sum);
    }
    if (!status) return leray_json_set(json, "checksums", &list);
    leray_json_destroy(&list);
    return status;
}

static leray_status fill_state(const char *path, leray_state *state, leray_text *text,
                               leray_json *json)
{
    const leray_state_head *h = leray_state_get_head(state);

    leray_text_add(text, "%s: a state of solver %s\n  grid", path, leray_state_solver(state));
    for (int d = 0; d < h->ndim; d++)
        leray_text_add(text, "%s%lld", d ? " x " : " ", (long long)h->n[d]);
    leray_text_add(text, ", time %.9g after %lld steps, seed %lld\n", h->time, (long long)h->steps,
                   (long long)h->seed);
    LERAY_TRY(leray_json_set_text(json, "format", "state"));
    LERAY_TRY(leray_json_set_text(json, "solver", leray_state_solver(state)));
    LERAY_TRY(leray_json_set_real(json, "time", h->time));
    LERAY_TRY(leray_json_set_int(json, "steps", h->steps));
    LERAY_TRY(leray_json_set_int(json, "seed", h->seed));
    LERAY_TRY(fill_sums(state, text, json));
    leray_text_add(text, "deck:\n%sprovenance: %s\n", leray_state_deck(state),
                   leray_state_provenance(state));
    LERAY_TRY(leray_json_set_text(json, "deck", leray_state_deck(state)));
    LERAY_TRY(leray_state_verify(state));
    return leray_json_set_text(json, "provenance", leray_state_provenance(state));
}

static leray_status describe_state(const char *path, leray_text *text, leray_json *json)
{
    leray_state *state;
    leray_status status;

    LERAY_TRY(leray_state_open(path, &state));
    status = fill_state(path, state, text, json);
    leray_state_close(&state);
    return status;
}

/* The groups of statistics.h5. */
static leray_status fill_tables(leray_h5 file, leray_text *text, leray_json *list)
{
    for (int i = 0; i < leray_h5_child_count(file); i++) {
        char name[128], **column;
        leray_h5 group;
        int n;
        leray_status status;

        LERAY_TRY(leray_h5_child_name(file, i, sizeof name, name));
        LERAY_TRY(leray_h5_group_open(file, name, &group));
        status = leray_h5_get_texts(group, "columns", &n, &column);
        leray_h5_drop(&group);
        LERAY_TRY(status);
        leray_text_add(text, "  %-12s", name);
        for (int c = 0; c < n; c++) leray_text_add(text, "%s%s", c ? ", " : " ", column[c]);
        leray_text_add(text, "\n");
        leray_mem_free((void *)column);
        LERAY_TRY(leray_json_set_text(list, NULL, name));
    }
    return LERAY_OK;
}

static leray_status describe_tables(const char *path, leray_text *text, leray_json *json)
{
    leray_json *list;
    leray_h5 file = 0;
    leray_status status;

    leray_text_add(text, "%s: tables of a run\n", path);
    LERAY_TRY(leray_json_set_text(json, "format", "statistics"));
    LERAY_TRY(leray_json_array(&list));
    leray_h5_lock();
    status = leray_h5_open(path, &file);
    if (!status) status = fill_tables(file, text, list);
    leray_h5_drop(&file);
    leray_h5_unlock();
    if (!status) return leray_json_set(json, "tables", &list);
    leray_json_destroy(&list);
    return status;
}

static leray_status describe_well(const char *path, leray_text *text, leray_json *json)
{
    leray_well *well;
    leray_status status;

    LERAY_TRY(leray_well_open(path, &well));
    status = fill_well(path, leray_well_get_info(well), text, json);
    leray_well_close(&well);
    return status;
}

static leray_status describe_hdf5(const char *path, leray_text *text, leray_json *json)
{
    leray_h5 file = 0;
    char *format = NULL;
    bool tables;
    leray_status status = LERAY_OK;

    if (leray_state_is(path)) return describe_state(path, text, json);
    leray_h5_lock();
    if (!leray_h5_open(path, &file) && leray_h5_has_attribute(file, "format"))
        status = leray_h5_get_text(file, "format", &format);
    leray_h5_drop(&file);
    leray_h5_unlock();
    tables = !status && format && strcmp(format, "leray-statistics") == 0;
    leray_mem_free(format);
    return tables ? describe_tables(path, text, json) : describe_well(path, text, json);
}

/* ---- the rest --------------------------------------------------------------------------- */

static leray_status describe_npy(const char *path, leray_text *text, leray_json *json)
{
    leray_npy npy;

    LERAY_TRY(leray_npy_read(path, &npy));
    leray_text_add(text, "%s: .npy array [", path);
    for (int d = 0; d < npy.rank; d++)
        leray_text_add(text, "%s%lld", d ? ", " : "", (long long)npy.shape[d]);
    leray_text_add(text, "]\n");
    leray_npy_fini(&npy);
    return leray_json_set_text(json, "format", "npy");
}

/* A run's folder: its result, or how far it is. */
static leray_status describe_run(const char *path, leray_text *text, leray_json *json)
{
    char file[LERAY_PATH_MAX], *content;
    size_t size;
    leray_json *result;
    leray_status status;

    LERAY_TRY(leray_path_join(path, "result.json", file));
    LERAY_CHECK(leray_file_exists(file), LERAY_ERR_DATA,
                "%s: no result.json in it: not a run, or "
                "one that has not ended",
                path);
    LERAY_TRY(leray_file_read(file, &content, &size));
    status = leray_json_parse(file, content, size, &result);
    if (!status) leray_text_add(text, "%s: a run\n%s\n", path, content);
    leray_mem_free(content);
    if (status) return status;
    status = leray_json_set_text(json, "format", "run");
    if (!status) return leray_json_set(json, "result", &result);
    leray_json_destroy(&result);
    return status;
}

static leray_status describe_file(const char *path, leray_text *text, leray_json *json)
{
    static const char hdf5[] = "\211HDF\r\n\032\n", npy[] = "\223NUMPY";
    char head[16] = {0};
    struct stat info;
    FILE *file;
    size_t n;

    LERAY_CHECK(stat(path, &info) == 0, LERAY_ERR_DATA, "cannot open %s: no such file", path);
    if (S_ISDIR(info.st_mode)) return describe_run(path, text, json);
    file = fopen(path, "rb");
    LERAY_CHECK(file, LERAY_ERR_DATA, "cannot open %s", path);
    n = fread(head, 1, sizeof head, file);
    fclose(file);
    if (n >= 8 && memcmp(head, hdf5, 8) == 0) return describe_hdf5(path, text, json);
    if (n >= 6 && memcmp(head, npy, 6) == 0) return describe_npy(path, text, json);
    if (n >= 9 && head[8] == '{') return describe_safetensors(path, text, json);
    LERAY_FAIL(LERAY_ERR_DATA, "%s: not HDF5, .npy, safetensors or the folder of a run", path);
}

leray_status leray_describe(const char *path, leray_report *report)
{
    leray_text text = {0};
    leray_json *json;
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(leray_json_object(&json));
    status = path ? describe_file(path, &text, json) : describe_build(&text, json);
    if (!status) status = leray_json_text(json, 2, &report->json);
    leray_json_destroy(&json);
    if (!status) return leray_text_finish(&text, &report->text);
    leray_mem_free(text.data);
    leray_report_free(report);
    return status;
}
