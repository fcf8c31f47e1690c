/* cli/gen.c - leray gen. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_deck(o, leray_run_generate); }

const command command_gen = {
    .name = "gen",
    .summary = "an ensemble of simulations to a file",
    .help = "  leray gen configs/demo.yaml -o data/demo\n"
            "  leray gen configs/demo.yaml ensemble.simulations=1000 seed=7 -o data/large\n"
            "\n"
            "Draws the parameters, runs the simulations on all threads and writes ensemble.h5 (The "
            "Well's\n"
            "layout) and statistics.csv. A data set of another deck in the folder is replaced only "
            "with --fresh.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_FRESH | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
