/* tensor/ops_spectral.c - spectral convolution, alone or as a whole Fourier layer.

     y = f(inverse(w * forward(x)) + M x + bias),   f = identity or gelu

   x [batch, ci, ny, nx]; w [2 my, mx, ci, co, 2], complex: per kept mode
   y_hat[o] = sum_i x_hat[i] w[i, o]; M [co, ci] and bias [co] are optional together. The
   transforms and their treatment of self-conjugate modes are in tensor/transform.h.

   Modes are stored mode-major, [mode, re | im, batch, channels]. With w as the real matrix
   [ci, 2 co] (re, im interleaved), a mode is one real product without waste: rows (x_re; x_im)
   times w gives both halves of y, which complex_join puts together. For g = d/dy as interleaved
   rows (g; -i g) the gradients are (g; -i g) w^T and (x_re; x_im)^T (g; -i g).

   A layer is three sweeps: x into modes; mixing, threaded over modes; then per tile of rows the
   inverse along x, the map M, bias and f, while the tile is in cache. Backward mirrors it. Work
   is cut into items that depend on the shapes alone, and partial sums of weight gradients are
   added in the order of the items: the number of threads changes no bit. */
#include "tensor/ops.h"

#include "tensor/ops_common.h"
#include "tensor/transform.h"

#define X(n) ((n)->in[0])
#define W(n) ((n)->in[1])
#define M(n) ((n)->n_inputs > 2 ? (n)->in[2] : NULL)
#define BIAS(n) ((n)->in[3])
#define BLOCK_BYTES (128 * 1024) /* of one channel block, and of one tile */

typedef struct layer {
    leray_transform t;
    leray_node *node;
    int batch, ci, co, modes;
    bool gelu;
    size_t points, real;
    int tile_rows, tiles; /* rows of a tile, tiles of a sample */
    void *x_hat;          /* [modes, 2, batch, ci], kept for backward */
    void *y_hat;          /* [modes, 2, batch, co] */
    void *columns;        /* [batch, ny, max(ci, co), 2 mx]: between the two products */
    void *partial_map;    /* [batch * tiles, co, ci], backward */
    void *partial_bias;   /* [batch * tiles, co], backward */
    void *local;          /* [threads, local_size] */
    size_t local_size;
} layer;

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t x_hat_size(const leray_node *n)
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
    n->saved_size = x_hat_size(n) * real;
    if (n->settings.integer[0])
        n->saved_size += x->count / (size_t)x->shape[1] * (size_t)w->shape[3] * real;
    return LERAY_OK;
}

static int block_of(const layer *l, int channels)
{
    size_t one = (size_t)l->t.ny * 2 * (size_t)l->t.mx * l->real;
    int block = (int)(BLOCK_BYTES / one);

    if (block < 4) block = 4;
    return block < channels ? block : channels;
}

static int blocks_of(const layer *l, int channels)
{
    int block = block_of(l, channels);

    return (channels + block - 1) / block;
}

/* Sizes, tables and one piece of scratch cut into the arrays. */
static leray_status set_up(layer *l, leray_node *n, bool backward)
{
    const leray_tensor *x = X(n), *w = W(n);
    size_t widest, y_hat, columns, map, bias, block, tile, mixing;
    char *p;

    *l = (layer){.node = n, .batch = x->shape[0], .ci = x->shape[1], .co = w->shape[3]};
    LERAY_TRY(leray_transform_init(&l->t, n->tape, x->shape[2], x->shape[3], w->shape[0] / 2,
                                   w->shape[1]));
    l->modes = w->shape[0] * w->shape[1];
    l->gelu = n->settings.integer[0];
    l->points = (size_t)x->shape[2] * (size_t)x->shape[3];
    l->real = leray_dtype_size(x->dtype);
    widest = larger((size_t)l->ci, (size_t)l->co);
    l->tile_rows = (int)larger(1, BLOCK_BYTES / 2 / (widest * (size_t)l->t.nx * l->real));
    if (l->tile_rows > l->t.ny) l->tile_rows = l->t.ny;
    l->tiles = (l->t.ny + l->tile_rows - 1) / l->tile_rows;

    y_hat = (size_t)l->modes * 2 * (size_t)l->batch * widest;
    columns = (size_t)l->batch * (size_t)l->t.ny * widest * 2 * (size_t)l->t.mx;
    map = backward ? (size_t)l->batch * (size_t)l->tiles * (size_t)l->ci * (size_t)l->co : 0;
    bias = backward ? (size_t)l->batch * (size_t)l->tiles * (size_t)l->co : 0;
    block = (size_t)block_of(l, (int)widest);
    tile = widest * (size_t)l->tile_rows * (size_t)l->t.nx;
    mixing = 4 * (size_t)l->batch * (widest * 2);
    l->local_size = larger(larger(tile, mixing), leray_transform_work(&l->t, (int)block) +
                                                     (size_t)l->t.ny * block * 2 * (size_t)l->t.mx);
    l->local_size = (l->local_size + 15) / 16 * 16;
    LERAY_TRY(leray_tape_scratch(
        n->tape,
        l->real * (2 * y_hat + columns + map + bias + (size_t)leray_threads() * l->local_size) +
            6 * 64,
        &p));
    l->x_hat = n->saved && !backward ? n->saved : leray_cut(&p, y_hat * l->real);
    l->y_hat = leray_cut(&p, y_hat * l->real);
    l->columns = leray_cut(&p, columns * l->real);
    l->partial_map = leray_cut(&p, map * l->real);
    l->partial_bias = leray_cut(&p, bias * l->real);
    l->local = p;
    return LERAY_OK;
}

