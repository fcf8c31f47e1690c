/* cli/info.c - leray info. */
#include "cli/cli.h"

static leray_status run(const options *o)
{
    leray_report report;
    leray_status status = leray_describe(o->word[0], &report);

    if (!status) print_report(o, &report);
    return status;
}

const command command_info = {
    .name = "info",
    .summary = "what is in a file, and where it comes from",
    .help = "  leray info runs/demo/model.safetensors\n"
            "  leray info data/demo/ensemble.h5 --json\n"
            "  leray info runs/demo\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_JSON,
    .run = run,
};
