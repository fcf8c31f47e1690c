/* commands/check.c - leray_check: the dry run of each command that a deck is for, so that both find the same.

   A deck with data is for `leray train`; one that says how to learn, without data, for `leray online`; any other for
   `leray solve`, and if it varies parameters or counts simulations, for `leray gen` as well. */
#include "core/config.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/text.h"
#include <leray/run.h>

#include <string.h>

typedef struct verb {
    const char *name;
    leray_status (*run)(const leray_config *cfg, const leray_run_options *options,
                        leray_report *report);
} verb;

static const verb verbs[] = {
    {"train",  leray_run_train   },
    {"online", leray_run_online  },
    {"solve",  leray_run_solve   },
    {"gen",    leray_run_generate},
};
enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

static bool has_any(const leray_config *cfg, int n, const char *const *sections)
{
    for (int i = 0; i < n; i++)
        if (leray_config_has(cfg, sections[i])) return true;
    return false;
}

static bool is_for(const leray_config *cfg, const char *command)
{
    static const char *const learning[] = {"model",    "task",  "loss",      "optimizer",
                                           "schedule", "train", "reservoir", "validation"};
    static const char *const many[] = {"parameters", "ensemble.simulations"};
    bool data = leray_config_has(cfg, "data"), learns = has_any(cfg, 8, learning);

    if (strcmp(command, "train") == 0) return data;
    if (data) return false;
    if (strcmp(command, "online") == 0) return learns;
    if (learns) return false;
    return strcmp(command, "solve") == 0 || has_any(cfg, 2, many);
}

/* `unchecked`: why data cannot be read that the command needs; the deck itself may be all right. */
static leray_status check_for(const leray_config *cfg, const verb *v, leray_text *unchecked)
{
    leray_run_options options = {.dry_run = 1};
    leray_report report;
    leray_status status = v->run(cfg, &options, &report);

    if (!status) leray_report_free(&report);
    if (status != LERAY_ERR_DATA) return status;
    if (!unchecked->used)
        leray_text_add(unchecked, "%.*s", (int)strcspn(leray_error_message(), "\n"),
                       leray_error_message());
    return LERAY_OK;
}

static leray_status check_all(const leray_config *cfg, leray_text *text, leray_text *unchecked)
{
    bool first = true;

    for (int i = 0; i < N_VERBS; i++) {
        if (!is_for(cfg, verbs[i].name)) continue;
        LERAY_TRY(check_for(cfg, &verbs[i], unchecked));
        leray_text_add(text, "%s leray %s", first ? "valid for" : " and", verbs[i].name);
        first = false;
    }
    leray_text_add(text, "\n");
    return LERAY_OK;
}

static leray_status to_json(const char *unchecked, char **out)
{
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_json_object(&json));
    status = leray_json_set_bool(json, "valid", true);
    if (!status && *unchecked) status = leray_json_set_text(json, "unchecked", unchecked);
    if (!status) status = leray_json_text(json, 2, out);
    leray_json_destroy(&json);
    return status;
}

static leray_status fill(const leray_config *cfg, leray_text *text, leray_text *unchecked,
                         char **json)
{
    char *why;
    leray_status status = check_all(cfg, text, unchecked);

    if (status) return status;
    LERAY_TRY(leray_text_finish(unchecked, &why));
    unchecked->data = NULL;
    if (*why) leray_text_add(text, "what depends on data is not checked: %s\n", why);
    status = to_json(why, json);
    leray_mem_free(why);
    return status;
}

leray_status leray_check(const leray_config *cfg, leray_report *report)
{
    leray_text text = {0}, unchecked = {0};
    leray_status status;

    memset(report, 0, sizeof *report);
    status = fill(cfg, &text, &unchecked, &report->json);
    if (!status) status = leray_text_finish(&text, &report->text);
    else leray_mem_free(text.data);
    if (!status) return LERAY_OK;
    leray_mem_free(unchecked.data);
    leray_report_free(report);
    return status;
}
