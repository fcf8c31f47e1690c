/* data/formats/well/well_open.c - the description of a file, ours or another's; see data/formats/well/well.h. */
#include "data/formats/well/well_impl.h"

#include "core/mem.h"
#include "core/number.h"

#include <string.h>

/* Keeps `text` until close; takes it over, also on failure. */
static leray_status keep_text(leray_well *w, char *text, const char **out)
{
    leray_status status = LERAY_OK;

    *out = text;
    if (w->n_text == w->max_text) {
        status = leray_mem_grow(&w->text, (size_t)w->max_text, (size_t)w->max_text * 2 + 16,
                                sizeof *w->text);
        if (!status) w->max_text = w->max_text * 2 + 16;
    }
    if (status) leray_mem_free(text);
    else w->text[w->n_text++] = text;
    return status;
}

static leray_status copy_name(leray_well *w, const char *name, const char **out)
{
    char *text;

    LERAY_TRY(leray_mem_text(name, &text));
    return keep_text(w, text, out);
}

static leray_status read_units(leray_well *w, leray_h5 object, const char **out)
{
    char *text;

    if (!leray_h5_has_attribute(object, "units")) return copy_name(w, "", out);
    LERAY_TRY(leray_h5_get_text(object, "units", &text));
    return keep_text(w, text, out);
}

/* ---- root and dimensions ---- */

static leray_status read_count(leray_h5 object, const char *path, const char *name, int max, int *x)
{
    int64_t value;

    LERAY_TRY(leray_h5_get_int(object, name, &value));
    LERAY_CHECK(value >= 1 && value <= max, LERAY_ERR_DATA,
                "%s: attribute '%s' is %lld, allowed: "
                "1 to %d",
                path, name, (long long)value, max);
    *x = (int)value;
    return LERAY_OK;
}

static leray_status read_root(leray_well *w, const char *path)
{
    LERAY_TRY(leray_h5_get_text(w->file, "dataset_name", &w->dataset_name));
    LERAY_TRY(read_count(w->file, path, "n_spatial_dims", LERAY_AXES, &w->info.grid.ndim));
    LERAY_TRY(read_count(w->file, path, "n_trajectories", 1 << 24, &w->info.n_trajectories));
    if (leray_h5_has_attribute(w->file, "provenance"))
        LERAY_TRY(leray_h5_get_text(w->file, "provenance", &w->provenance));
    w->info.dataset_name = w->dataset_name;
    w->info.provenance = w->provenance ? w->provenance : "";
    return LERAY_OK;
}

/* ---- parameters ---- */

/* Scalars that vary in time, texts and the like are not parameters and are left out. */
static leray_status fill_parameter(leray_well *w, const char *path, const char *name, leray_h5 at)
{
    leray_well_parameter *p = &w->parameter[w->info.n_parameters];
    size_t n = (size_t)w->info.n_trajectories, shape[LERAY_H5_RANK_MAX], count = 1;
    double *values = w->values + (size_t)w->info.n_parameters * n;
    bool time_varying;
    int rank;

    if (!leray_h5_is_number(at)) return LERAY_OK;
    LERAY_TRY(leray_h5_get_bool(at, "time_varying", &time_varying));
    if (time_varying) return LERAY_OK;
    LERAY_TRY(leray_h5_get_bool(at, "sample_varying", &p->sample_varying));
    LERAY_TRY(leray_h5_dataset_shape(at, &rank, shape));
    for (int i = 0; i < rank; i++) count *= shape[i];
    LERAY_CHECK(count == (p->sample_varying ? n : 1), LERAY_ERR_DATA,
                "%s: scalars/%s has %zu values, expected %zu", path, name, count,
                p->sample_varying ? n : 1);
    LERAY_TRY(leray_h5_read(at, LERAY_H5_DOUBLE, rank, NULL, NULL, values));
    for (size_t t = 1; !p->sample_varying && t < n; t++) values[t] = values[0];
    LERAY_TRY(copy_name(w, name, &p->name));
    LERAY_TRY(read_units(w, at, &p->unit));
    p->values = values;
    w->info.n_parameters++;
    return LERAY_OK;
}

