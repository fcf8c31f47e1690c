/* operators/layers/basis.c - see operators/layers/basis.h.

   A full Fourier spectrum has M = (nx / 2 + 1) 2 ny nz numbers for the N = nx ny nz of a field.
   Scaled so that its mean square, and not its sum of squares, is the field's, that is by
   sqrt(M / N) beside the sqrt(2) of columns that stand for two, all losses that are made of means
   and ratios of squares are those of the field. */
#include "operators/layers/basis.h"

#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <string.h>

const char *const leray_basis_kinds[] = {"dct", "dft", NULL};

/* Whether the modes lie below half the points, so that none is its own alias. */
static bool resolves(const leray_basis *b, int axis, int n)
{
    if (b->kind == LERAY_BASIS_COSINE) return b->modes[axis] <= n;
    return axis + 1 < b->problem.grid.ndim ? 2 * b->modes[axis] < n : 2 * (b->modes[axis] - 1) < n;
}

static leray_status fits(const leray_basis *b, const leray_extents *grid)
{
    if (b->kind == LERAY_BASIS_FOURIER) {
        LERAY_TRY(leray_modes_fit(b->model, b->modes, grid));
        for (int a = 0; a + 1 < grid->ndim; a++)
            LERAY_CHECK(grid->n[a] % 2 == 0, LERAY_ERR_ARG,
                        "%s: transform: dft needs an even number of points in %s, the grid has %d",
                        b->model, leray_axis_name(grid->ndim, a), grid->n[a]);
        return LERAY_OK;
    }
    for (int a = 0; a < grid->ndim; a++)
        LERAY_CHECK(b->modes[a] <= grid->n[a], LERAY_ERR_ARG,
                    "%s: modes = %d in %s need at least as many points, the grid has %d", b->model,
                    b->modes[a], leray_axis_name(grid->ndim, a), grid->n[a]);
    return LERAY_OK;
}

leray_status leray_basis_init(leray_basis *b, leray_basis_kind kind, const int *modes,
                              const leray_problem *problem, const char *model)
{
    leray_extents grid = leray_problem_extents(problem);

    *b = (leray_basis){.kind = kind, .problem = *problem, .model = model};
    for (int a = 0; a < problem->grid.ndim; a++) b->modes[a] = modes[a];
    return fits(b, &grid);
}

void leray_basis_extents(const leray_basis *b, int extent[LERAY_AXES])
{
    int ndim = b->problem.grid.ndim;

    for (int a = 0; a < ndim; a++)
        extent[a] = b->modes[a] * (leray_basis_is_complex(b) && a + 1 < ndim ? 2 : 1);
}

double leray_basis_share(const leray_basis *b)
{
    int ndim = b->problem.grid.ndim, extent[LERAY_AXES];
    double share = 1;

    leray_basis_extents(b, extent);
    for (int a = 0; a < ndim; a++) {
        int n = b->problem.grid.axis[a].n, count = extent[a];

        if (leray_basis_is_complex(b) && a + 1 == ndim)
            count = 2 * count - 1 - (2 * (count - 1) == n);
        share *= (double)count / n;
    }
    return share;
}

leray_status leray_basis_accepts(const leray_basis *b, const leray_extents *grid)
{
    bool cosine = b->kind == LERAY_BASIS_COSINE;

    LERAY_TRY(fits(b, grid));
    for (int a = 0; a < grid->ndim; a++) {
        int n = grid->n[a], trained = b->problem.grid.axis[a].n;
        const char *axis = leray_axis_name(grid->ndim, a);

        if (n == trained) continue;
        LERAY_CHECK(leray_grid_is_periodic(&b->problem.grid, a) != cosine, LERAY_ERR_ARG,
                    "%s: trained on %d points in %s, asked for %d: transform: %s %s, so that its "
                    "modes are other functions on another grid; %s",
                    b->model, trained, axis, n, leray_basis_kinds[b->kind],
                    cosine ? "takes periodic points j L / n for cell centres, (j + 1/2) L / n"
                           : "takes cell centres (j + 1/2) L / n for periodic points, j L / n",
                    cosine ? "transform: dft serves all grids" : "transform: dct serves all grids");
        LERAY_CHECK(
            resolves(b, a, n) && resolves(b, a, trained), LERAY_ERR_ARG,
            "%s: trained on %d points in %s, asked for %d: modes = %d reach half the points "
            "of one of them, where a mode is its own alias",
            b->model, trained, axis, n, b->modes[a]);
    }
    return LERAY_OK;
}

