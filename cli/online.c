/* cli/online.c - leray online. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_deck(o, leray_run_online); }

const command command_online = {
    .name = "online",
    .summary = "learn while the solvers run",
    .help =
        "  leray online configs/demo.yaml\n"
        "  leray online configs/demo.yaml solver.n=128 ensemble.simulations=400 -o runs/large\n"
        "\n"
        "Runs an ensemble of simulations and trains a model on their frames at the same time, then "
        "measures\n"
        "the model on held-out simulations. If the run is killed or stopped (SIGTERM, SIGUSR1), "
        "the same\n"
        "command continues from the last checkpoint and ends with the same weights, bit for bit.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_FRESH | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
