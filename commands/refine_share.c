/* commands/refine_share.c - refine.share: one last layer for all trajectories of a file, enlarged to the modes
   that are refined, and the model that has it. */
#include "commands/refine_impl.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/text.h"
#include "leray/config.h"
#include "operators/layers/time_head.h"
#include "training/model_file.h"

#include <stdio.h>
#include <string.h>

/* ---- the layer ---------------------------------------------------------------------------- */

static const leray_time_head *head_of(const leray_model *model) { return leray_model_head(model); }

leray_status leray_refine_share_open(refine_work *w)
{
    leray_refinement *r = &w->r;
    size_t n = (size_t)r->reference.n;
    int steps = head_of(r->opened.model)->steps;

    LERAY_TRY(LERAY_ALLOC(&w->share.refiner, n));
    LERAY_TRY(LERAY_ALLOC(&w->share.report, n));
    LERAY_TRY(LERAY_ALLOC(&w->share.latent, 2 * (size_t)steps * r->reference.size));
    for (int i = 0; i < r->reference.n; i++) { /* each with the parameters of its trajectory */
        LERAY_TRY(leray_refinement_begin(r, i));
        LERAY_TRY(leray_refinement_make_refiner(r, r->history, &w->share.refiner[i]));
        LERAY_TRY(leray_refiner_prepare(w->share.refiner[i]));
    }
    return leray_layer_create(r->reference.n, w->share.refiner, steps, &w->share.layer);
}

leray_status leray_refine_share_enter(refine_work *w, int i)
{
    leray_refinement *r = &w->r;

    LERAY_TRY(leray_refiner_load(w->share.refiner[i], w->frames));
    /* x is still the frames given: refine predicts one window of the model. */
    LERAY_TRY(leray_predictor_latent(&r->predictor, w->share.latent));
    leray_layer_enter(w->share.layer, i, w->share.latent, r->opened.task.output->scale[0]);
    return LERAY_OK;
}

/* ---- the model ---------------------------------------------------------------------------- */

/* Rows k = 0 .. m-1, -m .. -1 of one list in another that has more of them. */
static int row_in(int row, int from, int to) { return row < from ? row : row + 2 * (to - from); }

static void copy_modes(const int from[3], const float *a, const int to[3], float *b)
{
    size_t line = 2 * (size_t)from[2];

    for (int t = 0; t < 2 * from[0]; t++)
        for (int y = 0; y < 2 * from[1]; y++) {
            int row = row_in(t, from[0], to[0]) * 2 * to[1] + row_in(y, from[1], to[1]);

            memcpy(b + (size_t)row * 2 * (size_t)to[2], a + (size_t)(t * 2 * from[1] + y) * line,
                   line * sizeof *b);
        }
}

static float *values(const leray_model *model, int view)
{
    return (float *)model->parameters.value + model->parameters.views[view].offset;
}

static void copy_weights(const leray_model *from, leray_model *to)
{
    const leray_time_head *a = head_of(from), *b = head_of(to);
    const leray_parameters *p = &from->parameters;

    memset(to->parameters.value, 0, to->parameters.count * sizeof(float));
    for (int i = 0; i < p->n_views; i++)
        if (i == a->weight || i == a->bias)
            copy_modes(a->modes, values(from, i), b->modes, values(to, i));
        else memcpy(values(to, i), values(from, i), p->views[i].count * sizeof(float));
}

static leray_status add_layer(const refine_work *w, leray_model *model)
{
    const leray_time_head *h = head_of(model);
    size_t n = model->parameters.views[h->weight].count;
    float *weight = values(model, h->weight), *bias = values(model, h->bias);
    double scale = w->r.opened.task.output->scale[0] * LERAY_TIME_HEAD_DELTA, *add;

    LERAY_TRY(LERAY_ALLOC(&add, 2 * n));
    leray_layer_add(w->share.layer, h->modes, add, add + n);
    for (size_t i = 0; i < n; i++) {
        weight[i] = (float)(weight[i] + add[i]);
        bias[i] = (float)(bias[i] + add[n + i] / scale);
    }
    leray_mem_free(add);
    return LERAY_OK;
}

/* The model's deck with the layer's modes. */
static leray_status open_deck(const refine_work *w, leray_config **deck)
{
    const int *own = head_of(w->r.opened.model)->modes;
    int modes[3];

    leray_layer_modes(w->share.layer, modes);
    for (int a = 0; a < 3; a++)
        if (modes[a] < own[a]) modes[a] = own[a];
    LERAY_TRY(leray_config_copy(w->r.opened.deck, deck));
    LERAY_TRY(leray_config_put_ints(*deck, "model.head_modes", 3, modes));
    return leray_schema_resolve_model(*deck);
}

static leray_status write_with(refine_work *w, const leray_config *deck, leray_model **model)
{
    leray_opened *o = &w->r.opened;
    leray_problem problem = leray_task_problem(&o->task);
    char path[LERAY_PATH_MAX];

    LERAY_TRY(
        leray_model_create_type(o->model->type, deck, "model", &problem, 0, LERAY_F32, model));
    copy_weights(o->model, *model);
    LERAY_TRY(add_layer(w, *model));
    LERAY_TRY(leray_path_join(w->r.folder.path, "model.safetensors", path));
    LERAY_TRY(leray_model_file_write(
        path,
        &(leray_model_record){.type = o->trained.model_name,
                              .model = *model,
                              .task = &o->task,
                              .cfg = deck,
                              .made_from = leray_safetensors_metadata(o->file, "provenance")}));
    leray_info("the model with the tuned layer is in %s", path);
    return LERAY_OK;
}

static leray_status write_model(refine_work *w)
{
    leray_config *deck = NULL;
    leray_model *model = NULL;
    leray_status status = open_deck(w, &deck);

    if (!status) status = write_with(w, deck, &model);
    leray_model_destroy(&model);
    leray_config_destroy(&deck);
    return status;
}

leray_status leray_refine_share_run(refine_work *w)
{
    LERAY_TRY(leray_layer_run(w->share.layer, w->r.optimizer, w->r.cfg, w->share.report));
    return write_model(w);
}

void leray_refine_share_close(refine_work *w)
{
    leray_layer_destroy(&w->share.layer);
    for (int i = 0; w->share.refiner && i < w->r.reference.n; i++)
        leray_refiner_destroy(&w->share.refiner[i]);
    leray_mem_free(w->share.latent);
    leray_mem_free(w->share.report);
    leray_mem_free(w->share.refiner);
}
