/* solvers/pseudospectral/engine/transforms.c - see solvers/pseudospectral/engine/transforms.h: layout, exchange, threads. */
#include "solvers/pseudospectral/engine/transforms_impl.h"

#include "core/mem.h"
#include "core/threads.h"

#include <limits.h>
#include <math.h>
#include <omp.h>

/* Below this many points, waiting for the other threads costs more than they bring. */
#define POINTS_PER_THREAD 16384

#define LINE_BYTES 64

/* Whole cache lines. */
static int padded(const leray_transforms *p, int n)
{
    int unit = (int)(LINE_BYTES / p->sweeps->size);

    return (n + unit - 1) / unit * unit;
}

/* An odd number of them. */
static int odd(const leray_transforms *p, int n)
{
    int unit = (int)(LINE_BYTES / p->sweeps->size), width = padded(p, n);

    return width / unit % 2 ? width : width + unit;
}

/* Which x wavenumbers and planes each rank has: only the box here knows its own. */
static leray_status ask_ranks(leray_transforms *p)
{
    size_t n = (size_t)p->ranks;
    double *counts;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&counts, 2 * n));
    counts[p->rank] = p->box->count_x;
    counts[n + (size_t)p->rank] = p->box->count;
    status = leray_comm_sum(p->box->comm, counts, 2 * n);
    for (size_t r = 0; r < n && !status; r++) {
        p->width[r] = odd(p, (int)counts[r]);
        p->x_first[r + 1] = p->x_first[r] + (int)counts[r];
        p->x_at[r + 1] = p->x_at[r] + p->width[r];
        p->plane[r + 1] = p->plane[r] + (int)counts[n + r];
    }
    leray_mem_free(counts);
    return status;
}

static leray_status make_tables(leray_transforms *p)
{
    size_t n = (size_t)p->ranks + 1;

    LERAY_TRY(LERAY_ALLOC(&p->width, n));
    LERAY_TRY(LERAY_ALLOC(&p->x_first, n));
    LERAY_TRY(LERAY_ALLOC(&p->x_at, n));
    LERAY_TRY(LERAY_ALLOC(&p->plane, n));
    for (int side = 0; side < 2; side++) {
        LERAY_TRY(LERAY_ALLOC(&p->at[side], n));
        LERAY_TRY(LERAY_ALLOC(&p->size[side], n));
    }
    LERAY_TRY(ask_ranks(p));
    p->pitch = odd(p, p->x_at[p->ranks]);
    for (int a = 0; a < 3; a++) {
        LERAY_TRY(LERAY_ALLOC(&p->move[a], (size_t)p->box->rows[a]));
        for (int r = 0; r < p->box->rows[a]; r++) {
            int k = a == LERAY_BOX_X ? r : leray_box_wavenumber(p->box, a, r);

            p->move[a][r] = cexp(3.14159265358979323846 * I * k / p->box->n[a]);
        }
    }
    return LERAY_OK;
}

/* Complex numbers of one field on the side of rows, of columns. */
static size_t here_size(const leray_transforms *p)
{
    return (size_t)p->box->count * (size_t)p->box->rows[1] * (size_t)p->x_at[p->ranks];
}

static size_t there_size(const leray_transforms *p)
{
    return (size_t)p->box->n[0] * (size_t)p->box->rows[1] * (size_t)p->width[p->rank];
}

/* The last line may be gathered beyond its end, up to a whole cache line. */
static leray_status make_blocks(leray_transforms *p)
{
    size_t here = (size_t)p->fields * here_size(p), there = (size_t)p->fields * there_size(p);
    size_t most = here > there ? here : there;

    LERAY_CHECK(most * p->sweeps->size / sizeof(double complex) < INT_MAX, LERAY_ERR_ARG,
                "%d fields have more than 2^31 complex numbers on a rank; take more ranks",
                p->fields);
    LERAY_TRY(leray_mem_alloc((void *)&p->here, most + LINE_BYTES, p->sweeps->size));
    p->there = p->here;
    if (p->ranks > 1)
        LERAY_TRY(leray_mem_alloc((void *)&p->there, there + LINE_BYTES, p->sweeps->size));
    return LERAY_OK;
}

