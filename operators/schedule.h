/* operators/schedule.h - what a learning-rate schedule provides. Private.

   To add one: operators/schedules/<id>.c exporting leray_schedule_<id>, and one line in
   operators/schedules.def. Its section holds its own keys and the common ones. */
#ifndef LERAY_OPERATORS_SCHEDULE_H
#define LERAY_OPERATORS_SCHEDULE_H

#include "core/config.h"

typedef struct leray_schedule leray_schedule;

typedef struct leray_schedule_type {
    const char *summary;
    size_t size; /* sizeof the struct whose first member is leray_schedule */
    leray_keys keys;

    /* REQUIRED */
    /* The factor after the warm-up, step = 0 .. total-1 counted from its end. */
    double (*factor)(const leray_schedule *self, int64_t step, int64_t total);

    /* OPTIONAL: NULL means nothing to do */
    leray_status (*init)(leray_schedule *self, const leray_config *cfg, const char *section);
    /* After each step: its training loss, and whether it was the last of an epoch. */
    void (*observe)(leray_schedule *self, double loss, bool epoch_ends);
} leray_schedule_type;

struct leray_schedule {
    const leray_schedule_type *type;
    double warmup; /* fraction of all steps */

    /* For a type with observe, set by init: */
    bool by_epoch; /* waits for ends of epochs, which streams do not have */
    int n_state;   /* what it remembers, part of a checkpoint: [n_state] finite numbers inside it */
    double *state;
};

/* warmup: common to all schedules; a schema lists this table beside the schedule's own. */
extern const leray_keys leray_schedule_keys;

LERAY_NODISCARD leray_status leray_schedule_create_type(const leray_schedule_type *type,
                                                        const leray_config *cfg,
                                                        const char *section, leray_schedule **out);
void leray_schedule_destroy(leray_schedule **schedule); /* accepts a pointer to NULL */

/* The learning rate of step = 0 .. total-1 as a multiple of the optimizer's `lr`. With
   w = floor(warmup * total), steps below w have (step + 1) / (w + 1); the schedule proper
   then runs over the remaining total - w steps. A function of its arguments and the state. */
double leray_schedule_factor(const leray_schedule *schedule, int64_t step, int64_t total);

/* Tells the schedule the loss of the step just taken; see leray_schedule_type. */
void leray_schedule_observe(leray_schedule *schedule, double loss, bool epoch_ends);

#endif
