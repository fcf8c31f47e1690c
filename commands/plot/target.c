/* commands/plot/target.c - the file that pictures are made of, where they go, and what leray_plot says of each. */
#include "commands/plot/plot_impl.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The file's name up to its first dot; "_" stands for what a script could not hold. */
static void name_picture(const char *file, char *out, size_t size)
{
    snprintf(out, size, "%.*s", (int)strcspn(file, "."), file);
    if (!*out) snprintf(out, size, "picture");
    for (char *at = out; *at; at++)
        if (leray_is_control(*at)) *at = '_';
}

leray_status leray_plot_target_find(const char *path, const char *folder, leray_plot_target *t)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    struct stat info;

    t->path = path;
    LERAY_CHECK(stat(path, &info) == 0, LERAY_ERR_DATA, "cannot open %s: no such file", path);
    t->is_folder = S_ISDIR(info.st_mode);
    name_picture(file, t->name, sizeof t->name);
    if (folder) LERAY_TRY(leray_dir_create(folder));
    if (folder) LERAY_TRY(leray_path_join(folder, "", t->folder));
    else if (t->is_folder) LERAY_TRY(leray_path_join(path, "", t->folder));
    else
        snprintf(t->folder, sizeof t->folder, "%.*s", slash ? (int)(slash - path) : 1,
                 slash ? path : ".");
    for (size_t k = strlen(t->folder); k > 1 && t->folder[k - 1] == '/';) t->folder[--k] = '\0';
    return LERAY_OK;
}

leray_status leray_plot_say(const leray_plot_target *t, const char *name)
{
    char file[LERAY_NAME_MAX], path[LERAY_PATH_MAX];

    snprintf(file, sizeof file, "%s.png", name);
    LERAY_TRY(leray_path_join(t->folder, file, path));
    leray_text_add_line(t->text, path);
    leray_text_add(t->text, "\n");
    return leray_json_set_text(t->pictures, NULL, path);
}
