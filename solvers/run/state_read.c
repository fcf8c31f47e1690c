/* solvers/run/state_read.c - see solvers/run/state.h: files, and whether they are whole. */
#include "solvers/run/state_impl.h"

#include "core/log.h"
#include "data/formats/well/h5.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const leray_state_head *leray_state_get_head(const leray_state *s) { return &s->head; }
const char *leray_state_solver(const leray_state *s) { return s->solver; }
const char *leray_state_deck(const leray_state *s) { return s->deck; }
const char *leray_state_provenance(const leray_state *s) { return s->provenance; }
int leray_state_fields(const leray_state *s) { return s->fields; }
const char *leray_state_field(const leray_state *s, int field) { return s->field[field]; }
const char *leray_state_head_checksum(const leray_state *s) { return s->checksum; }

/* ---- the head ---------------------------------------------------------------------------- */

static leray_status get_line(leray_state *s, const char *name, int most, double *x, int *n)
{
    size_t shape[LERAY_H5_RANK_MAX] = {0};
    leray_h5 line;
    int rank = 0;
    leray_status status;

    *n = 0;
    LERAY_TRY(leray_h5_dataset_open(s->file, name, &line));
    status = leray_h5_dataset_shape(line, &rank, shape);
    if (!status && (rank != 1 || shape[0] < 1 || shape[0] > (size_t)most))
        status = leray_error_raise(LERAY_ERR_DATA, __FILE__, __LINE__,
                                   "%s: dataset '%s' has not 1 to %d numbers", s->path, name, most);
    if (!status) status = leray_h5_read(line, LERAY_H5_DOUBLE, 1, NULL, NULL, x);
    if (!status) *n = (int)shape[0];
    leray_h5_drop(&line);
    return status;
}

static leray_status read_lines(leray_state *s)
{
    leray_state_head *h = &s->head;
    double n[3];
    int count;

    LERAY_TRY(get_line(s, "n", 3, n, &h->ndim));
    for (int i = 0; i < h->ndim; i++) h->n[i] = (int64_t)n[i];
    LERAY_TRY(get_line(s, "length", 3, h->length, &count));
    LERAY_CHECK(count == h->ndim, LERAY_ERR_DATA, "%s: %d lengths of %d axes", s->path, count,
                h->ndim);
    if (leray_h5_has(s->file, "parameters"))
        LERAY_TRY(get_line(s, "parameters", LERAY_STATE_NUMBERS, h->parameter, &h->n_parameters));
    if (leray_h5_has(s->file, "numbers"))
        LERAY_TRY(get_line(s, "numbers", LERAY_STATE_NUMBERS, h->number, &h->n_numbers));
    return LERAY_OK;
}

static leray_status read_attributes(leray_state *s)
{
    leray_state_head *h = &s->head;
    char *format;
    int64_t version;
    bool ours;

    LERAY_CHECK(leray_h5_has_attribute(s->file, "format"), LERAY_ERR_DATA,
                "%s: not a state of a simulation", s->path);
    LERAY_TRY(leray_h5_get_text(s->file, "format", &format));
    ours = strcmp(format, LERAY_STATE_FORMAT) == 0;
    leray_mem_free(format);
    LERAY_CHECK(ours, LERAY_ERR_DATA, "%s: not a state of a simulation", s->path);
    LERAY_TRY(leray_h5_get_int(s->file, "version", &version));
    LERAY_CHECK(version == LERAY_STATE_VERSION, LERAY_ERR_DATA,
                "%s: version %lld of the format, this leray reads %d", s->path, (long long)version,
                LERAY_STATE_VERSION);
    LERAY_TRY(leray_h5_get_text(s->file, "solver", &s->solver));
    LERAY_TRY(leray_h5_get_real(s->file, "time", &h->time));
    LERAY_TRY(leray_h5_get_real(s->file, "dt", &h->dt));
    LERAY_TRY(leray_h5_get_real(s->file, "began", &h->began));
    LERAY_TRY(leray_h5_get_int(s->file, "steps", &h->steps));
    LERAY_TRY(leray_h5_get_int(s->file, "seed", &h->seed));
    LERAY_TRY(leray_h5_get_int(s->file, "simulation", &h->simulation));
    LERAY_TRY(leray_h5_get_text(s->file, "deck", &s->deck));
    LERAY_TRY(leray_h5_get_text(s->file, "provenance", &s->provenance));
    return leray_h5_get_text(s->file, "checksum", &s->checksum);
}

static leray_status check_head(leray_state *s)
{
    char sum[LERAY_CHECKSUM_TEXT];

    LERAY_TRY(leray_state_checksum_head(&s->head, s->solver, s->deck, sum));
    LERAY_CHECK(strcmp(sum, s->checksum) == 0, LERAY_ERR_DATA,
                "%s: damaged: its numbers have another checksum than they were written with",
                s->path);
    return LERAY_OK;
}

/* ---- values ------------------------------------------------------------------------------ */

