/* cli/eval.c - leray eval. */
#include "cli/cli.h"

#include <stdio.h>

static leray_status run(const options *o)
{
    leray_report report;
    leray_status status = leray_evaluate(o->word[0], o->data, o->n_overrides, o->override, &report);

    if (!status) print_report(o, &report);
    return status;
}

const command command_eval = {
    .name = "eval",
    .summary = "metrics of a model on a dataset",
    .help =
        "  leray eval runs/demo/model.safetensors --data data/demo/ensemble.h5\n"
        "  leray eval MODEL --data darcy16 data.inputs=test32_a.npy data.outputs=test32_u.npy "
        "--json\n"
        "\n"
        "DATA is a file in The Well's layout, or a folder with pairs of .npy files. Relative "
        "errors are\n"
        "means over samples of |error| / |truth|; the same ratio of the norms over all samples\n"
        "together is printed, too.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_DATA | TAKES_JSON,
    .run = run,
};
