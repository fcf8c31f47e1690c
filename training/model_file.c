/* training/model_file.c - see training/model_file.h. */
#include "training/model_file.h"

#include "core/mem.h"
#include "core/provenance.h"

#include <stdio.h>
#include <string.h>

#define FORMAT "2"

/* What of a deck makes the model and its inputs. */
static const char *const needed[] = {"name", "model", "task.target", "task.inputs", "task.outputs"};
#define N_NEEDED ((int)(sizeof needed / sizeof needed[0]))

static leray_safetensors_entry entry_of(const leray_parameters *p, const leray_parameter_view *v)
{
    leray_safetensors_entry e = {.name = v->name, .rank = v->ndim};

    e.type = p->dtype == LERAY_F32 ? LERAY_SAFETENSORS_F32 : LERAY_SAFETENSORS_F64;
    e.data = (const char *)p->value + v->offset * leray_dtype_size(p->dtype);
    for (int d = 0; d < v->ndim; d++) e.shape[d] = v->shape[d];
    return e;
}

static leray_status write_tensors(const char *path, const leray_parameters *p, int n_metadata,
                                  const leray_safetensors_text *metadata)
{
    leray_safetensors_entry *entries;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&entries, (size_t)p->n_views));
    for (int i = 0; i < p->n_views; i++) entries[i] = entry_of(p, &p->views[i]);
    status = leray_safetensors_write(path, p->n_views, entries, n_metadata, metadata);
    leray_mem_free(entries);
    return status;
}

typedef struct texts {
    char *deck, *task, *provenance;
} texts;

static leray_status make_texts(const leray_model_record *r, texts *out)
{
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_config_text_of(r->cfg, N_NEEDED, needed, &out->deck));
    LERAY_TRY(leray_provenance_text(r->comm, r->cfg, r->seed, 0, NULL, &out->provenance));
    LERAY_TRY(leray_task_to_json(r->task, &json));
    status = leray_json_text(json, 0, &out->task);
    leray_json_destroy(&json);
    return status;
}

leray_status leray_model_file_write(const char *path, const leray_model_record *r)
{
    const leray_parameters *p = leray_model_parameters(r->model);
    texts t = {0};
    char count[32];
    leray_status status = make_texts(r, &t);

    snprintf(count, sizeof count, "%zu", p->count);
    if (!status) {
        leray_safetensors_text metadata[] = {
            {"format",     FORMAT      },
            {"model",      r->type     },
            {"parameters", count       },
            {"deck",       t.deck      },
            {"task",       t.task      },
            {"provenance", t.provenance},
            {"made_from",  r->made_from}
        };
        int n = (int)(sizeof metadata / sizeof metadata[0]);

        status = write_tensors(path, p, r->made_from ? n : n - 1, metadata);
    }
    leray_mem_free(t.provenance);
    leray_mem_free(t.task);
    leray_mem_free(t.deck);
    return status;
}

static leray_status metadata_of(const leray_safetensors *file, const char *path, const char *key,
                                const char **out)
{
    *out = leray_safetensors_metadata(file, key);
    LERAY_CHECK(*out, LERAY_ERR_DATA, "%s: no '%s' in its metadata: not a model that leray wrote",
                path, key);
    return LERAY_OK;
}

leray_status leray_model_file_deck(const leray_safetensors *file, const char *path,
                                   leray_config **deck)
{
    const char *format, *text;

    *deck = NULL;
    LERAY_TRY(metadata_of(file, path, "format", &format));
    LERAY_CHECK(strcmp(format, FORMAT) == 0 || strcmp(format, "1") == 0, LERAY_ERR_DATA,
                "%s: model format %s; this version reads 1 and %s", path, format, FORMAT);
    LERAY_TRY(metadata_of(file, path, "deck", &text));
    LERAY_TRY(leray_config_parse_text(path, text, deck));
    leray_config_keep(*deck, N_NEEDED, needed);
    return LERAY_OK;
}

leray_status leray_model_file_task(const leray_safetensors *file, const char *path,
                                   const leray_task_settings *settings, leray_task *task)
{
    const char *text;
    leray_json *json;
    leray_status status;

    LERAY_TRY(metadata_of(file, path, "task", &text));
    LERAY_TRY(leray_json_parse(path, text, strlen(text), &json));
    status = leray_task_from_json(task, settings, json);
    leray_json_destroy(&json);
    return status;
}

leray_status leray_model_file_weights(const leray_safetensors *file, const char *path,
                                      leray_model *model)
{
    leray_parameters *p = leray_model_parameters(model);

    for (int i = 0; i < p->n_views; i++) {
        leray_safetensors_entry want = entry_of(p, &p->views[i]);
        const leray_safetensors_entry *have;

        LERAY_TRY(
            leray_safetensors_require(file, want.name, want.type, want.rank, want.shape, &have));
        memcpy((char *)p->value + p->views[i].offset * leray_dtype_size(p->dtype), have->data,
               have->bytes);
    }
    LERAY_CHECK(leray_safetensors_count(file) == p->n_views, LERAY_ERR_DATA,
                "%s: %d tensors, the model has %d", path, leray_safetensors_count(file),
                p->n_views);
    return LERAY_OK;
}
