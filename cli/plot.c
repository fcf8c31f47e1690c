/* cli/plot.c - leray plot. */
#include "cli/cli.h"

static leray_status run(const options *o)
{
    leray_report report;
    leray_status status = leray_plot(o->word[0], o->folder, o->n_overrides, o->override, &report);

    if (!status) print_report(o, &report);
    return status;
}

const command command_plot = {
    .name = "plot",
    .summary = "pictures of a run, of fields, of statistics",
    .help = "  leray plot runs/demo\n"
            "  leray plot data/demo/ensemble.h5 -o pictures\n"
            "  leray plot runs/thin/statistics.csv\n"
            "  leray plot runs/thin/spectra.csv -o pictures\n"
            "  leray plot runs/thin/fields.h5 frames=all -o film\n"
            "\n"
            "Draws fields at three times (frames=K: frame K; frames=all: every frame, for a film), "
            "tables against\n"
            "time, and curves such as spectra at several times. For three-dimensional fields it "
            "draws the plane\n"
            "through the middle; for a velocity also vorticity and Q.\n"
            "Each picture is a PNG; its gnuplot script and data are written to the same folder.\n",
    .words_min = 1,
    .words_max = 1,
    .takes = TAKES_OVERRIDES | TAKES_FOLDER | TAKES_JSON,
    .run = run,
};