static void *at(const layer *l, const void *p, size_t i) { return leray_at(l->t.dtype, p, i); }

static void *local_of(const layer *l)
{
    return at(l, l->local, (size_t)omp_get_thread_num() * l->local_size);
}

static leray_modes modes_of(const layer *l, void *hat, int channels, int b, int c)
{
    size_t first = (size_t)b * (size_t)channels + (size_t)c;

    return (leray_modes){at(l, hat, first), (size_t)l->batch * (size_t)channels};
}

/* f [batch, channels, ny, nx] -> hat [modes, 2, batch, channels]. */
static int into_modes(const layer *l, const void *f, int channels, void *hat)
{
    int block = block_of(l, channels), blocks = blocks_of(l, channels), failed = 0;
    int items = l->batch * blocks;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int b = item / blocks, c0 = item % blocks * block;
        int count = channels - c0 < block ? channels - c0 : block;
        int ld = count * 2 * l->t.mx;
        void *a = local_of(l), *work = at(l, a, (size_t)l->t.ny * (size_t)ld);

        for (int c = 0; c < count; c++) {
            size_t image = ((size_t)b * (size_t)channels + (size_t)(c0 + c)) * l->points;

            failed |= leray_transform_x(&l->t, l->t.scaled, l->t.ny, at(l, f, image),
                                        at(l, a, (size_t)c * 2 * (size_t)l->t.mx), ld);
        }
        failed |= leray_transform_y(&l->t, count, a, ld, work, modes_of(l, hat, channels, b, c0));
    }
    return failed;
}

/* Between l->columns [batch, ny, channels, 2 mx] and modes, along y. */
static int along_y(const layer *l, int channels, void *hat, bool inverse)
{
    int block = block_of(l, channels), blocks = blocks_of(l, channels), failed = 0;
    int items = l->batch * blocks, ld = channels * 2 * l->t.mx;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int b = item / blocks, c0 = item % blocks * block;
        int count = channels - c0 < block ? channels - c0 : block;
        size_t first = (size_t)b * (size_t)l->t.ny * (size_t)ld + (size_t)c0 * 2 * (size_t)l->t.mx;
        void *columns = at(l, l->columns, first), *work = local_of(l);
        leray_modes modes = modes_of(l, hat, channels, b, c0);

        if (inverse) failed |= leray_transform_y_inverse(&l->t, count, modes, work, columns, ld);
        else failed |= leray_transform_y(&l->t, count, columns, ld, work, modes);
    }
    return failed;
}

static int mix(const layer *l)
{
    const leray_kernels *k = l->node->kernels;
    size_t half_x = (size_t)l->batch * (size_t)l->ci, half_y = (size_t)l->batch * (size_t)l->co;
    int failed = 0;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int mode = 0; mode < l->modes; mode++) {
        void *t = local_of(l), *y = at(l, l->y_hat, (size_t)mode * 2 * half_y);
        const void *x = at(l, l->x_hat, (size_t)mode * 2 * half_x);
        const void *w = at(l, W(l->node)->value, (size_t)mode * (size_t)l->ci * (size_t)l->co * 2);

        failed |= k->gemm('N', 'N', 2 * l->batch, 2 * l->co, l->ci, 1, x, l->ci, w, 2 * l->co, 0, t,
                          2 * l->co);
        k->complex_join(half_y, t, at(l, t, 2 * half_y), y, at(l, y, half_y));
    }
    return failed;
}

