/* leray/model.h - a trained model in a program: open a model file, ask for its inputs, predict.

   A model in place of a solver, from one frame of vorticity to the next:

       leray_trained *model = NULL;
       const leray_trained_info *info;
       leray_status st = leray_trained_open("runs/online/model.safetensors", &model);
       if (st == LERAY_OK) info = leray_trained_describe(model);
       ...                                           x, y: arrays of as many channels as info says
       if (st == LERAY_OK) st = leray_trained_predict(model, NULL, 1, x, parameters, y);
       leray_trained_close(&model);

   Arrays are float, row-major, in the units of the training data; the model file contains the
   normalisation. With n samples at once and `grid..` the points along each axis, slowest first,

       x           [n, info->inputs, grid..]
       parameters  [n, info->n_parameters]            NULL where there are none
       y           [n, info->outputs, grid..]

   Every number must be finite, and a parameter with `log` positive. At points where the mask of the
   grid is 0, give 0 in x and ignore y.

   Threads: any number of threads may use one model at the same time, except to open and close it; the
   result is the same, bit for bit. Each call computes with the OpenMP threads of the calling thread
   (OMP_NUM_THREADS; omp_set_num_threads(1) in each of many threads).

   Memory: the first call with a grid and n allocates what it needs, and so does the first one that runs
   at the same time as another with that grid and n; later ones allocate nothing. (oneDNN and OpenMP
   allocate and release small blocks in each call.) All is kept until close. */
#ifndef LERAY_MODEL_H
#define LERAY_MODEL_H

#include <leray/grid.h>
#include <leray/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_trained leray_trained;

typedef enum leray_role {
    LERAY_ROLE_STATE,     /* in each frame of x, and, if the model predicts later times, of y */
    LERAY_ROLE_STATIC,    /* in x once: constant in time */
    LERAY_ROLE_FORCING,   /* known in advance: in x at the times of the frames of x and of y */
    LERAY_ROLE_DIAGNOSTIC /* in y only */
} leray_role;

/* One channel of x or y. */
typedef struct leray_trained_channel {
    const char *name; /* "vorticity"; "" for inputs in model files of format 1 */
    const char *unit; /* "" where unknown */
    leray_role role;
    int frame; /* 0: the newest frame of x, -1: the one before it; 1: the first frame of y, .. */
} leray_trained_channel;

typedef struct leray_trained_parameter {
    const char *name; /* "nu" */
    const char *unit; /* "length^2/time"; "" where unknown */
    int log;          /* 1: it enters by its logarithm, and must be positive */
} leray_trained_parameter;

/* Inputs and outputs of a model. x is `history` frames of the states, the oldest first, then the
   statics, then history + window frames of the forcings; y is `window` frames. */
typedef struct leray_trained_info {
    int inputs, outputs;
    const leray_trained_channel *input;  /* [inputs]: channel c of x */
    const leray_trained_channel *output; /* [outputs]: channel c of y */
    int n_parameters;
    const leray_trained_parameter *parameter; /* [n_parameters] */
    int history, window;                      /* number of frames of x, and of y */
    int states, statics, forcings;            /* channels of each role in a frame of x */
    int autoregressive;     /* 1: y has the states of x at later times, and can be rolled out */
    double interval;        /* time from the newest frame of x to the first of y, and between
                                        those of y; 0: none, or unknown */
    double spacing;         /* time between frames of x; 0: there is one, or unknown */
    const leray_grid *grid; /* of the training data */
} leray_trained_info;

/* Opens a model file that leray wrote (model.safetensors of a run). On failure *out is NULL and
   nothing is leaked. Errors: DATA (no such file, or not a model file), CONFIG, NOT_FOUND (a type of model that
   this build does not have), IO, MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_trained_open(const char *path, leray_trained **out);

/* Frees *model and sets it to NULL; no other call may be running. Accepts a pointer to NULL. */
LERAY_API void leray_trained_close(leray_trained **model);

/* The result is valid as long as the model. */
LERAY_API const leray_trained_info *leray_trained_describe(const leray_trained *model);

/* Predicts y from x. grid: NULL for the grid of the training, else one of the same lengths and boundaries
   with a number of points that the model accepts (most Fourier models accept any that resolves their modes).
   y is not changed if x is refused.
   Errors: ARG (n < 1, a missing array, an invalid grid or one that the model does not accept), UNSUPPORTED
   (uneven points), DATA (another domain than in training; a number that is not finite, or not positive:
   the message says which), DIVERGED (y is not finite), MEMORY, EXTERNAL. */
LERAY_API LERAY_NODISCARD leray_status leray_trained_predict(leray_trained *model,
                                                             const leray_grid *grid, int n,
                                                             const float *x,
                                                             const float *parameters, float *y);

/* `steps` predictions, each the input of the next: y [n, steps, outputs, grid..], that is steps *
   window frames of each sample. Statics and parameters stay the same. `forcings` (NULL if the model has
   none or steps is 1) are the frames of the forcings after those in x, the oldest first:
   [n, (steps - 1) * window, info->forcings, grid..].
   Errors: as above; UNSUPPORTED if the model is not autoregressive, or its frames of y have another
   interval than several frames of x; DIVERGED with the first step that is not finite; y is then
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
