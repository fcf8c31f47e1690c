/* operators/layers/t1_layer.c - see operators/layers/t1_layer.h. */
#include "operators/layers/t1_layer.h"

#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>

#define LEAST_GROWTH 1.05 /* of the variance, over all layers */

const char *const leray_t1_initials[] = {"variance", "published", "kaiming", "naive", NULL};
const char *const leray_t1_activations[] = {"gelu", "tanh", "sin", NULL};

typedef leray_status (*activation)(leray_tape *tape, leray_tensor *x, leray_tensor **out);
static const activation functions[] = {leray_op_gelu, leray_op_tanh, leray_op_sin};

/* E f(u)^2, u standard normal; that of sin is (1 - exp(-2)) / 2. */
static const double second_moment[] = {0.42522148, 0.39429449, 0.43233236};

/* Standard deviations of a real number or of each part of a complex one. */
typedef struct deviations {
    double channels, axis[LERAY_AXES];
} deviations;

static deviations of_variance(const leray_basis *b, const leray_t1_settings *s, int width,
                              int index, int count)
{
    int ndim = b->problem.grid.ndim, extent[LERAY_AXES];
    double parts = leray_basis_is_complex(b) ? 2 : 1;
    double growth = pow(fmax(1 / leray_basis_share(b), LEAST_GROWTH), 1.0 / count);
    double variance = pow(growth, index);
    double branch = (growth - 1) * variance / (parts * second_moment[s->activation]);
    deviations d;

    leray_basis_extents(b, extent);
    d.channels = sqrt(1 / (width * variance));
    for (int a = 0; a < ndim; a++) d.axis[a] = sqrt(pow(branch, 1.0 / ndim) / (extent[a] * parts));
    return d;
}

static deviations of_source(const leray_basis *b, const leray_t1_settings *s, int width, int index)
{
    int ndim = b->problem.grid.ndim, extent[LERAY_AXES];
    double gain = leray_basis_is_complex(b) ? 0.5 : 1, modes = 1;
    double points = (double)leray_grid_points(&b->problem.grid);
    bool later = s->first_layer_only && index > 0;
    deviations d;

    leray_basis_extents(b, extent);
    for (int a = 0; a < ndim; a++) {
        d.axis[a] = gain / sqrt(extent[a]);
        modes *= extent[a];
    }
    d.channels = gain / sqrt(width);
    if (s->initial == LERAY_T1_NAIVE) d.channels = 1 / ((double)width * width);
    if (s->initial == LERAY_T1_PUBLISHED && !later)
        d.channels = gain * sqrt(points / (width * modes));
    return d;
}

static leray_status declare_channels(leray_t1_layer *l, const char *name, int width,
                                     double deviation)
{
    int ndim = l->basis->problem.grid.ndim, shape[LERAY_TENSOR_DIMS];
    bool complex = leray_basis_is_complex(l->basis);
    char text[2 * LERAY_PARAMETER_NAME];

    leray_basis_extents(l->basis, shape);
    shape[ndim] = shape[ndim + 1] = width;
    if (complex) shape[ndim + 2] = 2;
    snprintf(text, sizeof text, "%s.channels", name);
    return leray_parameters_declare(&l->model->parameters, text, complex, ndim + 2 + complex, shape,
                                    leray_initial_normal(0, deviation), &l->channels);
}

static leray_status declare_axis(leray_t1_layer *l, const char *name, int axis, int width,
                                 double deviation)
{
    int extent[LERAY_AXES], shape[4];
    bool complex = leray_basis_is_complex(l->basis);
    char text[2 * LERAY_PARAMETER_NAME];

    leray_basis_extents(l->basis, extent);
    shape[0] = shape[1] = extent[axis], shape[2] = 2, shape[2 + complex] = width;
    snprintf(text, sizeof text, "%s.axes.%d", name, axis);
    return leray_parameters_declare(&l->model->parameters, text, false, 3 + complex, shape,
                                    leray_initial_normal(0, deviation), &l->axes[axis]);
}

leray_status leray_t1_layer_declare(leray_t1_layer *l, leray_model *model, const leray_basis *basis,
                                    const leray_t1_settings *settings, const char *name, int width,
                                    int index, int count)
{
    deviations d = settings->initial == LERAY_T1_VARIANCE
                       ? of_variance(basis, settings, width, index, count)
                       : of_source(basis, settings, width, index);

    *l = (leray_t1_layer){.model = model, .basis = basis, .activation = settings->activation};
    LERAY_TRY(declare_channels(l, name, width, d.channels));
    for (int a = 0; a < basis->problem.grid.ndim; a++)
        LERAY_TRY(declare_axis(l, name, a, width, d.axis[a]));
    return LERAY_OK;
}

leray_status leray_t1_layer_apply(void *context, leray_tape *tape, leray_tensor *z,
                                  leray_tensor **out)
{
    const leray_t1_layer *l = context;
    bool complex = leray_basis_is_complex(l->basis);
    leray_tensor *weight, *v;

    LERAY_TRY(leray_model_view(l->model, tape, l->channels, &weight));
    LERAY_TRY(leray_op_mode_channels(tape, z, weight, complex, &v));
    LERAY_TRY(functions[l->activation](tape, v, &v));
    for (int a = 0; a < l->basis->problem.grid.ndim; a++) {
        LERAY_TRY(leray_model_view(l->model, tape, l->axes[a], &weight));
        LERAY_TRY(leray_op_mode_axis(tape, v, weight, a, complex, &v));
    }
    return leray_op_add(tape, z, v, out);
}
