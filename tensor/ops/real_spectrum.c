/* tensor/ops/real_spectrum.c - the half spectrum of a real field, with the norm of the field.

   x [batch, channels, 2 mz, 2 my, mx, 2], rows and (re, im) as of tensor/ops/dft.c, are modes of a
   real field on a grid n. A column 0 < kx < nx / 2 stands for itself and its conjugate; in the
   others, kx = 0 and kx = nx / 2, modes k and -k are conjugate to each other.

     y(k) = pair x(k)                            where a column stands for two
     y(k) = self (x(k) + conj x(-k)) / 2         in the others; 0 where -k is not kept

   With pair = sqrt(2) and self = 1 the 2-norm of y is that of the field: the second line takes away
   what no real field has. The map is its own adjoint. settings: real = {self, pair}, integer =
   the grid, slowest first. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

typedef struct half {
    const leray_kernels *k;
    leray_dtype dtype;
    int rows[2], n[3], columns; /* rows 1, n 1 of an axis that is not there; n of z, y, x */
    double self, pair;
} half;

static half half_of(const leray_node *node)
{
    const leray_tensor *x = node->in[0];
    int dims = x->ndim - 3;
    half h = {
        .k = node->kernels,
        .dtype = x->dtype,
        .rows = {1,  1},
        .n = { 1, 1, 1},
        .columns = x->shape[x->ndim - 2],
        .self = node->settings.real[0],
        .pair = node->settings.real[1]
    };

    for (int a = 0; a < dims; a++) h.n[3 - dims + a] = node->settings.integer[a];
    for (int a = 0; a < dims - 1; a++) h.rows[3 - dims + a] = x->shape[2 + a];
    return h;
}

static leray_status shapes(leray_node *node, leray_shape *out)
{
    const leray_tensor *x = node->in[0];
    int dims = x->ndim - 3;

    LERAY_CHECK(dims >= 1 && dims <= 3 && x->shape[x->ndim - 1] == 2, LERAY_ERR_ARG,
                "real_spectrum: needs [batch, channels, modes.., 2] of 1 to 3 dimensions");
    for (int a = 0; a < dims; a++) {
        int extent = x->shape[2 + a], n = node->settings.integer[a], last = a == dims - 1;

        LERAY_CHECK(last ? extent <= n / 2 + 1 : extent % 2 == 0 && extent <= n, LERAY_ERR_ARG,
                    "real_spectrum: %d modes on axis %d do not belong to %d points", extent, a, n);
    }
    *out = leray_shape_of(x);
    return LERAY_OK;
}

/* The row of -k, or -1. */
static int opposite(int row, int rows, int n)
{
    if (row == 0) return 0;
    if (2 * row == rows) return rows == n ? row : -1;
    return rows - row;
}

/* Mode `from` of one column of an image in y, from x. */
static void own_mode(const half *h, int z, int y, int column, const void *x, void *out, bool adds)
{
    size_t step = 2 * (size_t)h->columns, offset = 2 * (size_t)column;
    size_t at = (size_t)(z * h->rows[1] + y) * step + offset, other = at;
    int oz = opposite(z, h->rows[0], h->n[0]), oy = opposite(y, h->rows[1], h->n[1]);
    bool kept = oz >= 0 && oy >= 0;

    if (kept) other = (size_t)(oz * h->rows[1] + oy) * step + offset;
    for (int part = 0; part < 2; part++) {
        size_t i = at + (size_t)part;
        double a = leray_number(h->dtype, x, i);
        double b = leray_number(h->dtype, x, other + (size_t)part);
        double value = kept ? h->self * (part ? a - b : a + b) / 2 : 0;

        h->k->fill(1, value, leray_at(h->dtype, out, i), adds);
    }
}

static void image(const half *h, const void *x, void *y, bool adds)
{
    size_t step = 2 * (size_t)h->columns;
    int nyquist = 2 * (h->columns - 1) == h->n[2] && h->columns > 1 ? h->columns - 1 : 0;
    size_t pairs = (size_t)(h->columns - 1 - (nyquist > 0));

    for (int r = 0; r < h->rows[0] * h->rows[1]; r++) {
        size_t row = (size_t)r * step;

        own_mode(h, r / h->rows[1], r % h->rows[1], 0, x, y, adds);
        if (pairs)
            h->k->scale(2 * pairs, h->pair, leray_at(h->dtype, x, row + 2),
                        leray_at(h->dtype, y, row + 2), adds);
        if (nyquist) own_mode(h, r / h->rows[1], r % h->rows[1], nyquist, x, y, adds);
    }
}

static void over_images(const leray_node *node, const void *x, void *y, bool adds)
{
    const leray_tensor *t = node->in[0];
    half h = half_of(node);
    int images = t->shape[0] * t->shape[1];
    size_t size = t->count / (size_t)images;

#pragma omp parallel for schedule(static)
    for (int i = 0; i < images; i++)
        image(&h, leray_at(h.dtype, x, (size_t)i * size), leray_at(h.dtype, y, (size_t)i * size),
              adds);
}

static leray_status forward(leray_node *node)
{
    over_images(node, node->in[0]->value, node->out->value, false);
    return LERAY_OK;
}

static leray_status backward(leray_node *node)
{
    over_images(node, node->out->grad, node->in[0]->grad, leray_node_adds(node, 0));
    return LERAY_OK;
}

/* All modes and some; with and without the last column; odd extents. */
static void sample(int i, leray_op_sample *s)
{
    static const struct {
        int dims, m[3], n[3];
    } t[] = {
        {1, {5},       {8}      },
        {1, {3},       {5}      },
        {2, {6, 5},    {6, 8}   },
        {2, {4, 3},    {7, 9}   },
        {3, {4, 2, 3}, {4, 5, 4}},
    };

    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        t[i].dims + 3, {2, 2}
    };
    for (int a = 0; a < t[i].dims; a++) {
        s->input[0].extent[2 + a] = t[i].m[a];
        s->settings.integer[a] = t[i].n[a];
    }
    s->input[0].extent[2 + t[i].dims] = 2;
    s->settings.real[0] = 0.7, s->settings.real[1] = 1.3;
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_real_spectrum = {
    .name = "real_spectrum",
    .inputs_min = 1,
    .inputs_max = 1,
    .shapes = shapes,
    .forward = forward,
    .backward = backward,
    .n_samples = 5,
    .sample = sample,
};

leray_status leray_op_real_spectrum(leray_tape *tape, leray_tensor *x, const int *grid, double self,
                                    double pair, leray_tensor **out)
{
    leray_op_settings settings = {
        {self, pair},
        {0   }
    };

    for (int a = 0; a < x->ndim - 3 && a < 3; a++) settings.integer[a] = grid[a];
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_real_spectrum, 1, &x, &settings, out));
    return LERAY_OK;
}
