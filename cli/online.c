/* cli/online.c - leray online. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_deck(o, leray_run_online); }

const command command_online = {
    .name = "online",
    .summary = "learn while the solvers run",
    .help =
        "  leray online configs/demo.yaml\n"
        "  leray online configs/demo.yaml solver.n=128 ensemble.simulations=400 -o runs/large\n\n"
        "Killed or stopped (SIGTERM, SIGUSR1), the same command goes on from the last checkpoint\n"
        "to the same weights, bit for bit.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_FRESH | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
