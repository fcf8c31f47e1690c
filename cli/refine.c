/* cli/refine.c - leray refine. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_model(o, leray_refine); }

const command command_refine = {
    .name = "refine",
    .summary = "make a model's predictions satisfy the equation, with a certificate",
    .help =
        "  leray refine runs/stfno/model.safetensors --data data/heldout/ensemble.h5\n"
        "  leray refine MODEL --data D.h5 data.count=16 refine.solver_grids='[32, 48, 64, 96, "
        "128]'\n"
        "  leray refine MODEL --data D.h5 refine.steps=3 certify.safety=2 -o refined --json\n"
        "  leray refine MODEL --data D.h5 solver.type=ns2d solver.nu=1e-3 "
        "solver.forcing.type=fno\n\n"
        "From the first frames of each trajectory of D, a file in The Well's layout, the model\n"
        "predicts a window; then all modes of the target grid are set free, and the residual of "
        "the\n"
        "equation is made small by Gauss-Newton in L2(0, T; H^-1). Errors before and after are\n"
        "measured against D's own frames in the same norms: relative L2, H1, H^-1, and of the "
        "energy\n"
        "in bands of wavenumbers; beside them the solver that made D, on the same window. The "
        "solver\n"
        "is the one in D's provenance; solver.KEY=VALUE changes it, or makes it for files of "
        "others.\n\n"
        "  data.first, data.count, data.start   trajectories, and the first frame that is used\n"
        "  refine.KEY, certify.KEY              leray list refine, leray list certify\n"
        "  refine.solver_grids                  grids on which the solver is timed too: the first\n"
        "                                       whose error is not above the refined one counts\n"
        "  optimizer.KEY                        for refine.method = optimizer\n\n"
        "Leaves refined.h5 (the windows), refine.csv (a line for each trajectory), spectra.png,\n"
        "certificate.png and result.json.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_DATA | TAKES_FOLDER | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
