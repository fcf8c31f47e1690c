/* commands/plot/training_pictures.h - the pictures of a training run. Private. */
#ifndef LERAY_COMMANDS_PLOT_TRAINING_PICTURES_H
#define LERAY_COMMANDS_PLOT_TRAINING_PICTURES_H

#include "commands/plot/picture.h"
#include "commands/training.h"

/* forecast.png: truth, forecast and error of one held-out simulation at three times, in one dimension
   as curves; curves.png:
   loss, error against lead time with the baselines, spectra. */
LERAY_NODISCARD leray_status leray_pictures_online(leray_training *training,
                                                   const leray_rollout *rollout);
/* curves.png: loss. */
LERAY_NODISCARD leray_status leray_pictures_file(leray_training *training);

/* The loss of metrics.jsonl as a line; *block holds its numbers, free with leray_mem_free. */
LERAY_NODISCARD leray_status leray_picture_loss(const char *metrics_path, double **block,
                                                leray_picture_line *line);
/* The panel for it, alone. */
leray_picture_panel leray_picture_loss_panel(const leray_picture_line *line);

#endif
