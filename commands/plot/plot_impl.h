/* commands/plot/plot_impl.h - what the files of leray_plot share. Private. */
#ifndef LERAY_COMMANDS_PLOT_PLOT_IMPL_H
#define LERAY_COMMANDS_PLOT_PLOT_IMPL_H

#include "commands/plot/training_pictures.h"
#include "core/json.h"
#include "core/text.h"

typedef struct leray_plot_settings {
    char frames[LERAY_TEXT_MAX];
    bool frames_given;
} leray_plot_settings;
extern const leray_keys leray_plot_keys; /* what `leray plot` takes as key=value */

typedef struct leray_plot_target {
    const char *path;
    bool is_folder;
    char folder[LERAY_PATH_MAX], name[200]; /* of the picture */
    leray_plot_settings settings;
    leray_text *text;
    leray_json *pictures; /* paths */
} leray_plot_target;

/* What `path` is, and the folder and the name of its picture: in `folder`, which is made, or if that is NULL beside
   the file. Errors: DATA (no such file), IO. */
LERAY_NODISCARD leray_status leray_plot_target_find(const char *path, const char *folder,
                                                    leray_plot_target *t);
/* One line of the text and one entry of `pictures` for the picture folder/name.png. */
LERAY_NODISCARD leray_status leray_plot_say(const leray_plot_target *t, const char *name);

LERAY_NODISCARD leray_status leray_plot_fields(const leray_plot_target *t); /* a Well file */
LERAY_NODISCARD leray_status leray_plot_table(const leray_plot_target *t);  /* CSV */

#endif
