/* tensor/ops/spectral.c - spectral convolution, alone or as a whole Fourier layer.

     y = f(inverse(w * forward(x)) + M x + bias),   f = identity or gelu

   x [batch, ci, grid..] of 1 to 3 dimensions; w [2 mz, 2 my, mx, ci, co, 2] without the leading
   extents that the grid lacks, complex: per kept mode
   y_hat[o] = sum_i x_hat[i] w[i, o]; M [co, ci] and bias [co] are optional together. The
   transforms and their treatment of self-conjugate modes are in tensor/algorithms/transform.h.

   With w as the real matrix [ci, 2 co] (re, im interleaved), a mode is one real product without
   waste: rows (x_re; x_im) times w gives both halves of y, which complex_join puts together.

   A layer is three sweeps: x into modes; mixing, threaded over modes; then per tile of rows the
   inverse along x, the map M, bias and f, while the tile is in cache. Backward, in
   tensor/ops/spectral_backward.c, mirrors it. The number of threads changes no bit. */
#include "tensor/ops/spectral.h"

#include <leray/impl/ops.h>

#define BLOCK 32               /* channels that are transformed together, at most */
#define TILE_BYTES (64 * 1024) /* of a tile of all channels */

#define COLUMNS_BYTES (256 * 1024) /* of images between the products along x and y */
#define LINES_BYTES (1024 * 1024)  /* of a block's lines and their transpose */

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

size_t leray_spectral_modes_size(const leray_node *n)
{
    return W(n)->count / (size_t)W(n)->shape[W(n)->ndim - 2] * (size_t)X(n)->shape[0];
}

/* Rows of a tile of [widest, rows, nx]. */
static void cut_tiles(leray_spectral *l, size_t widest)
{
    int rows = leray_transform_image_rows(&l->t);

    l->tile_rows = (int)larger(1, TILE_BYTES / (widest * (size_t)l->t.n[2] * l->real));
    if (l->tile_rows > rows) l->tile_rows = rows;
    l->tiles = (rows + l->tile_rows - 1) / l->tile_rows;
}

/* Channels that are transformed together, and how many of them at a time along x. */
static void cut_blocks(leray_spectral *l, int widest)
{
    size_t columns = leray_transform_columns(&l->t) * l->real;
    size_t lines = 2 * leray_transform_lines(&l->t) * l->real;
    size_t group = larger(1, COLUMNS_BYTES / columns);

    l->block = BLOCK;
    while (l->block > 8 && (size_t)l->block * lines > LINES_BYTES) l->block /= 2;
    if (l->block > widest) l->block = widest;
    l->group = group < (size_t)l->block ? (int)group : l->block;
}

/* Everything but tables and memory. */
static leray_status plan(leray_spectral *l, leray_node *n)
{
    const leray_tensor *x = X(n), *w = W(n);
    int dims = x->ndim - 2, m[3] = {0}, ci = x->shape[1], co = w->shape[dims + 1];

    *l = (leray_spectral){.node = n, .batch = x->shape[0], .ci = ci, .co = co};
    for (int i = 0; i < dims; i++) m[i] = i < dims - 1 ? w->shape[i] / 2 : w->shape[i];
    LERAY_TRY(leray_transform_plan(&l->t, x->dtype, dims, x->shape + 2, m, false));
    l->modes = leray_transform_modes(&l->t);
    l->gelu = n->settings.integer[0];
    l->points = (size_t)leray_transform_image_rows(&l->t) * (size_t)l->t.n[2];
    l->real = leray_dtype_size(x->dtype);
    l->widest = ci > co ? ci : co;
    cut_tiles(l, (size_t)l->widest);
    cut_blocks(l, l->widest);
    return LERAY_OK;
}

/* Sizes in bytes of the arrays in scratch; the largest need of one thread is a tile, two blocks of
   lines with what leads to them, or both factors of a mode. */
typedef struct sizes {
    size_t hat, columns, map, bias, local, all;
} sizes;

static sizes sizes_of(const leray_spectral *l, bool backward)
{
    const leray_transform *t = &l->t;
    size_t wide = (size_t)l->widest, batch = (size_t)l->batch, r = l->real;
    size_t items = M(l->node) && backward ? batch * (size_t)l->tiles : 0;
    size_t lines = 2 * (size_t)l->block * leray_transform_lines(t) +
                   (size_t)l->group * leray_transform_columns(t) + leray_transform_work(t);
    size_t tile = wide * (size_t)l->tile_rows * (size_t)t->n[2];
    sizes s;

    s.hat = (size_t)l->modes * 2 * batch * wide * r;
    s.columns = batch * wide * leray_transform_columns(t) * r;
    s.bias = items * (size_t)l->co * r;
    s.map = s.bias * (size_t)l->ci;
    s.local = (larger(larger(tile, 8 * batch * wide), lines) * r + 63) / 64 * 64;
    s.local += leray_transform_room(t) * r;
    s.all = 2 * s.hat + s.columns + s.map + s.bias + (size_t)leray_threads() * s.local + 6 * 64;
    return s;
}

