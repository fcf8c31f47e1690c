/* examples/surrogate.c - a trained model takes the place of a solver in a loop of the user's.

       surrogate [MODEL]

   MODEL (runs/online/model.safetensors, which examples/online.c makes) predicts the vorticity of a flow from one
   frame to the next. It was trained without friction; the loop adds a linear drag mu. If the model maps w to M(w)
   over the interval T between two frames, the loop maps

       w  to  exp(-mu T) M(w),

   a splitting of dw/dt = .. - mu w of first order in T. The program prints the relative difference from the
   solver with that drag, and for comparison that of the model alone, without drag, and of the first frame. The
   model that online.c trains in a second is a poor one; a longer training gives one that ends 3 % off the solver:

       online runs/better ensemble.simulations=200 reservoir.capacity=1200 reservoir.threshold=100 train.ratio=12
       surrogate runs/better/model.safetensors */
#include <leray/leray.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MU 0.3
#define NU 3e-3
#define BEGIN 2.0 /* the model has seen no flow before this time */
#define STEPS 8

static const char deck[] =
    "solver: {type: ns2d, forcing: {type: fno}, drag: 0.3, dt: 0.05, cfl: 1}\n";

/* The frames that the model wants, the oldest first, and the next one. */
typedef struct loop {
    leray_trained *model;
    const leray_trained_info *info;
    leray_config *cfg;
    leray_solver *solver;
    size_t points;
    float *given, *next;
    float *first,
        *alone; /* the frame that all begin with; [STEPS, points] of the model without drag */
} loop;

/* As many points as the model was trained on; any number that holds its modes would do. */
static leray_status open_loop(const char *path, loop *l)
{
    leray_status status = leray_trained_open(path, &l->model);

    if (status) return status;
    l->info = leray_trained_describe(l->model);
    if (l->info->inputs != l->info->history || l->info->outputs != 1 ||
        l->info->n_parameters != 1 || l->info->grid->ndim != 2 ||
        strcmp(l->info->output[0].name, "vorticity") != 0 ||
        strcmp(l->info->parameter[0].name, "nu") != 0) {
        fprintf(stderr, "%s: not a model from vorticity and nu to vorticity\n", path);
        return LERAY_ERR_ARG;
    }
    l->points = leray_grid_points(l->info->grid);
    l->given = calloc(((size_t)l->info->history + 2 + STEPS) * l->points, sizeof *l->given);
    if (!l->given) return LERAY_ERR_MEMORY;
    l->next = l->given + (size_t)l->info->history * l->points;
    l->first = l->next + l->points;
    l->alone = l->first + l->points;
    status = leray_config_open_text("surrogate.c", deck, 0, NULL, &l->cfg);
    if (!status) status = leray_config_set_ints(l->cfg, "solver.n", 1, &l->info->grid->axis[0].n);
    if (!status) status = leray_solver_create("ns2d", l->cfg, &l->solver);
    if (!status) status = leray_solver_set_parameter(l->solver, "nu", NU);
    return status;
}

static void close_loop(loop *l)
{
    leray_solver_destroy(&l->solver);
    leray_config_destroy(&l->cfg);
    free(l->given);
    leray_trained_close(&l->model);
}

/* The solver's field at the end of another interval. */
static leray_status solve(loop *l, int frame, const double **field)
{
    leray_status status = leray_solver_advance(l->solver, BEGIN + frame * l->info->interval);
    leray_frame f;

    leray_solver_frame(l->solver, &f);
    *field = f.field[0].values;
    return status;
}

/* What the user's program does with the model. */
static leray_status advance(loop *l)
{
    const float nu = (float)NU, kept = (float)exp(-MU * l->info->interval);
    leray_status status = leray_trained_predict(l->model, NULL, 1, l->given, &nu, l->next);

    for (size_t i = 0; i < l->points; i++) l->next[i] *= kept;
    memmove(l->given, l->given + l->points,
            (size_t)l->info->history * l->points * sizeof *l->given);
    return status;
}

/* |a - b| / |b| */
static double difference(const loop *l, const float *a, const double *b)
{
    double error = 0, norm = 0;

    for (size_t i = 0; i < l->points; i++) {
        error += (a[i] - b[i]) * (a[i] - b[i]);
        norm += b[i] * b[i];
    }
    return sqrt(error / norm);
}

/* The frames that the model wants, from the solver. */
static leray_status begin(loop *l)
{
    const double *field;
    leray_status status = leray_solver_start(l->solver, 7, 0);

    for (int k = 0; k < l->info->history && !status; k++) {
        status = solve(l, k, &field);
        for (size_t i = 0; i < l->points; i++)
            l->given[(size_t)k * l->points + i] = (float)field[i];
    }
    memcpy(l->first, l->next - l->points, l->points * sizeof *l->first);
    return status;
}

static leray_status run(loop *l)
{
    const float nu = (float)NU;
    const double *field;
    leray_status status = begin(l);

    if (!status)
        status = leray_trained_roll_out(l->model, NULL, 1, STEPS, l->given, &nu, NULL, l->alone);
    for (int k = 0; k < STEPS && !status; k++) {
        status = solve(l, l->info->history + k, &field);
        if (!status) status = advance(l);
        if (!status)
            printf("t = %4.1f   model and drag: %.3f   model alone: %.3f   first frame: %.3f\n",
                   leray_solver_time(l->solver), difference(l, l->next, field),
                   difference(l, l->alone + (size_t)k * l->points, field),
                   difference(l, l->first, field));
    }
    return status;
}

int main(int argc, char **argv)
{
    loop l = {0};
    leray_status status = leray_start(argc, (const char *const *)argv);

    if (!status) status = open_loop(argc > 1 ? argv[1] : "runs/online/model.safetensors", &l);
    if (!status) status = run(&l);
    if (status) fprintf(stderr, "%s: %s\n", leray_status_text(status), leray_error_message());
    close_loop(&l);
    leray_finish();
    return leray_status_exit_code(status);
}