/* First row of a tile, and how many it has. */
static int tile_of(const layer *l, int item, int *b, int *rows)
{
    int y0 = item % l->tiles * l->tile_rows;

    *b = item / l->tiles;
    *rows = l->t.ny - y0 < l->tile_rows ? l->t.ny - y0 : l->tile_rows;
    return y0;
}

/* One tile [rows, channels, nx] of the inverse transform of l->columns: rows of all channels
   together make one product of useful size. */
static int tile_inverse(const layer *l, const void *table, int channels, int b, int y0, int rows,
                        void *tile)
{
    size_t first = ((size_t)b * (size_t)l->t.ny + (size_t)y0) * (size_t)channels;

    return leray_transform_x_inverse(&l->t, table, rows * channels,
                                     at(l, l->columns, first * 2 * (size_t)l->t.mx), 2 * l->t.mx,
                                     tile);
}

/* Row r of a tile. */
static void *row_of(const layer *l, void *tile, int channels, int r)
{
    return at(l, tile, (size_t)r * (size_t)channels * (size_t)l->t.nx);
}

/* Where row y of channel 0 of sample b starts in a field. */
static size_t field_at(const layer *l, int channels, int b, int y)
{
    return (size_t)b * (size_t)channels * l->points + (size_t)y * (size_t)l->t.nx;
}

/* Row y of the output from t [co, nx]: adds the map, then bias and f. */
static int finish_row(const layer *l, int b, int y, void *z, void *t)
{
    leray_node *n = l->node;
    const leray_kernels *k = n->kernels;
    size_t o = field_at(l, l->co, b, y);
    void *out = at(l, n->out->value, o);
    int failed = 0, nx = l->t.nx;

    if (M(n))
        failed = k->gemm('N', 'N', l->co, nx, l->ci, 1, M(n)->value, l->ci,
                         at(l, X(n)->value, field_at(l, l->ci, b, y)), (int)l->points, 1, t, nx);
    if (l->gelu)
        k->bias_gelu(l->co, nx, BIAS(n)->value, t, nx, z ? at(l, z, o) : NULL, out, l->points);
    else if (M(n)) k->bias_gelu(l->co, nx, BIAS(n)->value, t, nx, out, NULL, l->points);
    else
        for (int c = 0; c < l->co; c++)
            k->scale((size_t)nx, 1, at(l, t, (size_t)c * (size_t)nx),
                     at(l, out, (size_t)c * l->points), false);
    return failed;
}

/* Tiles of y from l->columns; z, where it is kept, is what gelu is applied to. */
static int finish(const layer *l, void *z)
{
    int failed = 0, items = l->batch * l->tiles;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int b, rows, y0 = tile_of(l, item, &b, &rows);
        void *tile = local_of(l);

        failed |= tile_inverse(l, l->t.doubled, l->co, b, y0, rows, tile);
        for (int r = 0; r < rows; r++)
            failed |= finish_row(l, b, y0 + r, z, row_of(l, tile, l->co, r));
    }
    return failed;
}

static leray_status forward(leray_node *n)
{
    layer l;
    int failed;

    LERAY_TRY(set_up(&l, n, false));
    failed = into_modes(&l, X(n)->value, l.ci, l.x_hat);
    failed |= mix(&l);
    failed |= along_y(&l, l.co, l.y_hat, true);
    failed |= finish(&l, n->saved && l.gelu ? at(&l, n->saved, x_hat_size(n)) : NULL);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* gz = d / d(before f) of one tile, kept in the place of z; a copy [rows, co, nx] in `tile`. */
static void tile_gradient(const layer *l, void *gz, size_t o, int rows, void *tile)
{
    const leray_kernels *k = l->node->kernels;
    size_t nx = (size_t)l->t.nx;

    for (int c = 0; c < l->co; c++) {
        void *g = at(l, gz, o + (size_t)c * l->points);

        if (l->gelu)
            k->unary_backward(LERAY_GELU, (size_t)rows * nx, g,
                              at(l, l->node->out->grad, o + (size_t)c * l->points), g, false);
        for (int r = 0; r < rows; r++)
            k->scale(nx, 1, at(l, g, (size_t)r * nx),
                     at(l, row_of(l, tile, l->co, r), (size_t)c * nx), false);
    }
}

/* gz, partial sums of the gradients of map and bias, and the product along x. */
static int start_back(const layer *l, void *gz)
{
    leray_node *n = l->node;
    const leray_kernels *k = n->kernels;
    int failed = 0, items = l->batch * l->tiles;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int b, rows, y0 = tile_of(l, item, &b, &rows), size = rows * l->t.nx;
        size_t o = field_at(l, l->co, b, y0), i = (size_t)item * (size_t)l->co;
        size_t first = ((size_t)b * (size_t)l->t.ny + (size_t)y0) * (size_t)l->co;
        void *tile = local_of(l);

        tile_gradient(l, gz, o, rows, tile);
        failed |= leray_transform_x(&l->t, l->t.doubled, rows * l->co, tile,
                                    at(l, l->columns, first * 2 * (size_t)l->t.mx), 2 * l->t.mx);
        if (!M(n)) continue;
        k->row_sums(l->co, size, at(l, gz, o), (int)l->points, at(l, l->partial_bias, i), false);
        failed |= k->gemm('N', 'T', l->co, l->ci, size, 1, at(l, gz, o), (int)l->points,
                          at(l, X(n)->value, field_at(l, l->ci, b, y0)), (int)l->points, 0,
                          at(l, l->partial_map, i * (size_t)l->ci), l->ci);
    }
    return failed;
}