static leray_status shapes_agree(const leray_node *n)
{
    const leray_tensor *x = X(n), *w = W(n), *m = M(n);
    int dims = x->ndim - 2, co;
    bool fits = dims >= 1 && dims <= 3 && w->ndim == dims + 3 && w->shape[dims + 2] == 2 &&
                w->shape[dims] == x->shape[1];

    for (int i = 0; fits && i < dims - 1; i++) fits = w->shape[i] % 2 == 0;
    LERAY_CHECK(fits, LERAY_ERR_ARG,
                "spectral: needs x [batch, ci, grid..] of 1 to 3 dimensions and w [2 my, mx, ci, "
                "co, 2], in 3-D [2 mz, 2 my, mx, ..], in 1-D [mx, ..], with ci = %d",
                x->ndim > 1 ? x->shape[1] : 0);
    co = w->shape[dims + 1];
    LERAY_CHECK(n->n_inputs != 3, LERAY_ERR_ARG, "spectral: a map comes with its bias");
    if (!m) return LERAY_OK;
    LERAY_CHECK(leray_is_matrix(m) && m->shape[0] == co && m->shape[1] == x->shape[1],
                LERAY_ERR_ARG, "spectral: the map is not [%d, %d]", co, x->shape[1]);
    LERAY_CHECK(BIAS(n)->count == (size_t)co, LERAY_ERR_ARG, "spectral: %zu biases for %d channels",
                BIAS(n)->count, co);
    return LERAY_OK;
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = X(n);
    leray_spectral l;

    LERAY_TRY(shapes_agree(n));
    LERAY_TRY(plan(&l, n));
    *out = leray_shape_of(x);
    out->extent[1] = l.co;
    n->saved_size = leray_spectral_modes_size(n) * l.real;
    if (l.gelu) n->saved_size += (size_t)l.batch * (size_t)l.co * l.points * l.real;
    n->scratch_size = sizes_of(&l, true).all;
    return LERAY_OK;
}

static void *at(const leray_spectral *l, const void *p, size_t i)
{
    return leray_spectral_at(l, p, i);
}

leray_status leray_spectral_init(leray_spectral *l, leray_node *n, bool backward)
{
    sizes s;
    char *p;

    LERAY_TRY(plan(l, n));
    LERAY_TRY(leray_transform_init(&l->t, n->tape));
    s = sizes_of(l, backward);
    LERAY_TRY(leray_tape_scratch(n->tape, s.all, &p));
    l->x_hat = n->saved && !backward ? n->saved : leray_cut(&p, s.hat);
    l->y_hat = leray_cut(&p, s.hat);
    l->columns = leray_cut(&p, s.columns);
    l->partial_map = leray_cut(&p, s.map);
    l->partial_bias = leray_cut(&p, s.bias);
    l->local = p;
    l->local_size = s.local / l->real;
    return LERAY_OK;
}

/* A block of channels of one sample: its images, and its place among the modes. */
typedef struct block {
    int count;
    size_t image; /* of its first channel */
    leray_mode_block modes;
} block;

static int blocks_of(const leray_spectral *l, int channels)
{
    return (channels + l->block - 1) / l->block;
}

static block block_of(const leray_spectral *l, int item, int channels, void *hat)
{
    int blocks = blocks_of(l, channels), b = item / blocks, c = item % blocks * l->block;
    size_t image = (size_t)b * (size_t)channels + (size_t)c;
    block x = {
        channels - c < l->block ? channels - c : l->block,
        image,
        {at(l, hat, image), (size_t)l->batch * (size_t)channels}
    };

    return x;
}

/* Work space of a thread for blocks. */
typedef struct space {
    void *lines, *transpose, *columns, *work;
} space;

static space space_of(const leray_spectral *l)
{
    size_t lines = (size_t)l->block * leray_transform_lines(&l->t);
    void *p = leray_spectral_local(l);

    return (space){p, at(l, p, lines), at(l, p, 2 * lines),
                   at(l, p, 2 * lines + (size_t)l->group * leray_transform_columns(&l->t))};
}

