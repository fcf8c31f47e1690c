/* tensor/ops/dft.c - orthonormal Fourier transforms of real fields that keep the low modes.

   x [batch, channels, n..] in one to three dimensions; x_hat [batch, channels, 2 mz, 2 my, mx, 2]
   without the extents that the grid lacks: the half spectrum of tensor/algorithms/transform.h with rows
   0 .. m-1, -m .. -1 and re | im last, norm = "ortho". The inverse takes the spectrum for zero
   elsewhere and projects its self-conjugate planes as irfftn does. One is not the adjoint of the
   other: a mode kx > 0 stands for itself and its conjugate. */
#include "tensor/algorithms/transform.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

/* What one thread needs, in reals: room, columns, lines twice, and what lies between. */
typedef struct space {
    size_t room, columns, lines, all;
} space;

static space space_of(const leray_transform *t)
{
    space s = {leray_transform_room(t), leray_transform_columns(t), leray_transform_lines(t), 0};

    s.all = s.room + (s.columns + 2 * s.lines + leray_transform_work(t) + 15) / 16 * 16;
    return s;
}

static size_t scratch_of(const leray_transform *t)
{
    return (size_t)leray_threads() * space_of(t).all * leray_dtype_size(t->dtype);
}

/* The settings are modes per axis, or the grid. */
static leray_status plan(leray_transform *t, const leray_node *n, bool inverse)
{
    const leray_tensor *x = n->in[0];
    int dims = x->ndim - 2 - inverse, grid[3], modes[3];

    LERAY_CHECK(dims >= 1 && dims <= 3 && (!inverse || x->shape[x->ndim - 1] == 2), LERAY_ERR_ARG,
                "%s: needs [batch, channels, %s] of 1 to 3 dimensions", n->op->name,
                inverse ? "modes.., 2" : "grid..");
    for (int i = 0; i < dims; i++) {
        int half = i < dims - 1, extent = x->shape[2 + i];

        LERAY_CHECK(!inverse || !half || extent % 2 == 0, LERAY_ERR_ARG,
                    "%s: %d rows of modes on axis %d are not a number per sign", n->op->name,
                    extent, i);
        grid[i] = inverse ? n->settings.integer[i] : extent;
        modes[i] = inverse ? extent / (1 + half) : n->settings.integer[i];
    }
    LERAY_TRY(leray_transform_plan(t, x->dtype, dims, grid, modes, true));
    return LERAY_OK;
}

static leray_status dft_shapes(leray_node *n, leray_shape *out)
{
    int dims = n->in[0]->ndim - 2;
    leray_transform t;

    LERAY_TRY(plan(&t, n, false));
    *out = leray_shape_of(n->in[0]);
    for (int i = 0; i < dims; i++)
        out->extent[2 + i] = n->settings.integer[i] * (i < dims - 1 ? 2 : 1);
    out->extent[out->ndim++] = 2;
    n->scratch_size = scratch_of(&t);
    return LERAY_OK;
}

static leray_status idft_shapes(leray_node *n, leray_shape *out)
{
    leray_transform t;

    LERAY_TRY(plan(&t, n, true));
    *out = leray_shape_of(n->in[0]);
    out->ndim--;
    for (int i = 0; i < out->ndim - 2; i++) out->extent[2 + i] = n->settings.integer[i];
    n->scratch_size = scratch_of(&t);
    return LERAY_OK;
}

/* One image to its modes; they are written beside those that are there. */
static int to_modes(const leray_transform *t, const void *table, const void *f, void *room,
                    void *hat)
{
    space s = space_of(t);
    void *work = leray_at(t->dtype, room, s.room), *lines = leray_at(t->dtype, work, s.columns);
    void *transpose = leray_at(t->dtype, work, s.columns + s.lines);
    void *between = leray_at(t->dtype, work, s.columns + 2 * s.lines);
    int failed = leray_transform_x(t, table, leray_transform_image_rows(t), f, work, room);

    failed |= leray_transform_to_lines(t, work, between, lines, room);
    leray_transform_to_modes(t, 1, lines, transpose, (leray_mode_block){hat, 1});
    return failed;
}

static int from_modes(const leray_transform *t, const void *table, void *hat, void *room, void *f,
                      bool adds)
{
    space s = space_of(t);
    void *work = leray_at(t->dtype, room, s.room), *lines = leray_at(t->dtype, work, s.columns);
    void *transpose = leray_at(t->dtype, work, s.columns + s.lines);
    void *between = leray_at(t->dtype, work, s.columns + 2 * s.lines);
    int failed;

    leray_transform_from_modes(t, 1, (leray_mode_block){hat, 1}, transpose, lines);
    failed = leray_transform_from_lines(t, lines, between, work, room);
    failed |=
        leray_transform_x_inverse(t, table, leray_transform_image_rows(t), work, f, adds, room);
    return failed;
}

/* All images of a field f to modes or back, by one of the two tables. Where modes add to what is
   there, they go through a copy of the image's modes. */
