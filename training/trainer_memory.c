/* training/trainer_memory.c - what a training run will need, before it is taken.

   One step is recorded on the tape while it only measures (leray/impl/tape.h): that gives the peak of
   values, gradients and work space to the byte. Weights, optimizer and samples are there by now.
   Not counted: the libraries themselves and what they keep for themselves. */
#include "core/log.h"
#include "core/mem.h"
#include "training/trainer_state.h"

/* The graph of one step on n samples; nothing is computed. */
static leray_status record(leray_trainer *t, int n)
{
    leray_extents grid = leray_grid_extents(&t->task->info.grid);
    leray_tensor *input, *prediction, *truth, *scalar;

    leray_tape_reset(t->tape);
    LERAY_TRY(leray_task_tensor(t->tape, n, leray_task_channels_in(t->task), &grid, NULL, &input));
    LERAY_TRY(leray_task_forward(t->task, t->model, t->tape, input, NULL, &prediction));
    LERAY_TRY(leray_task_truth(t->task, t->model, t->tape, n, NULL, &truth));
    LERAY_TRY(leray_task_loss(t->task, t->loss, t->tape, t->mask, prediction, truth, &scalar));
    return leray_tape_backward(t->tape, scalar);
}

leray_status leray_trainer_measure(leray_trainer *t)
{
    int samples = (t->source->batch + leray_comm_size(t->comm) - 1) / leray_comm_size(t->comm);
    leray_status status;

    leray_tape_set_measuring(t->tape, true);
    if (t->exchange) leray_exchange_count(t->exchange, t->tape);
    status = record(t, samples);
    leray_tape_watch(t->tape, NULL, NULL);
    leray_tape_reset(t->tape);
    leray_tape_set_measuring(t->tape, false);
    LERAY_TRY(status);
    t->memory = leray_mem_bytes() + leray_tape_peak(t->tape);
    leray_info("memory: %.1f MiB%s, of them %.1f for the values and gradients of a step",
               (double)t->memory / (1 << 20), leray_comm_size(t->comm) > 1 ? " on this rank" : "",
               (double)leray_tape_peak(t->tape) / (1 << 20));
    return LERAY_OK;
}
