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
        "  leray refine MODEL --data D.h5 solver.type=ns2d solver.nu=1e-3 solver.forcing.type=fno\n"
        "\n"
        "The model predicts a window of frames from the first frames of each trajectory of D.h5 "
        "(The Well's\n"
        "layout). Then all Fourier modes of these frames are corrected by Gauss-Newton steps that "
        "reduce the\n"
        "residual of the equation in L2(0, T; H^-1). Errors before and after are differences from "
        "the frames\n"
        "in D.h5: relative L2, H1, H^-1, and of the energy in bands of wavenumbers. For comparison "
        "the solver\n"
        "that made D.h5 computes the same window. This solver is read from the provenance in "
        "D.h5;\n"
        "solver.KEY=VALUE changes it, or describes it for files that were not made by Leray.\n"
        "\n"
        "  data.first, data.count, data.start   trajectories, and the first frame that is used\n"
        "  refine.KEY, certify.KEY              leray list refine, leray list certify\n"
        "  refine.solver_grids                  coarser grids to time the solver on: the first one "
        "counts on\n"
        "                                       which its error is not above that of the refined "
        "frames\n"
        "  optimizer.KEY                        for refine.method=optimizer\n"
        "\n"
        "Writes refined.h5 (the windows), refine.csv (a line for each trajectory), spectra.png,\n"
        "certificate.png and result.json.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_DATA | TAKES_FOLDER | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
