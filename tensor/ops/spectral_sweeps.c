/* tensor/ops/spectral_sweeps.c - the sweeps that forward and backward of the spectral convolution have in common: fields
   into modes and back, in blocks of channels, and the arrays that they work in (tensor/ops/spectral.h). */
#include "tensor/ops/spectral.h"

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

leray_status leray_spectral_plan(leray_spectral *l, leray_node *n)
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

size_t leray_spectral_scratch(const leray_spectral *l, bool backward)
{
    return sizes_of(l, backward).all;
}

static void *at(const leray_spectral *l, const void *p, size_t i)
{
    return leray_spectral_at(l, p, i);
}

leray_status leray_spectral_init(leray_spectral *l, leray_node *n, bool backward)
{
    sizes s;
    char *p;

    LERAY_TRY(leray_spectral_plan(l, n));
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
