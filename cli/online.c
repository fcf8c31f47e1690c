/* cli/online.c - leray online. */
#include "cli/cli.h"

static leray_status run(const options *o)
{
    leray_run_options settings = run_options(o);
    leray_report report;
    leray_config *cfg;
    leray_status status = open_deck(o, &cfg);

    if (status) return status;
    status = leray_run_online(cfg, &settings, &report);
    leray_config_destroy(&cfg);
    if (!status) print_report(o, &report);
    return status;
}

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
