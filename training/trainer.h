/* training/trainer.h - the one training loop, for files and for running ensembles. Private.

   for b = 0 .. batches-1: batch b of the source, forward, loss, backward; after every `accumulate`
   of them, and after the last, a step of the optimizer with the mean of their gradients. The state
   after a step is a function of the deck alone. A running mean of the weights, where the optimizer
   keeps one, takes their place at the end of the run. A checkpoint is taken every `checkpoint` seconds,
   on a signal, and after the last step; with one there, a run goes on from it to the same bits.
   metrics.jsonl grows by one line every `log` steps, and is cut back on resuming.

   On several ranks (`comm`) each takes its share of every batch, gradients are added up while backward
   runs (training/exchange.h), and all ranks take the same step. Losses are those of the whole batch;
   rank 0 writes; what ends the run on one rank ends it on all. */
#ifndef LERAY_TRAINING_TRAINER_H
#define LERAY_TRAINING_TRAINER_H

#include "operators/optimizer.h"
#include "operators/schedule.h"
#include "training/exchange.h"
#include "training/source.h"
#include "training/task.h"

typedef struct leray_train_settings {
    int64_t batch, accumulate, epochs, log;
    double ratio, checkpoint;
    double memory; /* GiB */
    int windows;   /* leray_file_windows */
    bool recompute;
} leray_train_settings;
extern const leray_keys leray_train_keys; /* section "train" */

typedef struct leray_trainer {
    /* Borrowed. */
    leray_source *source;
    leray_task *task;
    leray_model *model;
    leray_loss *loss;
    leray_optimizer *optimizer;
    leray_schedule *schedule;
    const leray_config *cfg;
    const char *folder;     /* of the run */
    const leray_comm *comm; /* the ranks that train */
    const volatile sig_atomic_t *stop;
    leray_train_settings settings;
    bool fresh; /* forget earlier checkpoints */
    /* Files of the folder that a run which begins anew removes; NULL ends the list. */
    const char *const *outputs;
    int64_t epoch; /* batches of one; 0 for a stream */

    /* The trainer's own. */
    leray_tape *tape;
    float *input, *last;
    float *mask;       /* NULL where samples have none */
    int64_t step;      /* steps of the optimizer done */
    double seconds;    /* of training, earlier attempts included */
    double ended;      /* leray_clock when training ended */
    double waited;     /* of them, for samples */
    int64_t log_bytes; /* length of metrics.jsonl */
    double log_loss;   /* sum of losses since the last line */
    int64_t log_count;
    int64_t short_batches; /* smaller than settings.batch */
    int attempts;
    double final_loss;        /* mean of the last line */
    leray_exchange *exchange; /* NULL on one rank */
    size_t memory;            /* bytes predicted before the first step */
} leray_trainer;

/* Runs to the end. Errors: INTERRUPTED after the checkpoint that a signal asked for; DIVERGED if
   the loss, the gradient or a weight is not finite, naming the first such tensor (the last
   checkpoint stands); CONFIG if the folder holds
   checkpoints of another deck; what source, model and files raise. */
LERAY_NODISCARD leray_status leray_trainer_run(leray_trainer *trainer);
/* Steps of the whole training. */
int64_t leray_trainer_steps(const leray_trainer *trainer);
void leray_trainer_fini(leray_trainer *trainer);

#endif
