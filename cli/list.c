/* cli/list.c - leray list. */
#include "cli/cli.h"

static leray_status run(const options *o)
{
    leray_report report;
    leray_status status =
        leray_list(o->n_words > 0 ? o->word[0] : NULL, o->n_words > 1 ? o->word[1] : NULL, &report);

    if (!status) print_report(o, &report);
    return status;
}

const command command_list = {
    .name = "list",
    .summary = "components and their keys",
    .help = "  leray list                  kinds of components, and sections of a deck\n"
            "  leray list solvers          components of a kind\n"
            "  leray list solvers ns2d     keys of one component: default, range, unit, meaning\n"
            "  leray list all --json       every key of every component, for programs\n",
    .words_min = 0,
    .words_max = 2,
    .takes = TAKES_JSON,
    .run = run,
};
