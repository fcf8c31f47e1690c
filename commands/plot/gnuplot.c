/* commands/plot/gnuplot.c - see commands/plot/gnuplot.h. */
#include "commands/plot/gnuplot.h"

#include "core/file.h"
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- texts -------------------------------------------------------------------------------- */

static const char *in_quotes(char c)
{
    if (c == '\'') return "''";
    return leray_is_control(c) ? " " : NULL;
}

void leray_gnuplot_add_text(leray_text *script, const char *text)
{
    leray_text_add(script, "'");
    leray_text_add_utf8(script, text, in_quotes);
    leray_text_add(script, "'");
}

void leray_gnuplot_add_file(leray_text *script, const char *name, const char *ending)
{
    leray_text_add(script, "'./");
    for (; *name; name++) leray_text_add(script, *name == '\'' ? "''" : "%c", *name);
    leray_text_add(script, ".%s'", ending);
}

leray_status leray_gnuplot_check_name(const char *name)
{
    bool good = *name != '\0';

    for (const char *at = name; *at; at++) good &= *at != '/' && !leray_is_control(*at);
    LERAY_CHECK(
        good, LERAY_ERR_ARG,
        "'%.80s' is no name of a picture: it must be a file name without control characters", name);
    return LERAY_OK;
}

/* ---- running ------------------------------------------------------------------------------ */

#define SAID_BYTES 1024

/* What comes out of the pipe until its other end is closed, as one line; the first SAID_BYTES - 1 bytes are kept. */
static void listen_to(int fd, char said[SAID_BYTES])
{
    char piece[256];
    size_t used = 0;
    ssize_t n;

    while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR)) {
        size_t room = SAID_BYTES - 1 - used, take = n > 0 ? (size_t)n : 0;

        if (take > room) take = room;
        memcpy(said + used, piece, take);
        used += take;
    }
    said[used] = '\0';
    for (size_t i = 0; i < used; i++)
        if (leray_is_control(said[i])) said[i] = ' ';
}

/* Default settings (-d): the user's own start-up file cannot change what a script does. */
static int start(const char *folder, const char *script, int out, pid_t *pid)
{
    char program[] = "gnuplot", defaults[] = "-d", file[LERAY_NAME_MAX + 8];
    char *argv[] = {program, defaults, file, NULL};
    posix_spawn_file_actions_t actions;
    int error;

    snprintf(file, sizeof file, "./%s", script);
    error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, out, 2);
    if (!error) error = posix_spawnp(pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

leray_status leray_gnuplot_run(const char *folder, const char *name)
{
    char script[LERAY_NAME_MAX], said[SAID_BYTES] = "";
    int end[2], error, state = 0;
    pid_t pid = 0;

    LERAY_TRY(leray_gnuplot_check_name(name));
    snprintf(script, sizeof script, "%s.gp", name);
    LERAY_CHECK(pipe2(end, O_CLOEXEC) == 0, LERAY_ERR_EXTERNAL, "cannot start gnuplot: %s",
                strerror(errno));
    error = start(folder, script, end[1], &pid);
    close(end[1]);
    if (!error) listen_to(end[0], said);
    close(end[0]);
    if (error == ENOENT) {
        leray_warn(
            "gnuplot is not installed (apt-get install gnuplot-nox): %s/%s is left for later",
            folder, script);
        return LERAY_OK;
    }
    LERAY_CHECK(error == 0, LERAY_ERR_EXTERNAL, "cannot start gnuplot: %s", strerror(error));
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) continue;
    LERAY_CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0, LERAY_ERR_EXTERNAL,
                "gnuplot fails on %s/%s: %s", folder, script, said);
    if (*said) leray_debug("gnuplot on %s/%s: %s", folder, script, said);
    return LERAY_OK;
}
