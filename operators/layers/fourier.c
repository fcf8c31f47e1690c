/* operators/layers/fourier.c - see operators/layers/fourier.h. */
#include "operators/layers/fourier.h"

#include <leray/impl/ops.h>

#include <math.h>

const leray_problem *leray_fourier_problem(const leray_model *model, const leray_fourier *f)
{
    return f->apart ? &f->body : &model->problem;
}

static int lifting_inputs(const leray_model *model, const leray_fourier *f)
{
    const leray_problem *p = leray_fourier_problem(model, f);

    return p->channels_in + (f->grid ? p->grid.ndim : 0);
}

leray_status leray_fourier_declare_lifting(leray_model *model, leray_fourier *f, int hidden)
{
    int in = lifting_inputs(model, f), width = (int)f->width;

    f->deep = hidden > 0;
    if (!f->deep)
        return leray_model_declare_map(model, "lifting", width, in, &f->lifting[0][0],
                                       &f->lifting[0][1]);
    LERAY_TRY(leray_model_declare_map(model, "lifting.0", hidden, in, &f->lifting[0][0],
                                      &f->lifting[0][1]));
    return leray_model_declare_map(model, "lifting.1", width, hidden, &f->lifting[1][0],
                                   &f->lifting[1][1]);
}

leray_status leray_fourier_declare_head(leray_model *model, leray_fourier *f)
{
    int hidden = (int)f->projection;

    LERAY_TRY(leray_model_declare_map(model, "projection.0", hidden, (int)f->width, &f->head[0][0],
                                      &f->head[0][1]));
    return leray_model_declare_map(model, "projection.1",
                                   leray_fourier_problem(model, f)->channels_out, hidden,
                                   &f->head[1][0], &f->head[1][1]);
}

leray_status leray_fourier_declare_spectral(leray_model *model, const leray_fourier *f,
                                            const char *name, leray_initial initial, int *index)
{
    int ndim = leray_fourier_problem(model, f)->grid.ndim, shape[LERAY_TENSOR_DIMS];

    for (int a = 0; a < ndim; a++) shape[a] = a + 1 < ndim ? 2 * f->modes[a] : f->modes[a];
    shape[ndim] = shape[ndim + 1] = (int)f->width;
    shape[ndim + 2] = 2;
    return leray_parameters_declare(&model->parameters, name, true, ndim + 3, shape, initial,
                                    index);
}

leray_status leray_fourier_inputs(const leray_fourier *f, leray_tape *tape, leray_tensor *x,
                                  leray_tensor **out)
{
    leray_tensor *grid;

    *out = x;
    if (!f->grid) return LERAY_OK;
    LERAY_TRY(leray_op_coordinates(tape, x, &grid));
    return leray_op_concat(tape, 1, x, grid, out);
}

/* Points behind the end of each axis; false if there are none. */
static bool amounts(const leray_model *model, const leray_fourier *f, const leray_extents *grid,
                    int after[LERAY_AXES])
{
    const leray_problem *p = leray_fourier_problem(model, f);
    bool any = false;

    for (int a = 0; a < grid->ndim; a++) {
        after[a] = leray_grid_is_periodic(&p->grid, a) ? 0 : (int)lround(f->padding * grid->n[a]);
        any |= after[a] > 0;
    }
    return any;
}

leray_status leray_fourier_pad(const leray_model *model, const leray_fourier *f, leray_tape *tape,
                               leray_tensor *v, leray_tensor **out)
{
    static const int before[LERAY_AXES];
    leray_extents grid = leray_extents_of(v);
    int after[LERAY_AXES];

    *out = v;
    if (!amounts(model, f, &grid, after)) return LERAY_OK;
    return leray_op_pad(tape, v, before, after, LERAY_EDGE_ZERO, 0, out);
}

leray_status leray_fourier_crop(const leray_model *model, const leray_fourier *f, leray_tape *tape,
                                leray_tensor *v, const leray_extents *grid, leray_tensor **out)
{
    static const int before[LERAY_AXES];
    int after[LERAY_AXES];

    *out = v;
    if (!amounts(model, f, grid, after)) return LERAY_OK;
    return leray_op_crop(tape, v, before, after, out);
}

/* map_1 gelu(map_0 x) */
static leray_status two_maps(leray_model *model, leray_tape *tape, const int views[2][2],
                             leray_tensor *x, leray_tensor **out)
{
    leray_tensor *w[4];

    for (int i = 0; i < 4; i++)
        LERAY_TRY(leray_model_view(model, tape, views[i / 2][i % 2], &w[i]));
    return leray_op_mlp(tape, x, w[0], w[1], w[2], w[3], out);
}

leray_status leray_fourier_lift(leray_model *model, const leray_fourier *f, leray_tape *tape,
                                leray_tensor *x, leray_tensor **v)
{
    LERAY_TRY(leray_fourier_inputs(f, tape, x, &x));
    if (f->deep) LERAY_TRY(two_maps(model, tape, f->lifting, x, &x));
    else LERAY_TRY(leray_model_map(model, tape, f->lifting[0], x, NULL, false, &x));
    return leray_fourier_pad(model, f, tape, x, v);
}

leray_status leray_fourier_project(leray_model *model, const leray_fourier *f, leray_tape *tape,
                                   leray_tensor *v, const leray_extents *grid, leray_tensor **y)
{
    LERAY_TRY(leray_fourier_crop(model, f, tape, v, grid, &v));
    return two_maps(model, tape, f->head, v, y);
}

leray_extents leray_fourier_padded(const leray_model *model, const leray_fourier *f,
                                   const leray_extents *grid)
{
    leray_extents padded = *grid;
    int after[LERAY_AXES];

    if (amounts(model, f, grid, after))
        for (int a = 0; a < grid->ndim; a++) padded.n[a] += after[a];
    return padded;
}

leray_status leray_fourier_accepts(const char *id, const leray_model *model, const leray_fourier *f,
                                   const leray_extents *grid)
{
    leray_extents padded = leray_fourier_padded(model, f, grid);

    return leray_modes_fit(id, f->modes, &padded);
}
