/* api/model_open.c - see api/model_open.h. */
#include "api/model_open.h"

#include <string.h>

leray_status leray_model_open(const char *path, leray_opened *o)
{
    leray_problem problem;

    memset(o, 0, sizeof *o);
    o->path = path;
    LERAY_TRY(leray_safetensors_read(path, &o->file));
    LERAY_TRY(leray_model_file_deck(o->file, path, &o->deck));
    LERAY_TRY(leray_schema_resolve_model(o->deck));
    LERAY_TRY(leray_experiment_init_model(o->deck, &o->trained));
    LERAY_TRY(leray_model_file_task(o->file, path, &o->trained.task, &o->task));
    problem = leray_task_problem(&o->task);
    LERAY_TRY(leray_model_create_type(o->trained.type[LERAY_KIND_OF_MODEL], o->deck, "model",
                                      &problem, 0, LERAY_F32, &o->model));
    return leray_model_file_weights(o->file, path, o->model);
}

void leray_model_close(leray_opened *o)
{
    leray_model_destroy(&o->model);
    leray_task_fini(&o->task);
    leray_config_destroy(&o->deck);
    leray_safetensors_destroy(&o->file);
}