leray_status leray_state_open_field(const leray_state *s, const char *group, int field,
                                    leray_h5 *out)
{
    char name[160];

    snprintf(name, sizeof name, "%s/%.120s", group, s->field[field]);
    return leray_h5_dataset_open(s->file, name, out);
}

static leray_status read_shape(leray_state *s, int field)
{
    size_t shape[LERAY_H5_RANK_MAX] = {0};
    leray_h5 values;
    int rank = 0;
    bool good;
    leray_status status;

    LERAY_TRY(leray_state_open_field(s, "modes", field, &values));
    status = leray_h5_dataset_shape(values, &rank, shape);
    leray_h5_drop(&values);
    LERAY_TRY(status);
    good = rank == 4 && shape[3] == 2 && shape[1] % 2 == 1 && shape[2] % 2 == 1 && shape[0] > 0;
    for (int i = 0; i < 3 && good; i++) {
        good = shape[i] < 1 << 20 && (field == 0 || shape[i] == s->shape[i]);
        s->shape[i] = shape[i];
    }
    LERAY_CHECK(good, LERAY_ERR_DATA, "%s: modes/%s has not the shape of modes", s->path,
                s->field[field]);
    return LERAY_OK;
}

static leray_status read_fields(leray_state *s)
{
    leray_h5 group;
    leray_status status;

    if (!leray_h5_has(s->file, "modes")) {
        LERAY_CHECK(leray_h5_has(s->file, "bytes"), LERAY_ERR_DATA,
                    "%s: neither modes nor bytes in it", s->path);
        return LERAY_OK;
    }
    LERAY_TRY(leray_h5_group_open(s->file, "modes", &group));
    status = leray_h5_get_texts(group, "fields", &s->fields, &s->field);
    leray_h5_drop(&group);
    LERAY_TRY(status);
    LERAY_CHECK(s->fields > 0, LERAY_ERR_DATA, "%s: no fields", s->path);
    for (int f = 0; f < s->fields; f++) LERAY_TRY(read_shape(s, f));
    return LERAY_OK;
}

leray_status leray_state_read_plane(const leray_state *s, leray_h5 values, leray_h5 sums, size_t i,
                                    double complex *plane)
{
    size_t start[] = {i, 0, 0, 0}, extent[] = {1, s->shape[1], s->shape[2], 2};
    size_t sum_extent[] = {1, LERAY_CHECKSUM_TEXT - 1};
    char then[LERAY_CHECKSUM_TEXT] = "", now[LERAY_CHECKSUM_TEXT];

    LERAY_TRY(leray_h5_read(values, LERAY_H5_DOUBLE, 4, start, extent, plane));
    LERAY_TRY(leray_h5_read(sums, LERAY_H5_BYTE, 2, start, sum_extent, then));
    leray_checksum(plane, s->shape[1] * s->shape[2] * sizeof *plane, now);
    LERAY_CHECK(strcmp(then, now) == 0, LERAY_ERR_DATA,
                "%s: damaged: plane %zu has another checksum than it was written with", s->path, i);
    return LERAY_OK;
}

leray_status leray_state_read_bytes(const leray_state *s, size_t *size, char **out)
{
    char then[LERAY_CHECKSUM_TEXT] = "", now[LERAY_CHECKSUM_TEXT];
    size_t shape[LERAY_H5_RANK_MAX] = {0};
    leray_h5 dataset;
    int rank = 0;
    leray_status status;

    LERAY_TRY(leray_h5_dataset_open(s->file, "bytes", &dataset));
    status = leray_h5_dataset_shape(dataset, &rank, shape);
    *size = shape[0];
    if (!status) status = LERAY_ALLOC(out, *size + 1);
    if (!status) status = leray_h5_read(dataset, LERAY_H5_BYTE, rank, NULL, NULL, *out);
    leray_h5_drop(&dataset);
    if (!status) status = leray_h5_dataset_open(s->file, "bytes_checksum", &dataset);
    if (!status) status = leray_h5_read(dataset, LERAY_H5_BYTE, 1, NULL, NULL, then);
    leray_h5_drop(&dataset);
    if (status) return status;
    leray_checksum(*out, *size, now);
    LERAY_CHECK(strcmp(then, now) == 0, LERAY_ERR_DATA,
                "%s: damaged: its bytes have another checksum than they were written with",
                s->path);
    return LERAY_OK;
}

static leray_status verify_field(leray_state *s, int field, double complex *plane)
{
    leray_h5 values = 0, sums = 0;
    leray_status status = leray_state_open_field(s, "modes", field, &values);

    if (!status) status = leray_state_open_field(s, "checksums", field, &sums);
    for (size_t i = 0; i < s->shape[0] && !status; i++)
        status = leray_state_read_plane(s, values, sums, i, plane);
    leray_h5_drop(&sums);
    leray_h5_drop(&values);
    return status;
}

