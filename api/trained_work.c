/* api/trained_work.c - the workspaces of a model, see api/trained.h.

   A call changes nothing but its workspace: weights, normalisers and the deck are only read. So calls need
   the lock for no longer than it takes to find a workspace. */
#include "api/trained.h"

#include "core/mem.h"

static void destroy(leray_trained_work *work)
{
    if (!work) return;
    leray_predictor_fini(&work->predictor);
    leray_mem_free(work->task.numbers);
    leray_mem_free(work);
}

/* The tape learns how much memory a prediction needs, so that already the first takes it in one block. */
static leray_status measure(leray_predictor *p)
{
    leray_tensor *input, *prediction;
    leray_status status;

    leray_tape_reset(p->tape);
    leray_tape_set_measuring(p->tape, true);
    status = leray_task_tensor(p->tape, p->room, leray_task_channels_in(p->task), &p->grid,
                               p->input, &input);
    if (!status)
        status = leray_task_predict(p->task, p->model, p->tape, input, p->last, &prediction);
    leray_tape_reset(p->tape);
    leray_tape_set_measuring(p->tape, false);
    return status;
}

static leray_status fill(leray_trained *model, const leray_grid *grid, int n,
                         leray_trained_work *work)
{
    work->n = n;
    work->grid = leray_grid_extents(grid);
    work->task = model->opened.task;
    work->task.numbers = NULL; /* those of the model's task would be every call's */
    LERAY_TRY(LERAY_ALLOC(&work->task.numbers, (size_t)work->task.info.n_parameters));
    LERAY_TRY(leray_predictor_init(&work->predictor, &work->task, model->opened.model, grid, n));
    return measure(&work->predictor);
}

/* The lock is held. */
static leray_trained_work *find(leray_trained *model, const leray_extents *grid, int n)
{
    leray_trained_work *work = model->works;

    while (work && (work->busy || work->n != n || !leray_extents_same(&work->grid, grid)))
        work = work->next;
    if (work) work->busy = true;
    return work;
}

leray_status leray_trained_take(leray_trained *model, const leray_grid *grid, int n,
                                leray_trained_work **out)
{
    leray_extents extents = leray_grid_extents(grid);
    leray_status status;

    pthread_mutex_lock(&model->lock);
    *out = find(model, &extents, n);
    pthread_mutex_unlock(&model->lock);
    if (*out) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    status = fill(model, grid, n, *out);
    if (status) {
        destroy(*out);
        *out = NULL;
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    (*out)->busy = true;
    pthread_mutex_lock(&model->lock);
    (*out)->next = model->works;
    model->works = *out;
    pthread_mutex_unlock(&model->lock);
    return LERAY_OK;
}

void leray_trained_give(leray_trained *model, leray_trained_work *work)
{
    pthread_mutex_lock(&model->lock);
    work->busy = false;
    pthread_mutex_unlock(&model->lock);
}

void leray_trained_free_works(leray_trained *model)
{
    while (model->works) {
        leray_trained_work *next = model->works->next;

        destroy(model->works);
        model->works = next;
    }
}
