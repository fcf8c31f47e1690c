/* tensor/ops/spectral_backward.c - gradients of the spectral convolution (tensor/ops/spectral.c).

   For g = d/dy_hat as interleaved rows (g; -i g) the gradients of a mode are
   (g; -i g) w^T and (x_re; x_im)^T (g; -i g). Partial sums of the gradients of map and bias are
   added in the order of the tiles. */
#include "tensor/ops/spectral.h"

static void *at(const leray_spectral *l, const void *p, size_t i)
{
    return leray_spectral_at(l, p, i);
}

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
static int finish_tile(const leray_spectral *l, int item, const void *gz, bool adds)
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

static int finish(const leray_spectral *l, const void *gz, bool adds)
{
    int failed = 0, items = l->batch * l->tiles;

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) failed |= finish_tile(l, item, gz, adds);
    return failed;
}

leray_status leray_spectral_backward(leray_node *n)
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
        failed |= finish(&l, gz, leray_node_adds(n, 0));
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}
