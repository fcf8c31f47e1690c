/* stepper.c - a model in a plugin: one learned step, repeated several times, like the steps of a solver.

     h_0     = lift(x)                        per point, channels_in -> width
     h_{l+1} = h_l + gelu(K * h_l + b),       l = 0 .. steps-1, the same K [width, width, 3..] each time
     y       = projection(h_steps)            per point, width -> channels_out

   An output depends on inputs up to `steps` points away. Values beyond the edge of the grid are those of the other
   side if the axis is periodic, else those of the nearest point. */
#include <leray/impl/model.h>
#include <leray/impl/ops.h>
#include <math.h>

typedef struct stepper {
    leray_model base;
    int64_t width, steps;
    int lift[2], kernel[2], projection[2]; /* views: weight, bias */
} stepper;

static const leray_key rows[] = {
    LERAY_KEY_INT(stepper, width, "width", "32", 1, 4096, "1", "channels of h"),
    LERAY_KEY_INT(stepper, steps, "steps", "8", 1, 1024, "1", "times that the step is taken"),
};

static leray_status init(leray_model *base, const leray_config *cfg, const char *section)
{
    stepper *s = (stepper *)base;
    leray_problem *p = &base->problem;
    int ndim = p->grid.ndim, width, shape[2 + LERAY_AXES] = {0, 0, 3, 3, 3};
    leray_initial initial;

    LERAY_TRY(leray_config_read(cfg, section, LERAY_KEYS(rows), s));
    width = shape[0] = shape[1] = (int)s->width;
    initial = leray_initial_normal(0, 0.5 / sqrt(width * pow(3, ndim)));
    LERAY_TRY(
        leray_model_declare_map(base, "lift", width, p->channels_in, &s->lift[0], &s->lift[1]));
    LERAY_TRY(leray_parameters_declare(&base->parameters, "step.weight", false, 2 + ndim, shape,
                                       initial, &s->kernel[0]));
    LERAY_TRY(leray_parameters_declare(&base->parameters, "step.bias", false, 1, &width,
                                       leray_initial_constant(0), &s->kernel[1]));
    return leray_model_declare_map(base, "projection", p->channels_out, width, &s->projection[0],
                                   &s->projection[1]);
}

static leray_status forward(leray_model *base, leray_tape *tape, leray_tensor *x, leray_tensor **y)
{
    stepper *s = (stepper *)base;
    leray_convolution around = {
        .before = {1, 1, 1},
          .after = {1, 1, 1},
          .edge = LERAY_EDGE_PERIODIC
    };
    leray_tensor *h, *k, *weight, *bias;

    for (int a = 0; a < base->problem.grid.ndim; a++)
        if (!leray_grid_is_periodic(&base->problem.grid, a)) around.edge = LERAY_EDGE_REPLICATE;
    LERAY_TRY(leray_model_view(base, tape, s->kernel[0], &weight));
    LERAY_TRY(leray_model_view(base, tape, s->kernel[1], &bias));
    LERAY_TRY(leray_model_map(base, tape, s->lift, x, NULL, false, &h));
    for (int l = 0; l < s->steps; l++) {
        LERAY_TRY(leray_op_conv(tape, h, weight, bias, &around, &k));
        LERAY_TRY(leray_op_gelu(tape, k, &k));
        LERAY_TRY(leray_op_add(tape, h, k, &h));
    }
    return leray_model_map(base, tape, s->projection, h, NULL, false, y);
}

static leray_status accepts(const leray_model *base, const leray_extents *grid)
{
    (void)base, (void)grid; /* any */
    return LERAY_OK;
}

extern const leray_model_type stepper_type;
const leray_model_type stepper_type = {
    .summary = "one learned step of a stencil, taken several times",
    .size = sizeof(stepper),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .init = init,
    .forward = forward,
    .accepts = accepts,
};
