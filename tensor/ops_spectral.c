/* tensor/ops_spectral.c - spectral convolution, alone or as a whole Fourier layer.

     y = f(inverse(w * forward(x)) + M x + bias),   f = identity or gelu

   x [batch, ci, ny, nx]; w [2 my, mx, ci, co, 2], complex: per kept mode
   y_hat[o] = sum_i x_hat[i] w[i, o]; M [co, ci] and bias [co] are optional together. The
   transforms and their treatment of self-conjugate modes are in tensor/transform.h.

   With w as the real matrix [ci, 2 co] (re, im interleaved), a mode is one real product without
   waste: rows (x_re; x_im) times w gives both halves of y, which complex_join puts together.

   A layer is three sweeps: x into modes; mixing, threaded over modes; then per tile of rows the
   inverse along x, the map M, bias and f, while the tile is in cache. Backward, in
   tensor/ops_spectral_backward.c, mirrors it. The number of threads changes no bit. */
#include "tensor/ops_spectral.h"

#include "tensor/ops.h"

#define BLOCK 32               /* channels that are transformed together */
#define TILE_BYTES (64 * 1024) /* of a tile of all channels */

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

size_t leray_spectral_modes_size(const leray_node *n)
{
    return (size_t)W(n)->shape[0] * (size_t)W(n)->shape[1] * 2 * (size_t)X(n)->shape[0] *
           (size_t)X(n)->shape[1];
}

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = X(n), *w = W(n), *m = M(n);
    size_t real = leray_dtype_size(x->dtype);

    LERAY_CHECK(x->ndim == 4 && w->ndim == 5 && w->shape[4] == 2 && w->shape[0] % 2 == 0 &&
                    w->shape[2] == x->shape[1],
                LERAY_ERR_ARG,
                "spectral: needs x [batch, ci, ny, nx] and w [2 my, mx, ci, co, 2] with ci = %d",
                x->ndim == 4 ? x->shape[1] : 0);
    LERAY_CHECK(n->n_inputs != 3, LERAY_ERR_ARG, "spectral: a map comes with its bias");
    if (m) {
        LERAY_CHECK(leray_is_matrix(m) && m->shape[0] == w->shape[3] && m->shape[1] == x->shape[1],
                    LERAY_ERR_ARG, "spectral: the map is not [%d, %d]", w->shape[3], x->shape[1]);
        LERAY_CHECK(BIAS(n)->count == (size_t)w->shape[3], LERAY_ERR_ARG,
                    "spectral: %zu biases for %d channels", BIAS(n)->count, w->shape[3]);
    }
    *out = leray_shape_of(x);
    out->extent[1] = w->shape[3];
    n->saved_size = leray_spectral_modes_size(n) * real;
    if (n->settings.integer[0])
        n->saved_size += x->count / (size_t)x->shape[1] * (size_t)w->shape[3] * real;
    return LERAY_OK;
}

/* Rows of a tile of [widest, rows, nx]. */
static void cut_tiles(leray_spectral *l, size_t widest)
{
    l->tile_rows = (int)larger(1, TILE_BYTES / (widest * (size_t)l->t.nx * l->real));
    if (l->tile_rows > l->t.ny) l->tile_rows = l->t.ny;
    l->tiles = (l->t.ny + l->tile_rows - 1) / l->tile_rows;
}

static void *at(const leray_spectral *l, const void *p, size_t i)
{
    return leray_spectral_at(l, p, i);
}

/* One piece of scratch for all arrays; the largest need of one thread is a tile, two blocks of
   lines and one of columns, or both factors of a mode. */
static leray_status cut_scratch(leray_spectral *l, size_t widest, bool backward)
{
    size_t image = (size_t)l->t.ny * 2 * (size_t)l->t.mx, items = (size_t)(l->batch * l->tiles);
    size_t hat = (size_t)l->modes * 2 * (size_t)l->batch * widest;
    size_t columns = (size_t)l->batch * widest * image;
    size_t bias = backward ? items * (size_t)l->co : 0, map = bias * (size_t)l->ci;
    size_t tile = widest * (size_t)l->tile_rows * (size_t)l->t.nx, r = l->real;
    size_t lines = BLOCK * (2 * leray_transform_lines(&l->t) + image);
    char *p;

    l->local_size = larger(larger(tile, 8 * (size_t)l->batch * widest), lines);
    l->local_size = (l->local_size + 15) / 16 * 16;
    LERAY_TRY(leray_tape_scratch(
        l->node->tape,
        r * (2 * hat + columns + map + bias + (size_t)leray_threads() * l->local_size) + 6 * 64,
        &p));
    l->x_hat = l->node->saved && !backward ? l->node->saved : leray_cut(&p, hat * r);
    l->y_hat = leray_cut(&p, hat * r);
    l->columns = leray_cut(&p, columns * r);
    l->partial_map = leray_cut(&p, map * r);
    l->partial_bias = leray_cut(&p, bias * r);
    l->local = p;
    return LERAY_OK;
}

