/* examples/online.c - trains a neural operator on simulations while they run.

       online [FOLDER] [key.path=value ...]

   The result is JSON on stdout; its object "metrics" has the relative errors on simulations that
   the model was not trained on. FOLDER (runs/online) holds the model, the pictures and the checkpoints;
   if the program is stopped, it continues from the last checkpoint when it is started again. */
#include <leray/leray.h>

#include <stdio.h>

static const char deck[] = "name: online\n"
                           "solver: {type: ns2d, n: 32, forcing: {type: fno}, dt: 0.05, cfl: 1}\n"
                           "parameters: {nu: {min: 1e-3, max: 1e-2, scale: log}}\n"
                           "ensemble: {simulations: 24, warmup: 2, frames: 11, interval: 0.5}\n"
                           "reservoir: {capacity: 240, threshold: 40}\n"
                           "model: {type: fno, width: 12, modes: 8, layers: 3, projection: 32}\n"
                           "task: {target: increment}\n"
                           "optimizer: {lr: 5e-3}\n"
                           "train: {batch: 16, ratio: 6}\n"
                           "validation: {simulations: 4, rollout: 10}\n";

int main(int argc, char **argv)
{
    leray_run_options options = {.folder = argc > 1 ? argv[1] : NULL};
    leray_report report = {NULL, NULL};
    leray_config *cfg = NULL;
    const char *const *arguments = (const char *const *)argv;
    leray_status status = leray_start(argc, arguments);

    if (!status)
        status =
            leray_config_open_text("online.c", deck, argc > 2 ? argc - 2 : 0, arguments + 2, &cfg);
    if (!status) status = leray_run_online(cfg, &options, &report);
    if (status) fprintf(stderr, "%s: %s\n", leray_status_text(status), leray_error_message());
    else printf("%s\n", report.json);
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    leray_finish();
    return leray_status_exit_code(status);
}