static leray_status verify_bytes(leray_state *s)
{
    char *bytes = NULL;
    size_t size;
    leray_status status;

    leray_h5_lock();
    status = leray_state_read_bytes(s, &size, &bytes);
    leray_h5_unlock();
    leray_mem_free(bytes);
    return status;
}

leray_status leray_state_verify(leray_state *s)
{
    double complex *plane;
    leray_status status;

    if (!s->fields) return verify_bytes(s);
    LERAY_TRY(LERAY_ALLOC(&plane, s->shape[1] * s->shape[2]));
    status = LERAY_OK;
    leray_h5_lock();
    for (int f = 0; f < s->fields && !status; f++) status = verify_field(s, f, plane);
    leray_h5_unlock();
    leray_mem_free(plane);
    return status;
}

leray_status leray_state_field_checksum(leray_state *s, int field, char out[LERAY_CHECKSUM_TEXT])
{
    size_t n = (s->fields ? s->shape[0] : 1) * (LERAY_CHECKSUM_TEXT - 1);
    leray_h5 sums = 0;
    char *all;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&all, n));
    leray_h5_lock();
    status = s->fields ? leray_state_open_field(s, "checksums", field, &sums)
                       : leray_h5_dataset_open(s->file, "bytes_checksum", &sums);
    if (!status) status = leray_h5_read(sums, LERAY_H5_BYTE, 0, NULL, NULL, all);
    leray_h5_drop(&sums);
    leray_h5_unlock();
    if (!status) leray_checksum(all, n, out);
    leray_mem_free(all);
    return status;
}

/* ---- opening ----------------------------------------------------------------------------- */

static leray_status init(leray_state *s)
{
    LERAY_TRY(leray_h5_open(s->path, &s->file));
    LERAY_TRY(read_attributes(s));
    LERAY_TRY(read_lines(s));
    LERAY_TRY(check_head(s));
    return read_fields(s);
}

bool leray_state_is(const char *path)
{
    leray_h5 file = 0;
    char *format = NULL;
    bool is = false;

    leray_h5_lock();
    if (!leray_h5_open(path, &file) && leray_h5_has_attribute(file, "format") &&
        !leray_h5_get_text(file, "format", &format))
        is = strcmp(format, LERAY_STATE_FORMAT) == 0;
    leray_h5_drop(&file);
    leray_h5_unlock();
    leray_mem_free(format);
    return is;
}

leray_status leray_state_open(const char *path, leray_state **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    snprintf((*out)->path, sizeof(*out)->path, "%s", path);
    leray_h5_lock();
    status = init(*out);
    leray_h5_unlock();
    if (status) leray_state_close(out);
    return status;
}

void leray_state_close(leray_state **state)
{
    leray_state *s = *state;

    if (!s) return;
    leray_h5_lock();
    leray_h5_drop(&s->file);
    leray_h5_unlock();
    leray_mem_free((void *)s->field);
    leray_mem_free(s->checksum);
    leray_mem_free(s->provenance);
    leray_mem_free(s->deck);
    leray_mem_free(s->solver);
    leray_mem_free(s);
    *state = NULL;
}

/* ---- the states of a folder -------------------------------------------------------------- */

static leray_status open_whole(const char *path, leray_state **out)
{
    leray_status status = leray_state_open(path, out);

    if (!status) status = leray_state_verify(*out);
    if (status) leray_state_close(out);
    return status;
}

/* The path of the newest whole one; "" where there is none. */
static leray_status find_path(const char *folder, char path[LERAY_PATH_MAX])
{
    static const char *const names[] = {LERAY_STATE_NAME, LERAY_STATE_PREVIOUS};
    bool damaged = false;

    for (int i = 0; i < 2; i++) {
        leray_state *state;
        leray_status status;

        LERAY_TRY(leray_path_join(folder, names[i], path));
        if (!leray_file_exists(path)) continue;
        status = open_whole(path, &state);
        leray_state_close(&state);
        if (!status) return LERAY_OK;
        if (status != LERAY_ERR_DATA) return leray_error_trace(status, __FILE__, __LINE__);
        leray_warn("%.*s", (int)strcspn(leray_error_message(), "\n"), leray_error_message());
        damaged = true;
    }
    path[0] = '\0';
    LERAY_CHECK(!damaged, LERAY_ERR_DATA,
                "%s: no whole state is left; start over with --fresh, or give another folder with "
                "-o",
                folder);
    return LERAY_OK;
}

leray_status leray_state_find(const leray_comm *comm, const char *folder, leray_state **out)
{
    char path[LERAY_PATH_MAX] = "";

    *out = NULL;
    LERAY_TRY(
        leray_comm_agree(comm, leray_comm_rank(comm) == 0 ? find_path(folder, path) : LERAY_OK));
    LERAY_TRY(leray_comm_share(comm, path, sizeof path));
    return leray_comm_agree(comm, path[0] ? leray_state_open(path, out) : LERAY_OK);
}
