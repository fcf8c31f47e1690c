/* cli/solve.c - leray solve. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_deck(o, leray_run_solve); }

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
