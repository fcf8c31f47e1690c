/* training/trainer_state.c - what a checkpoint of a training run holds:
   deck.yaml, trainer.json, task.json (normalisers), weights.f32, optimizer-<array>.f32, and the
   files of the source. */
#include "training/trainer_state.h"

#include "core/log.h"
#include "core/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The counters of the trainer under their names. */
#define COUNTERS(X) X(step) X(log_bytes) X(log_count) X(short_batches)
#define SUMS(X) X(log_loss) X(final_loss)

static const char *schedule_key(int i, char key[32])
{
    snprintf(key, 32, "schedule_%d", i);
    return key;
}

static leray_status fill_json(const leray_trainer *t, leray_json *json)
{
    char key[32];

#define PUT(name) LERAY_TRY(leray_json_set_int(json, #name, t->name));
    COUNTERS(PUT)
#undef PUT
#define PUT(name) LERAY_TRY(leray_json_set_real(json, #name, t->name));
    SUMS(PUT)
#undef PUT
    for (int i = 0; i < t->schedule->n_state; i++)
        LERAY_TRY(leray_json_set_real(json, schedule_key(i, key), t->schedule->state[i]));
    LERAY_TRY(leray_json_set_int(json, "optimizer_steps", leray_optimizer_steps(t->optimizer)));
    LERAY_TRY(leray_json_set_text(json, "data_checksum", t->source->checksum));
    LERAY_TRY(leray_json_set_int(json, "attempts", t->attempts));
    LERAY_TRY(leray_json_set_real(json, "seconds", t->seconds));
    return leray_json_set_real(json, "waited", t->waited + t->source->waited);
}

static leray_status save_json(leray_trainer *t, leray_checkpoint_writer *w)
{
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_json_object(&json));
    status = fill_json(t, json);
    if (!status) status = leray_checkpoint_add_json(w, "trainer.json", json);
    leray_json_destroy(&json);
    if (status) return status;
    LERAY_TRY(leray_task_to_json(t->task, &json));
    status = leray_checkpoint_add_json(w, "task.json", json);
    leray_json_destroy(&json);
    return status;
}

static leray_status save_deck(leray_trainer *t, leray_checkpoint_writer *w)
{
    char *text;
    leray_status status;

    LERAY_TRY(leray_config_text(t->cfg, 0, &text));
    status = leray_checkpoint_add(w, "deck.yaml", text, strlen(text));
    leray_mem_free(text);
    return status;
}

static void array_name(const leray_named_array *array, char out[64])
{
    snprintf(out, 64, "optimizer-%s.f32", array->name);
}

static leray_status save_weights(leray_trainer *t, leray_checkpoint_writer *w)
{
    const leray_parameters *p = leray_model_parameters(t->model);
    leray_named_array *array;
    char name[64];
    int n;

    LERAY_TRY(leray_checkpoint_add(w, "weights.f32", p->value, p->count * sizeof(float)));
    array = leray_optimizer_state(t->optimizer, &n);
    for (int i = 0; i < n; i++) {
        array_name(&array[i], name);
        LERAY_TRY(leray_checkpoint_add(w, name, array[i].data, array[i].count * sizeof(float)));
    }
    return LERAY_OK;
}

static leray_status save(leray_trainer *t, leray_checkpoint_writer *w)
{
    LERAY_TRY(save_deck(t, w));
    LERAY_TRY(save_json(t, w));
    LERAY_TRY(save_weights(t, w));
    if (t->source->type->save) LERAY_TRY(t->source->type->save(t->source, w));
    return leray_checkpoint_commit(w);
}

static leray_status save_whole(leray_trainer *t)
{
    leray_checkpoint_writer w;
    leray_status status = leray_checkpoint_begin(t->folder, t->step, &w);

    if (!status) status = save(t, &w);
    if (status) leray_checkpoint_abandon(&w);
    return status;
}

leray_status leray_trainer_save(leray_trainer *t)
{
    return leray_comm_agree(t->comm, leray_comm_rank(t->comm) == 0 ? save_whole(t) : LERAY_OK);
}

/* ---- resuming --------------------------------------------------------------------------- */

/* The deck names a file; this says whether it is still the one that the checkpoint was made from. */
static leray_status check_data(const leray_trainer *t, const leray_json *json)
{
    const char *then = "";

    if (!leray_json_has(json, "data_checksum")) return LERAY_OK;
    LERAY_TRY(leray_json_get_text(json, "data_checksum", &then));
    LERAY_CHECK(
        strcmp(then, t->source->checksum) == 0, LERAY_ERR_DATA,
        "%s holds a run on other data: their checksum was %s, that of the data now is %s; put the "
        "data back, give another folder with -o, or --fresh to start over",
        t->folder, then, t->source->checksum);
    return LERAY_OK;
}

/* Where plugins lie may change from one attempt to the next. */
static bool matters(const char *path) { return strcmp(path, "plugins") != 0; }

static leray_status compare_decks(const leray_trainer *t, const char *then, const char *now)
{
    int a, b;

    LERAY_CHECK(!leray_config_differ(&then, &now, &a, &b), LERAY_ERR_CONFIG,
                "%s holds a run of another deck: '%.*s' there, '%.*s' now; give another folder "
                "with -o, or --fresh to start over",
                t->folder, a, then, b, now);
    return LERAY_OK;
}

