/* data/windows_impl.h - what the files of data/windows.h share. */
#ifndef LERAY_DATA_WINDOWS_IMPL_H
#define LERAY_DATA_WINDOWS_IMPL_H

#include "data/windows.h"

/* From w->settings: info's channels and roles, input, output, mask, depends. Errors: CONFIG, DATA, MEMORY. */
LERAY_NODISCARD leray_status leray_windows_choose_channels(leray_windows *w);
/* info's parameters and their numbers, from the trajectories used. Errors: CONFIG, DATA, MEMORY. */
LERAY_NODISCARD leray_status leray_windows_choose_parameters(leray_windows *w);
/* The value of parameter p of a trajectory of the file. */
double leray_windows_value(const leray_windows *w, int trajectory, int p);

#endif
