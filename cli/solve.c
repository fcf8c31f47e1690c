/* cli/solve.c - leray solve. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_deck(o, leray_run_solve); }

const command command_solve = {
    .name = "solve",
    .summary = "one simulation: fields and statistics",
    .help = "  leray solve configs/solvers/kolmogorov.yaml\n"
            "  leray solve configs/demo.yaml solver.nu=1e-4 ensemble.frames=50 -o runs/thin\n"
            "  leray solve DECK.yaml output.spectra.every=0.5 output.state.every=5 elapsed=3600\n"
            "  leray solve DECK.yaml restart.path=runs/thin/state.h5 solver.n=256 -o runs/fine\n"
            "  mpirun -n 4 leray solve DECK.yaml\n"
            "\n"
            "Runs one simulation with the parameters in section solver of the deck. It writes "
            "fields.h5 (The\n"
            "Well's layout), fields.xdmf for ParaView, statistics.csv, the tables of `leray list "
            "diagnostics`\n"
            "that the deck asks for, all tables again in statistics.h5, the state and result.json. "
            "If the run\n"
            "is killed or stopped (SIGTERM, SIGUSR1, SIGINT, elapsed), the same command continues "
            "from the last\n"
            "state and ends with the same bits.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_FRESH | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
