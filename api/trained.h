/* api/trained.h - what is behind leray_trained (include/leray/model.h): one model that nobody changes, and a
   workspace for each call that is under way. Private to api/. */
#ifndef LERAY_API_TRAINED_H
#define LERAY_API_TRAINED_H

#include "api/model_open.h"
#include "training/predictor.h"

#include <leray/model.h>
#include <pthread.h>

/* What one call at a time works in, for one grid and one number of samples. */
typedef struct leray_trained_work {
    struct leray_trained_work *next;
    bool busy; /* under the lock of the model */
    leray_extents grid;
    int n;
    leray_task task; /* a view of the model's, with numbers of its own */
    leray_predictor predictor;
} leray_trained_work;

struct leray_trained {
    char *path;
    leray_opened opened;     /* its file closed */
    leray_trained_info info; /* whose arrays are the model's own, and whose texts are the task's */
    pthread_mutex_t lock;    /* of the list below */
    leray_trained_work *works;
};

/* A workspace for this grid and n that nobody else has: one that is free, or a new one, which the model
   keeps. Give it back. Errors: those of leray_predictor_init, MEMORY; *out is NULL then. */
LERAY_NODISCARD leray_status leray_trained_take(leray_trained *model, const leray_grid *grid, int n,
                                                leray_trained_work **out);
void leray_trained_give(leray_trained *model, leray_trained_work *work);
void leray_trained_free_works(leray_trained *model);

#endif