static void full_modes(const leray_extents *grid, int *modes)
{
    for (int a = 0; a < grid->ndim; a++)
        modes[a] = a + 1 < grid->ndim ? grid->n[a] / 2 : grid->n[a] / 2 + 1;
}

/* sqrt(M / N), 1 for cosines. */
static double mean_square_scale(const leray_basis *b, const leray_extents *grid)
{
    int nx = grid->n[grid->ndim - 1];

    return b->kind == LERAY_BASIS_COSINE ? 1 : sqrt((nx / 2 + 1) * 2.0 / nx);
}

/* [.., mx, 2] to [.., 2 mx] or back. */
static leray_status fold(leray_tape *tape, leray_tensor *x, bool back, leray_tensor **out)
{
    int shape[LERAY_TENSOR_DIMS], ndim = x->ndim;

    for (int i = 0; i < ndim; i++) shape[i] = x->shape[i];
    if (back) shape[ndim - 1] /= 2, shape[ndim++] = 2;
    else shape[--ndim - 1] *= 2;
    return leray_tape_reshape(tape, x, ndim, shape, out);
}

leray_status leray_basis_to(const leray_basis *b, leray_tape *tape, leray_tensor *field,
                            leray_tensor **hat)
{
    leray_extents grid = leray_extents_of(field);
    double scale = mean_square_scale(b, &grid);
    int modes[LERAY_AXES];
    leray_tensor *x;

    if (b->kind == LERAY_BASIS_COSINE) return leray_op_dct(tape, field, grid.n, hat);
    full_modes(&grid, modes);
    LERAY_TRY(leray_op_dft(tape, field, modes, &x));
    LERAY_TRY(leray_op_real_spectrum(tape, x, grid.n, scale, scale * sqrt(2), &x));
    return fold(tape, x, false, hat);
}

leray_status leray_basis_from(const leray_basis *b, leray_tape *tape, leray_tensor *hat,
                              const leray_extents *grid, leray_tensor **field)
{
    double scale = mean_square_scale(b, grid);
    leray_tensor *x;

    if (b->kind == LERAY_BASIS_COSINE) return leray_op_idct(tape, hat, grid->n, field);
    LERAY_TRY(fold(tape, hat, true, &x));
    LERAY_TRY(leray_op_real_spectrum(tape, x, grid->n, 1 / scale, 1 / (scale * sqrt(2)), &x));
    return leray_op_idft(tape, x, grid->n, field);
}

/* sqrt(N_train / N) */
static double grid_scale(const leray_basis *b, const leray_extents *grid)
{
    return sqrt((double)leray_grid_points(&b->problem.grid) / (double)leray_extents_points(grid));
}

static leray_status scaled(leray_tape *tape, double factor, leray_tensor **x)
{
    leray_tensor *raw = *x;

    return factor == 1 ? LERAY_OK : leray_op_scale(tape, raw, factor, x);
}

leray_status leray_basis_keep(const leray_basis *b, leray_tape *tape, leray_tensor *field,
                              leray_tensor **block)
{
    leray_extents grid = leray_extents_of(field);

    if (b->kind == LERAY_BASIS_COSINE) LERAY_TRY(leray_op_dct(tape, field, b->modes, block));
    else LERAY_TRY(leray_op_dft(tape, field, b->modes, block));
    return scaled(tape, grid_scale(b, &grid), block);
}

/* Rows 0 .. m-1, -m .. -1 of an axis moved to where they are among n. */
static leray_status spread_rows(leray_tape *tape, int axis, int n, leray_tensor **x)
{
    int m = (*x)->shape[2 + axis] / 2, before[LERAY_AXES] = {0}, after[LERAY_AXES] = {0};
    leray_tensor *low, *high;

    if (2 * m == n) return LERAY_OK;
    after[axis] = n - 2 * m;
    LERAY_TRY(leray_op_slice(tape, *x, 2 + axis, 0, m, &low));
    LERAY_TRY(leray_op_slice(tape, *x, 2 + axis, m, m, &high));
    LERAY_TRY(leray_op_pad(tape, low, before, after, LERAY_EDGE_ZERO, 0, &low));
    return leray_op_concat(tape, 2 + axis, low, high, x);
}