static leray_status run(leray_node *n, bool inverse, bool doubled, bool to, void *f, void *hat,
                        bool adds)
{
    const leray_tensor *x = n->in[0];
    leray_transform t;
    size_t real = leray_dtype_size(x->dtype), points, modes, work;
    int images = x->shape[0] * x->shape[1], failed = 0;
    const void *table;
    char *scratch;

    LERAY_TRY(plan(&t, n, inverse));
    LERAY_TRY(leray_transform_init(&t, n->tape));
    LERAY_TRY(leray_tape_scratch(n->tape, scratch_of(&t), &scratch));
    table = doubled ? t.doubled : t.scaled;
    points = (size_t)leray_transform_image_rows(&t) * (size_t)t.n[2];
    modes = 2 * (size_t)leray_transform_modes(&t);
    work = space_of(&t).all * real;
#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int i = 0; i < images; i++) {
        void *image = leray_at(x->dtype, f, (size_t)i * points);
        void *image_hat = leray_at(x->dtype, hat, (size_t)i * modes);
        void *local = scratch + (size_t)omp_get_thread_num() * work;

        if (!to) failed |= from_modes(&t, table, image_hat, local, image, adds);
        else if (!adds) failed |= to_modes(&t, table, image, local, image_hat);
        else {
            void *copy = leray_at(x->dtype, local, space_of(&t).room);

            failed |= to_modes(&t, table, image, local, copy);
            n->kernels->scale(modes, 1, copy, image_hat, true);
        }
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static leray_status dft_forward(leray_node *n)
{
    LERAY_TRY(run(n, false, false, true, n->in[0]->value, n->out->value, false));
    return LERAY_OK;
}

static leray_status dft_backward(leray_node *n)
{
    LERAY_TRY(run(n, false, false, false, n->in[0]->grad, n->out->grad, leray_node_adds(n, 0)));
    return LERAY_OK;
}

static leray_status idft_forward(leray_node *n)
{
    LERAY_TRY(run(n, true, true, false, n->out->value, n->in[0]->value, false));
    return LERAY_OK;
}

static leray_status idft_backward(leray_node *n)
{
    LERAY_TRY(run(n, true, true, true, n->out->grad, n->in[0]->grad, leray_node_adds(n, 0)));
    return LERAY_OK;
}

/* Odd and even extents, few modes and all of them, in one to three dimensions; with fast transforms
   in the last three. */
static const struct {
    int dims, n[3], m[3];
} samples[] = {
    {1, {8},       {5}      },
    {1, {7},       {2}      },
    {2, {6, 8},    {3, 5}   },
    {2, {7, 5},    {2, 3}   },
    {3, {4, 5, 6}, {2, 1, 3}},
    {1, {96},      {36}     },
    {2, {3, 48},   {1, 20}  },
    {2, {144, 2},  {64, 2}  },
};

static void sample_of(int i, bool inverse, leray_op_sample *s)
{
    int dims = samples[i].dims, *extent = s->input[0].extent;

    s->n_inputs = 1;
    s->input[0].ndim = dims + 2 + inverse;
    extent[0] = 2, extent[1] = 3;
    for (int d = 0; d < dims; d++) {
        extent[2 + d] = inverse ? samples[i].m[d] * (d < dims - 1 ? 2 : 1) : samples[i].n[d];
        s->settings.integer[d] = inverse ? samples[i].n[d] : samples[i].m[d];
    }
    if (inverse) extent[2 + dims] = 2;
    s->low = -1, s->high = 1;
}

static void dft_sample(int i, leray_op_sample *s) { sample_of(i, false, s); }
static void idft_sample(int i, leray_op_sample *s) { sample_of(i, true, s); }

const leray_op leray_op_row_dft = {
    .name = "dft",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = dft_shapes,
    .forward = dft_forward,
    .backward = dft_backward,
    .n_samples = 8,
    .sample = dft_sample,
};

const leray_op leray_op_row_idft = {
    .name = "idft",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = idft_shapes,
    .forward = idft_forward,
    .backward = idft_backward,
    .n_samples = 8,
    .sample = idft_sample,
};

static leray_status record(leray_tape *tape, const leray_op *op, leray_tensor *x, int dims,
                           const int *extents, leray_tensor **out)
{
    leray_op_settings settings = {{0}, {0}};

    for (int i = 0; i < dims && i < 3; i++) settings.integer[i] = extents[i];
    LERAY_TRY(leray_tape_record(tape, op, 1, &x, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_dft(leray_tape *tape, leray_tensor *x, const int *modes, leray_tensor **out)
{
    LERAY_TRY(record(tape, &leray_op_row_dft, x, x->ndim - 2, modes, out));
    return LERAY_OK;
}

leray_status leray_op_idft(leray_tape *tape, leray_tensor *x_hat, const int *grid,
                           leray_tensor **out)
{
    LERAY_TRY(record(tape, &leray_op_row_idft, x_hat, x_hat->ndim - 3, grid, out));
    return LERAY_OK;
}