static leray_status make_scratch(leray_transforms *p)
{
    size_t rows, columns;

    p->threads = 1 + (int)(leray_box_points(p->box) / (size_t)p->ranks / POINTS_PER_THREAD);
    if (p->threads > leray_threads()) p->threads = leray_threads();
    for (int a = 0; a < 3; a++) p->line[a] = odd(p, p->box->n[a]);
    rows = p->sweeps->rows_scratch(p), columns = p->sweeps->columns_scratch(p);
    p->scratch_size = (rows > columns ? rows : columns) + LINE_BYTES;
    p->scratch_size = p->scratch_size / LINE_BYTES * LINE_BYTES;
    return LERAY_ALLOC(&p->scratch, (size_t)p->threads * p->scratch_size);
}

static leray_status init(leray_transforms *p)
{
    LERAY_TRY(make_tables(p));
    LERAY_TRY(make_blocks(p));
    LERAY_TRY(make_scratch(p));
    for (int a = 0; a < 3; a++)
        if (p->box->n[a] > 1) LERAY_TRY(p->sweeps->fft_create(p->box->n[a], &p->fft[a]));
    p->parts = p->box->ndim == 2 ? (p->box->count + 1) / 2 : p->box->count;
    return LERAY_OK;
}

leray_status leray_transforms_create(const leray_box *box, int fields, bool single,
                                     leray_transforms **out)
{
    leray_status status;

    *out = NULL;
    LERAY_CHECK(fields >= 1 && fields <= LERAY_PASS_FIELDS, LERAY_ERR_ARG,
                "%d fields are not in [1, %d]", fields, LERAY_PASS_FIELDS);
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->box = box;
    (*out)->fields = fields;
    (*out)->sweeps = single ? &leray_sweeps_f32 : &leray_sweeps_f64;
    (*out)->ranks = leray_comm_size(box->comm);
    (*out)->rank = leray_comm_rank(box->comm);
    status = init(*out);
    if (!status) return LERAY_OK;
    leray_transforms_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_transforms_destroy(leray_transforms **transforms)
{
    leray_transforms *p = *transforms;

    if (!p) return;
    for (int a = 0; a < 3; a++) {
        if (p->fft[a]) p->sweeps->fft_destroy(p->fft[a]);
        leray_mem_free(p->move[a]);
    }
    for (int side = 0; side < 2; side++) {
        leray_mem_free(p->at[side]);
        leray_mem_free(p->size[side]);
    }
    leray_mem_free(p->scratch);
    if (p->there != p->here) leray_mem_free(p->there);
    leray_mem_free(p->here);
    leray_mem_free(p->plane);
    leray_mem_free(p->x_at);
    leray_mem_free(p->x_first);
    leray_mem_free(p->width);
    leray_mem_free(p);
    *transforms = NULL;
}

static int threads(const leray_transforms *p)
{
    int n = leray_threads();

    return n < p->threads ? n : p->threads;
}

/* Between the sides, in either direction; blocks stand where those of p->fields fields do, because a
   pass reads one number of fields and writes another. Sizes are even numbers of complex numbers, so that units
   of 16 bytes count those of either precision. */
static leray_status exchange(leray_transforms *p, int fields, bool to_rows)
{
    size_t scale = sizeof(double complex) / p->sweeps->size, rows = (size_t)p->box->rows[1];
    size_t most = (size_t)p->fields, sent = (size_t)fields;
    leray_comm_blocks here = {p->at[0], p->size[0]}, there = {p->at[1], p->size[1]};

    if (p->ranks == 1) return LERAY_OK;
    for (int r = 0; r < p->ranks; r++) {
        size_t planes = (size_t)p->box->count * rows;
        size_t column = rows * (size_t)p->width[p->rank];

        p->at[0][r] = (int)(most * planes * (size_t)p->x_at[r] / scale);
        p->size[0][r] = (int)(sent * planes * (size_t)p->width[r] / scale);
        p->at[1][r] = (int)(most * column * (size_t)p->plane[r] / scale);
        p->size[1][r] = (int)(sent * column * (size_t)(p->plane[r + 1] - p->plane[r]) / scale);
    }
    if (to_rows) return leray_comm_exchange(p->box->comm, p->there, there, p->here, here);
    return leray_comm_exchange(p->box->comm, p->here, here, p->there, there);
}

leray_status leray_transforms_columns(leray_transforms *transforms, const leray_column_pass *pass)
{
    leray_transforms *p = transforms;
    int block = (int)(LINE_BYTES / p->sweeps->size);
    int blocks = (p->box->count_x + block - 1) / block * p->box->rows[1];

    LERAY_CHECK(pass->in <= p->fields && pass->out <= p->fields, LERAY_ERR_INTERNAL,
                "%d and %d fields in passes made for %d", pass->in, pass->out, p->fields);
    if (pass->in > 0) LERAY_TRY(exchange(p, pass->in, false));
#pragma omp parallel for schedule(static) num_threads(threads(p))
    for (int b = 0; b < blocks; b++) p->sweeps->columns(p, pass, b, omp_get_thread_num());
    if (pass->out == 0) return LERAY_OK;
    p->count++;
    return exchange(p, pass->out, true);
}

leray_status leray_transforms_rows(leray_transforms *transforms, const leray_row_pass *pass)
{
    leray_transforms *p = transforms;

    LERAY_CHECK(pass->in <= p->fields && pass->out <= p->fields, LERAY_ERR_INTERNAL,
                "%d and %d fields in passes made for %d", pass->in, pass->out, p->fields);
    p->count += pass->out > 0;
#pragma omp parallel for schedule(static) num_threads(threads(p))
    for (int part = 0; part < p->parts; part++)
        p->sweeps->rows(p, pass, part, omp_get_thread_num());
    return LERAY_OK;
}

int leray_transforms_pairs(const leray_transforms *transforms)
{
    return transforms->box->ndim == 2 ? transforms->parts
                                      : transforms->parts * ((transforms->box->n[1] + 1) / 2);
}

int leray_transforms_threads(const leray_transforms *transforms) { return transforms->threads; }
long leray_transforms_count(const leray_transforms *transforms) { return transforms->count; }

/* ---- whole fields ------------------------------------------------------------------------ */

typedef struct fields {
    const leray_box *box;
    int count;
    double *const *to;
    const double *const *from;
} fields;

/* Where row r of a pair begins in a slab. */
static size_t row_at(const leray_box *b, const leray_rows *rows, int r)
{
    size_t slow = (size_t)rows->slow + (b->ndim == 2 ? (size_t)r : 0);
    size_t middle = (size_t)rows->middle + (b->ndim == 3 ? (size_t)r : 0);

    return (slow * (size_t)b->n[1] + middle) * (size_t)b->n[2];
}

static void write_rows(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    const fields *x = self;

    (void)out;
    for (int f = 0; f < x->count; f++)
        for (int r = 0; r < rows->rows; r++) {
            double *to = x->to[f] + row_at(x->box, rows, r);

            for (int i = 0; i < x->box->n[2]; i++) to[i] = in[f][rows->rows * i + r];
        }
}

static void read_rows(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    const fields *x = self;

    (void)in;
    for (int f = 0; f < x->count; f++)
        for (int r = 0; r < rows->rows; r++) {
            const double *from = x->from[f] + row_at(x->box, rows, r);

            for (int i = 0; i < x->box->n[2]; i++) out[f][rows->rows * i + r] = from[i];
        }
}

leray_status leray_transforms_to_grid(leray_transforms *transforms, int count,
                                      leray_column_work *work, void *self, double *const *values)
{
    fields x = {.box = transforms->box, .count = count, .to = values};
    leray_column_pass columns = {.work = work, .self = self, .out = count};
    leray_row_pass rows = {.work = write_rows, .self = &x, .in = count};

    LERAY_TRY(leray_transforms_columns(transforms, &columns));
    return leray_transforms_rows(transforms, &rows);
}

void leray_transforms_show(leray_transforms *transforms, int count, leray_column_work *work,
                           void *self, double *const *values)
{
    const leray_box *b = transforms->box;
    size_t points = (size_t)b->count * (size_t)b->n[1] * (size_t)b->n[2];

    if (!leray_transforms_to_grid(transforms, count, work, self, values)) return;
    for (int f = 0; f < count; f++)
        for (size_t p = 0; p < points; p++) values[f][p] = NAN;
}

leray_status leray_transforms_from_grid(leray_transforms *transforms, int count,
                                        const double *const *values, leray_column_work *work,
                                        void *self)
{
    fields x = {.box = transforms->box, .count = count, .from = values};
    leray_row_pass rows = {.work = read_rows, .self = &x, .out = count};
    leray_column_pass columns = {.work = work, .self = self, .in = count};

    LERAY_TRY(leray_transforms_rows(transforms, &rows));
    return leray_transforms_columns(transforms, &columns);
}
