/* core/provenance.c - the record that every output carries. */
#include "core/provenance.h"

#include "core/build.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char command[4096];

/* As a line for a shell. */
void leray_provenance_set_command(int argc, const char *const *argv)
{
    leray_text text = {0};
    char *line;

    command[0] = '\0';
    for (int i = 0; i < argc; i++) {
        if (i) leray_text_add(&text, " ");
        leray_text_add_word(&text, argv[i]);
    }
    if (leray_text_finish(&text, &line)) return;
    snprintf(command, sizeof command, "%s", line);
    leray_mem_free(line);
}

/* The plugins of the process, with their checksums as they were when they were loaded. */
typedef struct plugin {
    const char *path;
    char sum[LERAY_CHECKSUM_TEXT];
    struct plugin *next;
} plugin;

static plugin *first_plugin;

leray_status leray_provenance_add_plugin(const char *path)
{
    plugin *p, **at = &first_plugin;
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(&p, 1));
    p->path = path;
    status = leray_checksum_file(path, p->sum);
    if (status) leray_mem_free(p);
    if (status) return status;
    while (*at) at = &(*at)->next;
    *at = p;
    return LERAY_OK;
}

static leray_status add_plugins(leray_json *json)
{
    leray_json *list;
    leray_status status = LERAY_OK;

    if (!first_plugin) return LERAY_OK;
    LERAY_TRY(leray_json_object(&list));
    for (const plugin *p = first_plugin; p && !status; p = p->next)
        status = leray_json_set_text(list, p->path, p->sum);
    if (status) leray_json_destroy(&list);
    return status ? status : leray_json_set(json, "plugins_xxh128", &list);
}

static void utc(char out[32])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm parts;

    out[0] = '\0';
    if (gmtime_r(&now, &parts)) strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static leray_status add_build(leray_json *json)
{
    LERAY_TRY(leray_json_set_text(json, "version", LERAY_VERSION));
    LERAY_TRY(leray_json_set_text(json, "git", LERAY_GIT_DESCRIBE));
    LERAY_TRY(leray_json_set_text(json, "compiler", LERAY_COMPILER));
    LERAY_TRY(leray_json_set_text(json, "flags", LERAY_FLAGS));
    return leray_json_set_text(json, "libraries", LERAY_LIBRARIES);
}

static leray_status add_machine(const leray_comm *comm, leray_json *json)
{
    char host[256] = "", time_text[32];
    const char *job = getenv("SLURM_JOB_ID");

    gethostname(host, sizeof host - 1);
    utc(time_text);
    LERAY_TRY(leray_json_set_text(json, "host", host));
    LERAY_TRY(leray_json_set_int(json, "ranks", leray_comm_size(comm)));
    LERAY_TRY(leray_json_set_int(json, "threads", leray_threads()));
    if (job) LERAY_TRY(leray_json_set_text(json, "slurm_job", job));
    LERAY_TRY(leray_json_set_text(json, "time", time_text));
    return leray_json_set_text(json, "command", command);
}

static leray_status add_inputs(leray_json *json, int n, const char *const *inputs)
{
    leray_json *list;
    char sum[LERAY_CHECKSUM_TEXT];
    leray_status status;

    LERAY_TRY(leray_json_object(&list));
    for (int i = 0; i < n; i++) {
        status = leray_checksum_file(inputs[i], sum);
        if (!status) status = leray_json_set_text(list, inputs[i], sum);
        if (!status) continue;
        leray_json_destroy(&list);
        return status;
    }
    return leray_json_set(json, "inputs_xxh128", &list);
}

static leray_status fill(leray_json *json, const leray_comm *comm, const leray_config *cfg,
                         uint64_t seed, int n, const char *const *inputs)
{
    char *text;
    leray_status status;

    LERAY_TRY(add_build(json));
    LERAY_TRY(add_machine(comm, json));
    LERAY_TRY(leray_json_set_int(json, "seed", (int64_t)seed));
    LERAY_TRY(add_plugins(json));
    LERAY_TRY(add_inputs(json, n, inputs));
    if (!cfg) return LERAY_OK;
    LERAY_TRY(leray_config_text(cfg, 0, &text));
    status = leray_json_set_text(json, "config", text);
    leray_mem_free(text);
    return status;
}

leray_status leray_provenance_json(const leray_comm *comm, const leray_config *cfg, uint64_t seed,
                                   int n, const char *const *inputs, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill(*out, comm, cfg, seed, n, inputs);
    if (status) leray_json_destroy(out);
    return status;
}

leray_status leray_provenance_text(const leray_comm *comm, const leray_config *cfg, uint64_t seed,
                                   int n, const char *const *inputs, char **out)
{
    leray_json *json;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_provenance_json(comm, cfg, seed, n, inputs, &json));
    status = leray_json_text(json, 0, out);
    leray_json_destroy(&json);
    return status;
}
