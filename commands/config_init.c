/* commands/config_init.c - leray_initial_deck: commented decks to begin with. A test opens each. */
#include "core/mem.h"
#include <leray/run.h>

#include <string.h>

static const char online[] = "# Learn while solvers run: leray online THIS.yaml\n"
                             "name: my-run\n"
                             "seed: 0\n"
                             "solver:              # leray list solvers ns2d\n"
                             "  type: ns2d\n"
                             "  n: 64\n"
                             "  nu: 1e-3\n"
                             "parameters:          # what varies from simulation to simulation\n"
                             "  nu: {min: 3e-4, max: 3e-3, scale: log}\n"
                             "ensemble:\n"
                             "  simulations: 100\n"
                             "  frames: 20         # per simulation, `interval` apart\n"
                             "  interval: 0.5\n"
                             "reservoir: {capacity: 1000, threshold: 200}\n"
                             "model: {type: fno, width: 32, modes: 12}\n"
                             "task: {target: increment}\n"
                             "optimizer: {lr: 2e-3}\n"
                             "train: {batch: 16, ratio: 4}\n"
                             "validation: {simulations: 16, rollout: 20}\n";

static const char train[] = "# Learn from a file: leray train THIS.yaml data.path=FILE.h5\n"
                            "name: my-run\n"
                            "seed: 0\n"
                            "data:\n"
                            "  type: well         # or npy-pairs: leray list datasets\n"
                            "  path: ensemble.h5\n"
                            "model: {type: fno, width: 32, modes: 12}\n"
                            "optimizer: {lr: 1e-3, weight_decay: 1e-4}\n"
                            "train: {batch: 20, epochs: 100}\n";

leray_status leray_initial_deck(const char *kind, leray_report *report)
{
    leray_status status;

    memset(report, 0, sizeof *report);
    LERAY_CHECK(strcmp(kind, "online") == 0 || strcmp(kind, "train") == 0, LERAY_ERR_NOT_FOUND,
                "no deck to begin a '%s' with; there are: online, train", kind);
    LERAY_TRY(leray_mem_text(strcmp(kind, "online") == 0 ? online : train, &report->text));
    status = leray_mem_text(report->text, &report->json);
    if (status) leray_report_free(report);
    return status;
}
