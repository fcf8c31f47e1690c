/* cli/forecast.c - leray forecast. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_model(o, leray_forecast); }

const command command_forecast = {
    .name = "forecast",
    .summary = "roll a model out, and hand back to the solver where it cannot be trusted",
    .help =
        "  leray forecast runs/stfno/model.safetensors --data data/heldout/ensemble.h5\n"
        "  leray forecast MODEL --data D.h5 certify=1e-2 -o forecast\n"
        "  leray forecast MODEL --data D.h5 certify=1e-2 forecast.steps=100 data.count=8 --json\n"
        "\n"
        "Predicts each trajectory of D.h5 (The Well's layout) from its first frames to its last "
        "one, window\n"
        "by window. With certify=TOL the error accumulated so far is estimated in each window, "
        "from the\n"
        "residual of the equation. A window that ends at time t of T is accepted if the estimate "
        "is at most\n"
        "TOL t/T. Otherwise it is handed back: the solver that made D.h5 computes it from the last "
        "accepted\n"
        "frame, and the roll-out continues from there.\n"
        "\n"
        "  forecast.steps=N        frames to forecast; 0: as many as D.h5 has\n"
        "  forecast.window=N       frames of a window, for models that predict one frame at a "
        "time\n"
        "  forecast.compare=false  do not run the model alone and the solver alone for comparison\n"
        "  data.first, data.count, data.start   trajectories, and the first frame that is used\n"
        "  certify.KEY, refine.KEY, solver.KEY  as in leray refine\n"
        "\n"
        "Writes forecast.h5, windows.csv (estimate and true error of each window), "
        "handed_back.csv\n"
        "(parameters of the windows that the solver computed, for `sampler: certificate`), "
        "result.json.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_DATA | TAKES_FOLDER | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
