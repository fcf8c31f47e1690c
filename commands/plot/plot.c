/* commands/plot/plot.c - leray_plot: pictures of files that are there. */
#include "commands/plot/plot_impl.h"

#include "core/json.h"
#include "core/launch.h"
#include "core/mem.h"

#include <string.h>

static const leray_key rows[] = {
    LERAY_KEY_TEXT(leray_plot_settings, frames, "frames", "three",
                   "of fields: three (the first, the middle and the last one), all (one picture "
                   "each, for a film), or the number of one"),
};
const leray_keys leray_plot_keys = {rows, 1};

typedef leray_plot_target target;

/* ---- loss ------------------------------------------------------------------------------- */

static leray_status plot_metrics(const target *t, const char *path, const char *name)
{
    leray_picture_line loss;
    leray_picture_panel panel;
    double *block;
    leray_status status;

    LERAY_TRY(leray_picture_loss(path, &block, &loss));
    panel = leray_picture_loss_panel(&loss);
    status = leray_picture_curves(t->folder, name, 1, &panel);
    leray_mem_free(block);
    return status ? status : leray_plot_say(t, name);
}

static leray_status plot_run(const target *t)
{
    char path[LERAY_PATH_MAX];

    LERAY_TRY(leray_path_join(t->path, "metrics.jsonl", path));
    LERAY_CHECK(leray_file_exists(path), LERAY_ERR_DATA,
                "%s: no metrics.jsonl in it: not the folder of a training run; of other runs name "
                "a file, *.csv or *.h5",
                t->path);
    return plot_metrics(t, path, "loss");
}

/* ---- which ------------------------------------------------------------------------------ */

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static leray_status plot(const target *t)
{
    bool fields = !t->is_folder && (ends_in(t->path, ".h5") || ends_in(t->path, ".hdf5"));

    LERAY_CHECK(fields || !t->settings.frames_given, LERAY_ERR_ARG,
                "frames=%s is for a file of fields (*.h5), not for %s", t->settings.frames,
                t->path);
    if (t->is_folder) return plot_run(t);
    if (ends_in(t->path, ".jsonl")) return plot_metrics(t, t->path, t->name);
    if (ends_in(t->path, ".csv")) return leray_plot_table(t);
    if (fields) return leray_plot_fields(t);
    LERAY_FAIL(LERAY_ERR_DATA,
               "%s: pictures are made of a run's folder, *.jsonl, *.csv and *.h5 files", t->path);
}

/* {"pictures": [..]} */
static leray_status pictures_to_json(leray_json **pictures, char **out)
{
    leray_json *json;
    leray_status status;

    LERAY_TRY(leray_json_object(&json));
    status = leray_json_set(json, "pictures", pictures);
    if (!status) status = leray_json_text(json, 2, out);
    leray_json_destroy(&json);
    return status;
}

static leray_status read_settings(int n, const char *const *overrides,
                                  leray_plot_settings *settings)
{
    leray_section section = {"", leray_plot_keys, NULL};
    leray_config *cfg;
    leray_status status;

    LERAY_TRY(leray_config_parse_text("plot", "{}", &cfg));
    status = LERAY_OK;
    for (int i = 0; i < n && !status; i++) status = leray_config_override(cfg, overrides[i]);
    if (!status) status = leray_config_resolve(cfg, 1, &section);
    if (!status) status = leray_config_read(cfg, "", leray_plot_keys, settings);
    settings->frames_given = leray_config_has(cfg, "frames");
    leray_config_destroy(&cfg);
    return status;
}

leray_status leray_plot(const char *path, const char *folder, int n, const char *const *overrides,
                        leray_report *report)
{
    leray_text text = {0};
    target t = {.text = &text};
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_TRY(leray_comm_only_one(leray_launch_comm(), "leray plot"));
    LERAY_TRY(read_settings(n, overrides, &t.settings));
    LERAY_TRY(leray_plot_target_find(path, folder, &t));
    LERAY_TRY(leray_json_array(&t.pictures));
    status = plot(&t);
    if (!status) status = pictures_to_json(&t.pictures, &report->json);
    leray_json_destroy(&t.pictures);
    if (!status) return leray_text_finish(&text, &report->text);
    leray_mem_free(text.data);
    leray_report_free(report);
    return status;
}
