/* solvers/run/deck.c - what of a deck decides the flow and its outputs: the rest may differ from one
   attempt of a run to the next. */
#include "solvers/run/run_impl.h"

#include "core/mem.h"

#include <string.h>

static bool begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

static bool matters(const char *path)
{
    if (begins(path, "output.state.")) return false;
    return strcmp(path, "seed") == 0 || begins(path, "solver.") || begins(path, "output.") ||
           begins(path, "restart.") || strcmp(path, "ensemble.warmup") == 0 ||
           strcmp(path, "ensemble.interval") == 0 || strcmp(path, "ensemble.frames") == 0;
}

leray_status leray_run_deck(const leray_config *cfg, char **out)
{
    char *text;
    leray_status status;

    LERAY_TRY(leray_config_text(cfg, 0, &text));
    status = leray_config_part(text, matters, out);
    leray_mem_free(text);
    return status;
}

leray_status leray_run_compare_decks(const char *folder, const char *then, const char *now)
{
    while (*then || *now) {
        size_t a = strcspn(then, "\n"), b = strcspn(now, "\n");

        LERAY_CHECK(a == b && strncmp(then, now, a) == 0, LERAY_ERR_CONFIG,
                    "%s holds a run of another deck: '%.*s' there, '%.*s' now; give another folder "
                    "with -o (and restart.path=%s/state.h5 to begin from where that one is), or "
                    "--fresh to start over",
                    folder, (int)a, then, (int)b, now, folder);
        then += a + (then[a] != '\0');
        now += b + (now[b] != '\0');
    }
    return LERAY_OK;
}
