/* core/wisdom.h - where the FFT plans of this machine are kept. Private to core/fft.c.

   One file per processor model and FFTW version, below the user's cache folder. Whoever reads,
   plans and writes holds its lock meanwhile; the kernel drops the lock of a killed process. */
#ifndef LERAY_CORE_WISDOM_H
#define LERAY_CORE_WISDOM_H

#include "core/file.h"

#include <stdbool.h>

/* The file for this machine; its folder is made if need be. False if there is no usable one. */
bool leray_wisdom_path(const char *fftw_version, char out[LERAY_PATH_MAX]);

/* Waits for the lock that stands beside `path`. -1 if it cannot be had (a folder that cannot be
   written); the plans are then not shared, which is no error. */
int leray_wisdom_lock(const char *path);
void leray_wisdom_unlock(int lock);

#endif
