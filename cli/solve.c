/* cli/solve.c - leray solve. */
#include "cli/cli.h"

static leray_status run(const options *o)
{
    leray_run_options settings = run_options(o);
    leray_report report;
    leray_config *cfg;
    leray_status status = open_deck(o, &cfg);

    if (status) return status;
    status = leray_run_solve(cfg, &settings, &report);
    leray_config_destroy(&cfg);
    if (!status) print_report(o, &report);
    return status;
}

const command command_solve = {
    .name = "solve",
    .summary = "one simulation: fields and statistics",
    .help = "  leray solve configs/solvers/kolmogorov.yaml\n"
            "  leray solve configs/demo.yaml solver.nu=1e-4 ensemble.frames=50 -o runs/thin\n\n"
            "Runs the solver of the deck with its own parameters. The folder then holds fields.h5\n"
            "(The Well's layout), fields.xdmf for ParaView, statistics.csv and result.json.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