leray_status leray_basis_fill(const leray_basis *b, leray_tape *tape, leray_tensor *block,
                              const leray_extents *grid, leray_tensor **hat)
{
    double scale = mean_square_scale(b, grid) / grid_scale(b, grid);
    int last = grid->ndim - 1, before[LERAY_AXES] = {0}, after[LERAY_AXES] = {0};
    leray_tensor *x = block;

    if (b->kind == LERAY_BASIS_COSINE) {
        LERAY_TRY(scaled(tape, scale, &x));
        for (int a = 0; a <= last; a++) after[a] = grid->n[a] - b->modes[a];
        return leray_op_pad(tape, x, before, after, LERAY_EDGE_ZERO, 0, hat);
    }
    LERAY_TRY(leray_op_real_spectrum(tape, x, grid->n, scale, scale * sqrt(2), &x));
    LERAY_TRY(fold(tape, x, false, &x));
    for (int a = last - 1; a >= 0; a--) LERAY_TRY(spread_rows(tape, a, grid->n[a], &x));
    after[last] = 2 * (grid->n[last] / 2 + 1 - b->modes[last]);
    return leray_op_pad(tape, x, before, after, LERAY_EDGE_ZERO, 0, hat);
}

static void draw_coordinates(const leray_problem *p, leray_dtype dtype, void *out)
{
    int ndim = p->grid.ndim, points = (int)leray_grid_points(&p->grid);

    for (int c = 0; c < ndim; c++) {
        int axis = ndim - 1 - c, stride = 1;

        for (int a = axis + 1; a < ndim; a++) stride *= p->grid.axis[a].n;
        for (int i = 0; i < points; i++) {
            int n = p->grid.axis[axis].n, j = i / stride % n;
            double x = (j + (leray_grid_is_periodic(&p->grid, axis) ? 0 : 0.5)) / n;
            size_t at = (size_t)c * (size_t)points + (size_t)i;

            if (dtype == LERAY_F32) ((float *)out)[at] = (float)x;
            else ((double *)out)[at] = x;
        }
    }
}

static leray_status coordinates_on(const leray_basis *b, leray_tape *tape, void *field, void **out)
{
    const leray_grid *grid = &b->problem.grid;
    int shape[LERAY_TENSOR_DIMS] = {1, grid->ndim};
    leray_dtype dtype = leray_tape_dtype(tape);
    leray_tensor *x, *block;

    leray_tape_set_gradients(tape, false);
    for (int a = 0; a < grid->ndim; a++) shape[2 + a] = grid->axis[a].n;
    draw_coordinates(&b->problem, dtype, field);
    LERAY_TRY(leray_tape_input(tape, 2 + grid->ndim, shape, field, &x));
    LERAY_TRY(leray_basis_keep(b, tape, x, &block));
    LERAY_TRY(leray_mem_alloc(out, block->count, leray_dtype_size(dtype)));
    memcpy(*out, block->value, block->count * leray_dtype_size(dtype));
    return LERAY_OK;
}

leray_status leray_basis_coordinates(const leray_basis *b, leray_dtype dtype, void **out)
{
    size_t numbers = (size_t)b->problem.grid.ndim * leray_grid_points(&b->problem.grid);
    leray_tape *tape;
    void *field = NULL;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_tape_create(dtype, &tape));
    status = leray_mem_alloc(&field, numbers, leray_dtype_size(dtype));
    if (!status) status = coordinates_on(b, tape, field, out);
    leray_mem_free(field);
    leray_tape_destroy(&tape);
    return status;
}

leray_status leray_basis_add_coordinates(const leray_basis *b, leray_tape *tape,
                                         const void *coordinates, leray_tensor **block)
{
    leray_tensor *x = *block, *grid;
    int shape[LERAY_TENSOR_DIMS];

    for (int i = 0; i < x->ndim; i++) shape[i] = x->shape[i];
    shape[0] = 1, shape[1] = b->problem.grid.ndim;
    LERAY_TRY(leray_tape_input(tape, x->ndim, shape, coordinates, &grid));
    LERAY_TRY(leray_op_repeat(tape, grid, x->shape[0], &grid));
    return leray_op_concat(tape, 1, x, grid, block);
}