static leray_status fill_parameters(leray_well *w, const char *path, leray_h5 scalars, int n,
                                    char **names)
{
    LERAY_TRY(LERAY_ALLOC(&w->parameter, (size_t)n + 1));
    LERAY_TRY(LERAY_ALLOC(&w->values, (size_t)n * (size_t)w->info.n_trajectories + 1));
    for (int i = 0; i < n; i++) {
        leray_h5 at;
        leray_status status;

        LERAY_TRY(leray_h5_dataset_open(scalars, names[i], &at));
        status = fill_parameter(w, path, names[i], at);
        leray_h5_drop(&at);
        LERAY_TRY(status);
    }
    w->info.parameter = w->parameter;
    return LERAY_OK;
}

static leray_status read_scalars(leray_well *w, const char *path, leray_h5 scalars)
{
    char **names;
    int n;
    leray_status status;

    LERAY_TRY(leray_h5_get_texts(scalars, "field_names", &n, &names));
    status = fill_parameters(w, path, scalars, n, names);
    leray_mem_free((void *)names);
    return status;
}

/* ---- fields ---- */

/* What the dataset's shape must be, given its attributes. */
static int expected_shape(const leray_well *w, const leray_well_field *f,
                          size_t shape[LERAY_H5_RANK_MAX])
{
    int rank = 0;

    if (f->sample_varying) shape[rank++] = (size_t)w->info.n_trajectories;
    if (f->time_varying) shape[rank++] = (size_t)w->info.n_steps;
    for (int i = 0; i < w->info.grid.ndim; i++)
        if (f->dim_varying[i]) shape[rank++] = (size_t)w->view[i].n;
    if (f->order > 0) shape[rank++] = (size_t)w->info.grid.ndim;
    if (f->order > 1) shape[rank++] = (size_t)w->info.grid.ndim;
    return rank;
}

/* A trailing extent of 1 carries no data, so [.., 1] is as good as [..]. */
static bool same_extents(int n, const size_t *a, int m, const size_t *b)
{
    while (n > m && a[n - 1] == 1) n--;
    return n == m && memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

static leray_status fill_field(leray_well *w, const char *path, const char *name, int order,
                               leray_h5 at)
{
    leray_well_field *f = &w->field[w->info.n_fields];
    size_t have[LERAY_H5_RANK_MAX], want[LERAY_H5_RANK_MAX];
    int rank;

    w->dataset[w->info.n_fields++] = at;
    f->order = order, f->components = 1;
    for (int i = 0; i < order; i++) f->components *= w->info.grid.ndim;
    LERAY_TRY(leray_h5_get_bools(at, "dim_varying", w->info.grid.ndim, f->dim_varying));
    LERAY_TRY(leray_h5_get_bool(at, "sample_varying", &f->sample_varying));
    LERAY_TRY(leray_h5_get_bool(at, "time_varying", &f->time_varying));
    LERAY_TRY(leray_h5_dataset_shape(at, &rank, have));
    LERAY_CHECK(same_extents(rank, have, expected_shape(w, f, want), want), LERAY_ERR_DATA,
                "%s: t%d_fields/%s: its shape does not follow from n_trajectories, time, the "
                "coordinates and its *_varying attributes",
                path, order, name);
    LERAY_TRY(copy_name(w, name, &f->name));
    return read_units(w, at, &f->unit);
}

static leray_status fill_fields(leray_well *w, const char *path, leray_h5 group, int order, int n,
                                char **names)
{
    size_t old = (size_t)w->info.n_fields, all = old + (size_t)n;

    if (n == 0) return LERAY_OK;
    LERAY_TRY(leray_mem_grow(&w->field, old, all, sizeof *w->field));
    LERAY_TRY(leray_mem_grow(&w->dataset, old, all, sizeof *w->dataset));
    for (int i = 0; i < n; i++) {
        leray_h5 at;

        LERAY_TRY(leray_h5_dataset_open(group, names[i], &at));
        LERAY_TRY(fill_field(w, path, names[i], order, at));
    }
    return LERAY_OK;
}

static leray_status read_fields(leray_well *w, const char *path, leray_h5 group, int order)
{
    char **names;
    int n;
    leray_status status;

    LERAY_TRY(leray_h5_get_texts(group, "field_names", &n, &names));
    status = fill_fields(w, path, group, order, n, names);
    leray_mem_free((void *)names);
    return status;
}

/* ---- the whole ---- */

static leray_status read_valid(leray_well *w, const char *path)
{
    size_t shape[LERAY_H5_RANK_MAX];
    int n = w->info.n_trajectories, rank;
    leray_h5 at;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&w->valid, (size_t)n));
    w->info.valid_steps = w->valid;
    for (int t = 0; t < n; t++) w->valid[t] = w->info.n_steps;
    if (!leray_h5_has(w->file, "valid_steps")) return LERAY_OK;
    LERAY_TRY(leray_h5_dataset_open(w->file, "valid_steps", &at));
    status = leray_h5_dataset_shape(at, &rank, shape);
    if (!status && (rank != 1 || shape[0] != (size_t)n)) status = LERAY_ERR_DATA;
    if (!status) status = leray_h5_read(at, LERAY_H5_INT, 1, NULL, NULL, w->valid);
    leray_h5_drop(&at);
    for (int t = 0; !status && t < n; t++)
        if (w->valid[t] < 0 || w->valid[t] > w->info.n_steps) status = LERAY_ERR_DATA;
    LERAY_CHECK(!status, status, "%s: valid_steps is not %d numbers from 0 to %d", path, n,
                w->info.n_steps);
    return LERAY_OK;
}

