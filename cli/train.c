/* cli/train.c - leray train. */
#include "cli/cli.h"

static leray_status run(const options *o) { return run_deck(o, leray_run_train); }

const command command_train = {
    .name = "train",
    .summary = "learn from a file",
    .help = "  leray train configs/operators/darcy16.yaml data.path=darcy16\n"
            "  leray train DECK.yaml data.path=data/demo/ensemble.h5 model.width=64 -o runs/wide\n"
            "\n"
            "Trains a model on a data file. If the run is killed or stopped, the same command "
            "continues from the\n"
            "last checkpoint and ends with the same weights.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_FRESH | TAKES_DRY_RUN | TAKES_JSON,
    .run = run,
};
