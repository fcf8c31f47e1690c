/* cli/forecast.c - leray forecast. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_model(o, leray_forecast); }

const command command_forecast = {
    .name = "forecast",
    .summary = "roll a model out, and hand back to the solver where it cannot be trusted",
    .help =
        "  leray forecast runs/stfno/model.safetensors --data data/heldout/ensemble.h5\n"
        "  leray forecast MODEL --data D.h5 certify=1e-2 -o forecast\n"
        "  leray forecast MODEL --data D.h5 certify=1e-2 forecast.steps=100 data.count=8 --json\n\n"
        "Each trajectory of D, a file in The Well's layout, is forecast from its first frames to "
        "its\n"
        "last one, window by window. With certify=TOL every window carries an estimate of the "
        "error\n"
        "accumulated so far, made from the residual of the equation. A window that ends at time t "
        "of\n"
        "T is accepted if that estimate is at most TOL t/T; else the solver that made D computes "
        "it\n"
        "from the last accepted frame, and the roll-out goes on from there.\n\n"
        "  forecast.steps=N        frames to forecast; 0: as many as D has\n"
        "  forecast.window=N       frames of a window, for models that give one frame at a time\n"
        "  forecast.compare=false  without the pure surrogate and the pure solver beside it\n"
        "  data.first, data.count, data.start   trajectories, and the first frame that is used\n"
        "  certify.KEY, refine.KEY, solver.KEY  as in leray refine\n\n"
        "Leaves forecast.h5, windows.csv (estimate and true error of each window), "
        "handed_back.csv\n"
        "(parameters of windows that went to the solver, for `sampler: certificate`), "
        "result.json.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_DATA | TAKES_FOLDER | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