/* From the gradient of y_hat to those of w and (into x_grad) of x_hat. */
static int mix_back(const layer *l, const void *x_hat, void *x_grad, bool adds)
{
    const leray_kernels *k = l->node->kernels;
    const leray_tensor *w = W(l->node);
    size_t half_x = (size_t)l->batch * (size_t)l->ci, half_y = (size_t)l->batch * (size_t)l->co;
    int failed = 0, wide = 2 * l->co, rows = 2 * l->batch;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int mode = 0; mode < l->modes; mode++) {
        void *g = local_of(l), *y = at(l, l->y_hat, (size_t)mode * 2 * half_y);
        size_t w0 = (size_t)mode * (size_t)l->ci * (size_t)wide, x0 = (size_t)mode * 2 * half_x;

        k->complex_split(half_y, y, at(l, y, half_y), g, at(l, g, 2 * half_y));
        if (w->grad)
            failed |= k->gemm('T', 'N', l->ci, wide, rows, 1, at(l, x_hat, x0), l->ci, g, wide,
                              adds, at(l, w->grad, w0), wide);
        failed |= k->gemm('N', 'T', rows, l->ci, wide, 1, g, wide, at(l, w->value, w0), wide, 0,
                          at(l, x_grad, x0), l->ci);
    }
    return failed;
}

static int finish_back(const layer *l, const void *gz, bool adds)
{
    leray_node *n = l->node;
    const leray_kernels *k = n->kernels;
    int failed = 0, items = l->batch * l->tiles, nx = l->t.nx;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int b, rows, y0 = tile_of(l, item, &b, &rows);
        void *tile = local_of(l);

        failed |= tile_inverse(l, l->t.scaled, l->ci, b, y0, rows, tile);
        for (int r = 0; r < rows; r++) {
            void *t = row_of(l, tile, l->ci, r);
            void *gx = at(l, X(n)->grad, field_at(l, l->ci, b, y0 + r));

            if (M(n))
                failed |=
                    k->gemm('T', 'N', l->ci, nx, l->co, 1, M(n)->value, l->ci,
                            at(l, gz, field_at(l, l->co, b, y0 + r)), (int)l->points, 1, t, nx);
            for (int c = 0; c < l->ci; c++)
                k->scale((size_t)nx, 1, at(l, t, (size_t)c * (size_t)nx),
                         at(l, gx, (size_t)c * l->points), adds);
        }
    }
    return failed;
}

static leray_status backward(leray_node *n)
{
    layer l;
    void *gz;
    int failed;

    LERAY_TRY(set_up(&l, n, true));
    gz = l.gelu ? at(&l, n->saved, x_hat_size(n)) : n->out->grad;
    failed = start_back(&l, gz);
    if (M(n)) {
        int items = l.batch * l.tiles;

        leray_add_partials(n, 2, items, l.partial_map);
        leray_add_partials(n, 3, items, l.partial_bias);
    }
    failed |= along_y(&l, l.co, l.y_hat, false);
    failed |= mix_back(&l, n->saved, l.x_hat, W(n)->grad && leray_node_adds(n, 1));
    if (X(n)->grad) {
        failed |= along_y(&l, l.ci, l.x_hat, true);
        failed |= finish_back(&l, gz, leray_node_adds(n, 0));
    }
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
    .backward = backward,
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