static leray_status init(leray_well *w, const char *path)
{
    static const char *const names[] = {"dimensions", "boundary_conditions", "scalars",
                                        "t0_fields",  "t1_fields",           "t2_fields"};
    int most = 1;

    LERAY_TRY(leray_h5_open(path, &w->file));
    LERAY_TRY(read_root(w, path));
    for (int i = 0; i < 6; i++) {
        leray_h5 at;
        leray_status status;

        LERAY_TRY(leray_h5_group_open(w->file, names[i], &at));
        status = i == 0   ? leray_well_read_dimensions(w, path, at)
                 : i == 1 ? leray_well_read_boundaries(w, path, at)
                 : i == 2 ? read_scalars(w, path, at)
                          : read_fields(w, path, at, i - 3);
        leray_h5_drop(&at);
        LERAY_TRY(status);
    }
    LERAY_CHECK(w->info.n_fields > 0, LERAY_ERR_DATA, "%s: no fields", path);
    w->info.field = w->field;
    for (int f = 0; f < w->info.n_fields; f++)
        if (w->field[f].components > most) most = w->field[f].components;
    LERAY_TRY(leray_mem_alloc(&w->block, w->points * (size_t)most, sizeof(double)));
    LERAY_TRY(leray_well_make_grid(w, path));
    return read_valid(w, path);
}

static void release(leray_well *w)
{
    for (int f = 0; w->dataset && f < w->info.n_fields; f++) leray_h5_drop(&w->dataset[f]);
    leray_h5_drop(&w->file);
    for (int i = 0; i < w->n_text; i++) leray_mem_free(w->text[i]);
    for (int i = 0; i < LERAY_AXES; i++) {
        leray_mem_free(w->coordinates[i]);
        leray_mem_free(w->unit[i]);
    }
    leray_grid_fini(&w->info.grid);
    leray_mem_free(w->time_unit);
    leray_mem_free(w->block);
    leray_mem_free(w->values);
    leray_mem_free((void *)w->text);
    leray_mem_free(w->parameter);
    leray_mem_free(w->dataset);
    leray_mem_free(w->field);
    leray_mem_free(w->valid);
    leray_mem_free(w->time);
    leray_mem_free(w->provenance);
    leray_mem_free(w->dataset_name);
    leray_mem_free((void *)w->axis);
}

leray_status leray_well_open(const char *path, leray_well **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    leray_h5_lock();
    status = init(*out, path);
    leray_h5_unlock();
    if (status) leray_well_close(out);
    return status;
}

void leray_well_close(leray_well **well)
{
    if (!*well) return;
    leray_h5_lock();
    release(*well);
    leray_h5_unlock();
    leray_mem_free(*well);
    *well = NULL;
}

const leray_well_info *leray_well_get_info(const leray_well *well) { return &well->info; }

double leray_well_time(const leray_well_info *info, int trajectory, int step)
{
    size_t clock = info->n_clocks > 1 ? (size_t)trajectory : 0;

    return info->time[clock * (size_t)info->n_steps + (size_t)step];
}