/* Images first .. first + count - 1 of a block to lines, from f or, if that is NULL, from
   l->columns. */
static int group_to_lines(const leray_spectral *l, const block *x, int first, int count,
                          const void *f, const space *s)
{
    size_t columns = leray_transform_columns(&l->t), lines = leray_transform_lines(&l->t);
    size_t image = x->image + (size_t)first;
    void *a = f ? s->columns : at(l, l->columns, image * columns);
    int failed = 0;

    if (f)
        failed |= leray_transform_x(&l->t, l->t.scaled, count * leray_transform_image_rows(&l->t),
                                    at(l, f, image * l->points), a, leray_spectral_room(l));
    for (int c = 0; c < count; c++)
        failed |= leray_transform_to_lines(&l->t, at(l, a, (size_t)c * columns), s->work,
                                           at(l, s->lines, (size_t)(first + c) * lines),
                                           leray_spectral_room(l));
    return failed;
}

int leray_spectral_into_modes(const leray_spectral *l, const void *f, int channels, void *hat)
{
    int failed = 0, items = l->batch * blocks_of(l, channels);

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        block x = block_of(l, item, channels, hat);
        space s = space_of(l);

        for (int c = 0; c < x.count; c += l->group)
            failed |=
                group_to_lines(l, &x, c, x.count - c < l->group ? x.count - c : l->group, f, &s);
        leray_transform_to_modes(&l->t, x.count, s.lines, s.transpose, x.modes);
    }
    return failed;
}

int leray_spectral_out_of_modes(const leray_spectral *l, int channels, void *hat)
{
    size_t columns = leray_transform_columns(&l->t), lines = leray_transform_lines(&l->t);
    int failed = 0, items = l->batch * blocks_of(l, channels);

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        block x = block_of(l, item, channels, hat);
        space s = space_of(l);

        leray_transform_from_modes(&l->t, x.count, x.modes, s.transpose, s.lines);
        for (int c = 0; c < x.count; c++)
            failed |= leray_transform_from_lines(&l->t, at(l, s.lines, (size_t)c * lines), s.work,
                                                 at(l, l->columns, (x.image + (size_t)c) * columns),
                                                 leray_spectral_room(l));
    }
    return failed;
}

int leray_spectral_x_inverse(const leray_spectral *l, const void *table, int channels,
                             const leray_spectral_tile *tile, void *f, size_t ld, bool adds)
{
    bool whole = tile->rows == leray_transform_image_rows(&l->t) && ld == (size_t)tile->size;
    int calls = whole ? 1 : channels, rows = whole ? channels * tile->rows : tile->rows, failed = 0;

    for (int c = 0; c < calls; c++)
        failed |= leray_transform_x_inverse(&l->t, table, rows,
                                            leray_spectral_columns(l, channels, tile, c),
                                            at(l, f, (size_t)c * ld), adds, leray_spectral_room(l));
    return failed;
}

leray_spectral_tile leray_spectral_tile_of(const leray_spectral *l, int item)
{
    leray_spectral_tile tile = {.b = item / l->tiles, .y0 = item % l->tiles * l->tile_rows};

    tile.rows = leray_transform_image_rows(&l->t) - tile.y0;
    if (tile.rows > l->tile_rows) tile.rows = l->tile_rows;
    tile.size = tile.rows * l->t.n[2];
    return tile;
}

static int mix(const leray_spectral *l)
{
    const leray_kernels *k = l->node->kernels;
    size_t half_x = (size_t)l->batch * (size_t)l->ci, half_y = (size_t)l->batch * (size_t)l->co;
    int failed = 0;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int mode = 0; mode < l->modes; mode++) {
        void *t = leray_spectral_local(l), *y = at(l, l->y_hat, (size_t)mode * 2 * half_y);
        const void *x = at(l, l->x_hat, (size_t)mode * 2 * half_x);
        const void *w = at(l, W(l->node)->value, (size_t)mode * (size_t)l->ci * (size_t)l->co * 2);

        failed |= k->gemm('N', 'N', 2 * l->batch, 2 * l->co, l->ci, 1, x, l->ci, w, 2 * l->co, 0, t,
                          2 * l->co);
        k->complex_join(half_y, t, at(l, t, 2 * half_y), y, at(l, y, half_y));
    }
    return failed;
}

/* One tile of y from l->columns: its spectral part [co, rows nx], plus the map, then bias and f,
   whose slope is kept where it is wanted. */