static leray_status check_deck(const leray_trainer *t, const leray_checkpoint *c)
{
    char *saved = NULL, *text, *then = NULL, *now = NULL;
    size_t size;
    leray_status status;

    LERAY_TRY(leray_config_text(t->cfg, 0, &text));
    status = leray_config_part(text, matters, &now);
    if (!status) status = leray_checkpoint_read(c, "deck.yaml", SIZE_MAX, &saved, &size);
    if (!status) status = leray_config_part(saved, matters, &then);
    if (!status) status = compare_decks(t, then, now);
    leray_mem_free(then);
    leray_mem_free(saved);
    leray_mem_free(now);
    leray_mem_free(text);
    return status;
}

static leray_status read_counters(leray_trainer *t, const leray_json *json)
{
    int64_t value;
    char key[32];

#define GET(name) LERAY_TRY(leray_json_get_int(json, #name, &t->name));
    COUNTERS(GET)
#undef GET
#define GET(name) LERAY_TRY(leray_json_get_real(json, #name, &t->name));
    SUMS(GET)
#undef GET
    for (int i = 0; i < t->schedule->n_state; i++)
        LERAY_TRY(leray_json_get_real(json, schedule_key(i, key), &t->schedule->state[i]));
    LERAY_TRY(leray_json_get_int(json, "optimizer_steps", &value));
    leray_optimizer_set_steps(t->optimizer, value);
    LERAY_TRY(leray_json_get_int(json, "attempts", &value));
    t->attempts = (int)value + 1;
    LERAY_TRY(leray_json_get_real(json, "seconds", &t->seconds));
    return leray_json_get_real(json, "waited", &t->waited);
}

static leray_status load_task(leray_trainer *t, const leray_checkpoint *c)
{
    leray_task_settings settings = t->task->settings;
    leray_extents coefficients = t->task->coefficients; /* between this source and this model */
    leray_model *model = t->task->model;
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_checkpoint_read_json(c, "task.json", &json));
    leray_task_fini(t->task);
    status = leray_task_from_json(t->task, &settings, json);
    leray_json_destroy(&json);
    t->task->coefficients = coefficients;
    t->task->model = model;
    return status;
}

static leray_status load_weights(leray_trainer *t, const leray_checkpoint *c)
{
    leray_parameters *p = leray_model_parameters(t->model);
    leray_named_array *array;
    char name[64];
    int n;

    LERAY_TRY(leray_checkpoint_load(c, "weights.f32", p->value, p->count * sizeof(float)));
    array = leray_optimizer_state(t->optimizer, &n);
    for (int i = 0; i < n; i++) {
        array_name(&array[i], name);
        LERAY_TRY(leray_checkpoint_load(c, name, array[i].data, array[i].count * sizeof(float)));
    }
    return LERAY_OK;
}

/* Lines that were written after the checkpoint belong to steps that will be done again. */
static leray_status cut_log(const leray_trainer *t)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(t->folder, "metrics.jsonl", path));
    if (!leray_file_exists(path) && t->log_bytes == 0) return LERAY_OK;
    LERAY_CHECK(truncate(path, (off_t)t->log_bytes) == 0, LERAY_ERR_IO, "cannot cut %s: %s", path,
                strerror(errno));
    return LERAY_OK;
}

static leray_status resume(leray_trainer *t, const leray_checkpoint *c)
{
    leray_json *json;
    leray_status status;

    LERAY_TRY(check_deck(t, c));
    LERAY_TRY(leray_checkpoint_read_json(c, "trainer.json", &json));
    status = check_data(t, json);
    if (!status) status = read_counters(t, json);
    leray_json_destroy(&json);
    if (status) return status;
    LERAY_TRY(load_task(t, c));
    LERAY_TRY(load_weights(t, c));
    if (t->source->type->restore) LERAY_TRY(t->source->type->restore(t->source, c));
    return LERAY_OK;
}

/* config.yaml: the deck of the run that the folder holds. */
static leray_status write_deck(const leray_trainer *t)
{
    char path[LERAY_PATH_MAX], *text;
    leray_status status;

    LERAY_TRY(leray_path_join(t->folder, "config.yaml", path));
    LERAY_TRY(leray_config_text(t->cfg, 0, &text));
    status = leray_file_write(path, text, strlen(text));
    leray_mem_free(text);
    return status;
}

/* What an earlier run has left goes before the deck of this one is written: what a folder holds belongs together,
   also where this run fails. */
static leray_status begin_folder(const leray_trainer *t)
{
    if (t->attempts == 1 && t->outputs) LERAY_TRY(leray_files_remove(t->folder, t->outputs));
    LERAY_TRY(cut_log(t));
    return write_deck(t);
}

static leray_status open_and_resume(leray_trainer *t)
{
    leray_checkpoint c;
    bool found;
    leray_status status;

    LERAY_TRY(leray_checkpoint_open(t->folder, &c, &found));
    status = found ? resume(t, &c) : LERAY_OK;
    leray_checkpoint_close(&c);
    return status;
}

/* Ranks read the same checkpoint, after rank 0 has cleared and before it writes. */
leray_status leray_trainer_resume(leray_trainer *t)
{
    bool first = leray_comm_rank(t->comm) == 0;

    t->attempts = 1;
    LERAY_TRY(leray_comm_agree(t->comm,
                               first && t->fresh ? leray_checkpoint_clear(t->folder) : LERAY_OK));
    LERAY_TRY(leray_comm_agree(t->comm, open_and_resume(t)));
    return leray_comm_agree(t->comm, first ? begin_folder(t) : LERAY_OK);
}
