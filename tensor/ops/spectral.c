/* tensor/ops/spectral.c - spectral convolution, alone or as a whole Fourier layer.

     y = f(inverse(w * forward(x)) + M x + bias),   f = identity or gelu

   x [batch, ci, grid..] of 1 to 3 dimensions; w [2 mz, 2 my, mx, ci, co, 2] without the leading
   extents that the grid lacks, complex: per kept mode
   y_hat[o] = sum_i x_hat[i] w[i, o]; M [co, ci] and bias [co] are optional together. The
   transforms and their treatment of self-conjugate modes are in tensor/algorithms/transform.h.

   With w as the real matrix [ci, 2 co] (re, im interleaved), a mode is one real product without
   waste: rows (x_re; x_im) times w gives both halves of y, which complex_join puts together.

   A layer is three sweeps: x into modes; mixing, threaded over modes; then per tile of rows the
   inverse along x, the map M, bias and f, while the tile is in cache. Backward mirrors it: for
   g = d/dy_hat as interleaved rows (g; -i g) the gradients of a mode are (g; -i g) w^T and
   (x_re; x_im)^T (g; -i g). Partial sums of the gradients of map and bias are added in the order of
   the tiles. The number of threads changes no bit. Transforms and work space are in
   tensor/ops/spectral_sweeps.c. */
#include "tensor/ops/spectral.h"

#include <leray/impl/ops.h>

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
    LERAY_TRY(leray_spectral_plan(&l, n));
    *out = leray_shape_of(x);
    out->extent[1] = l.co;
    n->saved_size = leray_spectral_modes_size(n) * l.real;
    if (l.gelu) n->saved_size += (size_t)l.batch * (size_t)l.co * l.points * l.real;
    n->scratch_size = leray_spectral_scratch(&l, true);
    return LERAY_OK;
}

static void *at(const leray_spectral *l, const void *p, size_t i)
{
    return leray_spectral_at(l, p, i);
}

/* ---- forward ---------------------------------------------------------------------------- */

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

/* ---- backward --------------------------------------------------------------------------- */

/* Of one tile: gz = d / d(before f), in the place of the slope of f, and its product along x; partial
   sums of the gradients of map and bias. */
static int start_tile(const leray_spectral *l, int item, void *gz)
{
    leray_node *n = l->node;
    const leray_kernels *k = n->kernels;
    leray_spectral_tile tile = leray_spectral_tile_of(l, item);
    size_t o = leray_spectral_field(l, l->co, &tile), i = (size_t)item * (size_t)l->co;
    int failed = 0;
    int rows = leray_transform_image_rows(&l->t);
    bool whole = tile.rows == rows;

    for (int c = 0; c < l->co; c++) {
        void *g = at(l, gz, o + (size_t)c * l->points);

        if (l->gelu)
            k->multiply((size_t)tile.size, at(l, n->out->grad, o + (size_t)c * l->points), g, g,
                        false);
        if (!whole)
            failed |= leray_transform_x(&l->t, l->t.doubled, tile.rows, g,
                                        leray_spectral_columns(l, l->co, &tile, c),
                                        leray_spectral_room(l));
    }
    if (whole)
        failed |=
            leray_transform_x(&l->t, l->t.doubled, l->co * rows, at(l, gz, o),
                              leray_spectral_columns(l, l->co, &tile, 0), leray_spectral_room(l));
    if (!M(n)) return failed;
    k->row_sums(l->co, tile.size, at(l, gz, o), (int)l->points, at(l, l->partial_bias, i), false);
    failed |= k->gemm('N', 'T', l->co, l->ci, tile.size, 1, at(l, gz, o), (int)l->points,
                      at(l, X(n)->value, leray_spectral_field(l, l->ci, &tile)), (int)l->points, 0,
                      at(l, l->partial_map, i * (size_t)l->ci), l->ci);
    return failed;
}

static int start(const leray_spectral *l, void *gz)
{
    int failed = 0, items = l->batch * l->tiles;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) failed |= start_tile(l, item, gz);
    return failed;
}

/* From the gradient of y_hat to those of w and (into x_grad) of x_hat. */
static int mix_back(const leray_spectral *l, const void *x_hat, void *x_grad, bool adds)
{
    const leray_kernels *k = l->node->kernels;
    const leray_tensor *w = W(l->node);
    size_t half_x = (size_t)l->batch * (size_t)l->ci, half_y = (size_t)l->batch * (size_t)l->co;
    int failed = 0, wide = 2 * l->co, rows = 2 * l->batch;

#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int mode = 0; mode < l->modes; mode++) {
        void *g = leray_spectral_local(l), *y = at(l, l->y_hat, (size_t)mode * 2 * half_y);
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

/* The gradient of x in one tile: its spectral part and that of the map. */
static int x_gradient_tile(const leray_spectral *l, int item, const void *gz, bool adds)
{
    leray_node *n = l->node;
    leray_spectral_tile tile = leray_spectral_tile_of(l, item);
    void *gx = at(l, X(n)->grad, leray_spectral_field(l, l->ci, &tile));
    int failed = leray_spectral_x_inverse(l, l->t.scaled, l->ci, &tile, gx, l->points, adds);

    if (M(n))
        failed |= n->kernels->gemm('T', 'N', l->ci, tile.size, l->co, 1, M(n)->value, l->ci,
                                   at(l, gz, leray_spectral_field(l, l->co, &tile)), (int)l->points,
                                   1, gx, (int)l->points);
    return failed;
}

static int x_gradient(const leray_spectral *l, const void *gz, bool adds)
{
    int failed = 0, items = l->batch * l->tiles;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) failed |= x_gradient_tile(l, item, gz, adds);
    return failed;
}

static leray_status backward(leray_node *n)
{
    leray_spectral l;
    void *gz;
    int failed;

    LERAY_TRY(leray_spectral_init(&l, n, true));
    gz = l.gelu ? at(&l, n->saved, leray_spectral_modes_size(n)) : n->out->grad;
    failed = start(&l, gz);
    if (M(n)) {
        int items = l.batch * l.tiles;

        leray_add_partials(n, 2, items, l.partial_map);
        leray_add_partials(n, 3, items, l.partial_bias);
    }
    failed |= leray_spectral_into_modes(&l, NULL, l.co, l.y_hat);
    failed |= mix_back(&l, n->saved, l.x_hat, W(n)->grad && leray_node_adds(n, 1));
    if (X(n)->grad) {
        failed |= leray_spectral_out_of_modes(&l, l.ci, l.x_hat);
        failed |= x_gradient(&l, gz, leray_node_adds(n, 0));
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

/* ---- the row ---------------------------------------------------------------------------- */

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
    .backward = backward,
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