static int finish_tile(const leray_spectral *l, int item, void *slope)
{
    leray_node *n = l->node;
    const leray_kernels *k = n->kernels;
    leray_spectral_tile tile = leray_spectral_tile_of(l, item);
    size_t o = leray_spectral_field(l, l->co, &tile), size = (size_t)tile.size;
    void *t = leray_spectral_local(l), *out = at(l, n->out->value, o);
    int failed = leray_spectral_x_inverse(l, l->t.doubled, l->co, &tile, t, size, false);
    if (M(n))
        failed |= k->gemm('N', 'N', l->co, tile.size, l->ci, 1, M(n)->value, l->ci,
                          at(l, X(n)->value, leray_spectral_field(l, l->ci, &tile)), (int)l->points,
                          1, t, tile.size);
    if (l->gelu)
        k->bias_gelu(l->co, tile.size, BIAS(n)->value, t, tile.size, out,
                     slope ? at(l, slope, o) : NULL, l->points);
    else if (M(n)) k->bias(l->co, tile.size, BIAS(n)->value, t, tile.size, out, l->points);
    else
        for (int c = 0; c < l->co; c++)
            k->scale(size, 1, at(l, t, (size_t)c * size), at(l, out, (size_t)c * l->points), false);
    return failed;
}

static int finish(const leray_spectral *l, void *slope)
{
    int failed = 0, items = l->batch * l->tiles;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) failed |= finish_tile(l, item, slope);
    return failed;
}

static leray_status forward(leray_node *n)
{
    leray_spectral l;
    int failed;

    LERAY_TRY(leray_spectral_init(&l, n, false));
    failed = leray_spectral_into_modes(&l, X(n)->value, l.ci, l.x_hat);
    failed |= mix(&l);
    failed |= leray_spectral_out_of_modes(&l, l.co, l.y_hat);
    failed |=
        finish(&l, n->saved && l.gelu ? at(&l, n->saved, leray_spectral_modes_size(n)) : NULL);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* Odd and even extents that differ, ci != co, all modes of the grid and few of them, in one to
   three dimensions. */
static void sample(int i, leray_op_sample *s)
{
    static const struct {
        int dims, n[3], m[3];
        bool layer, gelu;
    } t[] = {
  /* the last three with fast transforms along x, y and x alone */
        {2, {6, 8},    {3, 5},    false, false},
        {2, {7, 5},    {2, 3},    false, false},
        {2, {8, 6},    {2, 2},    true,  false},
        {2, {5, 9},    {1, 4},    true,  true },
        {1, {8},       {5},       false, false},
        {1, {9},       {3},       true,  true },
        {3, {4, 6, 5}, {2, 2, 3}, false, false},
        {3, {5, 4, 4}, {1, 2, 3}, true,  true },
        {2, {5, 48},   {2, 20},   true,  true },
        {2, {144, 2},  {64, 1},   false, false},
        {1, {96},      {36},      true,  false},
    };
    int dims = t[i].dims, ci = 2, co = 3, *x = s->input[0].extent, *w = s->input[1].extent;

    s->n_inputs = t[i].layer ? 4 : 2;
    s->input[0].ndim = dims + 2;
    s->input[1].ndim = dims + 3;
    x[0] = 2, x[1] = ci;
    for (int d = 0; d < dims; d++) {
        x[2 + d] = t[i].n[d];
        w[d] = d < dims - 1 ? 2 * t[i].m[d] : t[i].m[d];
    }
    w[dims] = ci, w[dims + 1] = co, w[dims + 2] = 2;
    s->input[2] = (leray_shape){
        2, {co, ci}
    };
    s->input[3] = (leray_shape){1, {co}};
    s->settings.integer[0] = t[i].gelu;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_spectral = {
    .name = "spectral",
    .inputs_min = 2,
    .inputs_max = 4,
    .shapes = shapes,
    .forward = forward,
    .backward = leray_spectral_backward,
    .n_samples = 11,
    .sample = sample,
};

leray_status leray_op_spectral(leray_tape *tape, leray_tensor *x, leray_tensor *w,
                               leray_tensor **out)
{
    leray_tensor *in[] = {x, w};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_spectral, 2, in, NULL, out));
    return LERAY_OK;
}

leray_status leray_op_fourier_layer(leray_tape *tape, leray_tensor *x, leray_tensor *w,
                                    leray_tensor *map, leray_tensor *bias, bool gelu,
                                    leray_tensor **out)
{
    leray_tensor *in[] = {x, w, map, bias};
    leray_op_settings settings = {.integer = {gelu}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_spectral, 4, in, &settings, out));
    return LERAY_OK;
}
