/* leray/model.h - a trained model in a program: opens a model file, says what it wants, predicts.

   A program that lets a model take the place of a solver, from one frame of vorticity to the next:

       leray_trained *model = NULL;
       const leray_trained_info *info;
       leray_status st = leray_trained_open("runs/online/model.safetensors", &model);
       if (st == LERAY_OK) info = leray_trained_describe(model);
       ...                                           x, y: arrays of as many channels as info says
       if (st == LERAY_OK) st = leray_trained_predict(model, NULL, 1, x, parameters, y);
       leray_trained_close(&model);

   Arrays are float, row-major, in the units that the training data had: the model file carries the
   normalisation. With n samples at once and `grid..` the points along each axis, slowest first,

       x           [n, info->inputs, grid..]
       parameters  [n, info->n_parameters]            NULL where there are none
       y           [n, info->outputs, grid..]

   Every number must be finite, and a parameter with `log` positive. Points where the grid has a mask
   of 0 stand for nothing: give 0 there, and heed nothing that comes out.

   Threads: all threads may use one model at the same time, all but open and close; the result is the
   same, bit for bit. Each call computes with the OpenMP threads of the thread that makes it
   (OMP_NUM_THREADS; omp_set_num_threads(1) in each of many threads).

   Memory: the first call with a grid and n makes what it needs, and so does the first with that grid
   and n while another is under way; later ones allocate nothing. (oneDNN and
   OpenMP take small blocks of their own in each call, and give them back.) All is kept until close. */
#ifndef LERAY_MODEL_H
#define LERAY_MODEL_H

#include <leray/grid.h>
#include <leray/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_trained leray_trained;

typedef enum leray_role {
    LERAY_ROLE_STATE,     /* in each frame of x, and, of a model that goes on in time, of y */
    LERAY_ROLE_STATIC,    /* in x once: the same along a simulation */
    LERAY_ROLE_FORCING,   /* in x for each frame given and each frame wanted: known beforehand */
    LERAY_ROLE_DIAGNOSTIC /* in y alone */
} leray_role;

/* One channel of x or y. */
typedef struct leray_trained_channel {
    const char *name; /* "vorticity"; "" for inputs in model files of format 1 */
    const char *unit; /* "" where unknown */
    leray_role role;
    int frame; /* 0: the newest frame given, -1: the one before it; 1: the first frame of y, .. */
} leray_trained_channel;

typedef struct leray_trained_parameter {
    const char *name; /* "nu" */
    const char *unit; /* "length^2/time"; "" where unknown */
    int log;          /* 1: it enters by its logarithm, and must be positive */
} leray_trained_parameter;

/* What a model wants and gives. x is `history` frames of the states, the oldest first, then the
   statics, then history + window frames of the forcings; y is `window` frames. */
typedef struct leray_trained_info {
    int inputs, outputs;
    const leray_trained_channel *input;  /* [inputs]: channel c of x */
    const leray_trained_channel *output; /* [outputs]: channel c of y */
    int n_parameters;
    const leray_trained_parameter *parameter; /* [n_parameters] */
    int history, window;                      /* frames given, and frames of y */
    int states, statics, forcings;            /* channels of each role in a frame of x */
    int autoregressive;     /* 1: y goes on in time with the states of x, and can be rolled out */
    double interval;        /* time from the newest frame of x to the first of y, and between
                                        those of y; 0: none, or unknown */
    double spacing;         /* time between frames of x; 0: there is one, or unknown */
    const leray_grid *grid; /* of the training data */
} leray_trained_info;

/* Opens a model file that leray wrote (model.safetensors of a run). On failure *out is NULL and
   nothing is leaked. Errors: DATA (no file, or not such a one), CONFIG, NOT_FOUND (a type of model that this
   build does not know), IO, MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_trained_open(const char *path, leray_trained **out);

/* Frees *model and sets it to NULL, when no call is under way. Accepts a pointer to NULL. */
LERAY_API void leray_trained_close(leray_trained **model);

/* Lives as long as the model. */
LERAY_API const leray_trained_info *leray_trained_describe(const leray_trained *model);

/* y from x. grid: NULL for the training's, else another of the same lengths and boundaries, with
   as many points as the model takes (most of those on Fourier modes take any number that holds their
   modes). y is not touched if x does not suit.
   Errors: ARG (n < 1, a missing array, a grid that is none or that the model does not take), UNSUPPORTED (uneven
   points), DATA (a domain that is not the training's; a number that is not finite, or not positive:
   says which), DIVERGED (y is not finite), MEMORY, EXTERNAL. */
LERAY_API LERAY_NODISCARD leray_status leray_trained_predict(leray_trained *model,
                                                             const leray_grid *grid, int n,
                                                             const float *x,
                                                             const float *parameters, float *y);

/* `steps` predictions, each fed by the one before: y [n, steps, outputs, grid..], which is steps *
   window frames of each sample. Statics and parameters stay. `forcings`, NULL where the model has
   none or steps is 1, are the frames of the forcings that follow those in x, the oldest first:
   [n, (steps - 1) * window, info->forcings, grid..].
   Errors: as above; UNSUPPORTED where the model is not autoregressive, or its frames of y are not as
   far apart as several that it is given; DIVERGED with the step that is not finite first, and y is
   filled up to it. */
LERAY_API LERAY_NODISCARD leray_status leray_trained_roll_out(leray_trained *model,
                                                              const leray_grid *grid, int n,
                                                              int steps, const float *x,
                                                              const float *parameters,
                                                              const float *forcings, float *y);

#ifdef __cplusplus
}
#endif
#endif