leray_status leray_spectral_init(leray_spectral *l, leray_node *n, bool backward)
{
    const leray_tensor *x = X(n), *w = W(n);
    size_t widest = larger((size_t)x->shape[1], (size_t)w->shape[3]);

    *l = (leray_spectral){.node = n, .batch = x->shape[0], .ci = x->shape[1], .co = w->shape[3]};
    LERAY_TRY(leray_transform_init(&l->t, n->tape, x->shape[2], x->shape[3], w->shape[0] / 2,
                                   w->shape[1]));
    l->modes = w->shape[0] * w->shape[1];
    l->gelu = n->settings.integer[0];
    l->points = (size_t)x->shape[2] * (size_t)x->shape[3];
    l->real = leray_dtype_size(x->dtype);
    cut_tiles(l, widest);
    LERAY_TRY(cut_scratch(l, widest, backward));
    return LERAY_OK;
}

/* A block of channels of one sample: its images, and its place among the modes. */
typedef struct block {
    int count;
    size_t image; /* of its first channel */
    leray_modes modes;
} block;

static int blocks_of(int channels) { return (channels + BLOCK - 1) / BLOCK; }

static block block_of(const leray_spectral *l, int item, int channels, void *hat)
{
    int b = item / blocks_of(channels), c = item % blocks_of(channels) * BLOCK;
    size_t image = (size_t)b * (size_t)channels + (size_t)c;
    block x = {
        channels - c < BLOCK ? channels - c : BLOCK,
        image,
        {at(l, hat, image), (size_t)l->batch * (size_t)channels}
    };

    return x;
}

int leray_spectral_into_modes(const leray_spectral *l, const void *f, int channels, void *hat)
{
    size_t lines = leray_transform_lines(&l->t), image = (size_t)l->t.ny * 2 * (size_t)l->t.mx;
    int failed = 0, items = l->batch * blocks_of(channels);

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        block x = block_of(l, item, channels, hat);
        void *p = leray_spectral_local(l), *work = at(l, p, BLOCK * lines);
        void *a = f ? at(l, work, BLOCK * lines) : at(l, l->columns, x.image * image);

        if (f)
            failed |= leray_transform_x(&l->t, l->t.scaled, x.count * l->t.ny,
                                        at(l, f, x.image * l->points), a);
        for (int c = 0; c < x.count; c++)
            failed |=
                leray_transform_y(&l->t, at(l, a, (size_t)c * image), at(l, p, (size_t)c * lines));
        leray_transform_to_modes(&l->t, x.count, p, work, x.modes);
    }
    return failed;
}

int leray_spectral_out_of_modes(const leray_spectral *l, int channels, void *hat)
{
    size_t lines = leray_transform_lines(&l->t), image = (size_t)l->t.ny * 2 * (size_t)l->t.mx;
    int failed = 0, items = l->batch * blocks_of(channels);

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        block x = block_of(l, item, channels, hat);
        void *p = leray_spectral_local(l), *work = at(l, p, BLOCK * lines);

        leray_transform_from_modes(&l->t, x.count, x.modes, work, p);
        for (int c = 0; c < x.count; c++)
            failed |= leray_transform_y_inverse(&l->t, at(l, p, (size_t)c * lines),
                                                at(l, l->columns, (x.image + (size_t)c) * image));
    }
    return failed;
}

int leray_spectral_x_inverse(const leray_spectral *l, const void *table, int channels,
                             const leray_spectral_tile *tile, void *f, size_t ld, bool adds)
{
    bool whole = tile->rows == l->t.ny && ld == (size_t)tile->size;
    int calls = whole ? 1 : channels, rows = whole ? channels * tile->rows : tile->rows, failed = 0;

    for (int c = 0; c < calls; c++)
        failed |= leray_transform_x_inverse(&l->t, table, rows,
                                            leray_spectral_columns(l, channels, tile, c),
                                            at(l, f, (size_t)c * ld), adds);
    return failed;
}

leray_spectral_tile leray_spectral_tile_of(const leray_spectral *l, int item)
{
    leray_spectral_tile tile = {.b = item / l->tiles, .y0 = item % l->tiles * l->tile_rows};

    tile.rows = l->t.ny - tile.y0 < l->tile_rows ? l->t.ny - tile.y0 : l->tile_rows;
    tile.size = tile.rows * l->t.nx;
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

/* Odd and even extents, ny != nx, ci != co, all modes of the grid and few of them. */
static void sample(int i, leray_op_sample *s)
{
    static const int grid[4][4] = {
  /* ny, nx, my, mx */
        {6, 8, 3, 5},
        {7, 5, 2, 3},
        {8, 6, 2, 2},
        {5, 9, 1, 4}
    };
    int ci = 2, co = 3;

    s->n_inputs = i < 2 ? 2 : 4;
    s->input[0] = (leray_shape){
        4, {2, ci, grid[i][0], grid[i][1]}
    };
    s->input[1] = (leray_shape){
        5, {2 * grid[i][2], grid[i][3], ci, co, 2}
    };
    s->input[2] = (leray_shape){
        2, {co, ci}
    };
    s->input[3] = (leray_shape){1, {co}};
    s->settings.integer[0] = i == 3;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_spectral = {
    .name = "spectral",
    .inputs_min = 2,
    .inputs_max = 4,
    .shapes = shapes,
    .forward = forward,
    .backward = leray_spectral_backward,
    .n_samples = 4,
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
