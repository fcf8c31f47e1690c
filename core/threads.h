/* core/threads.h - how many threads compute. Private.

   Kernels use OpenMP over samples, fields or planes, each thread's work depending only on its
   index, so that the number of threads does not change a result. */
#ifndef LERAY_CORE_THREADS_H
#define LERAY_CORE_THREADS_H

/* For parallel regions started by the calling thread from now on; n >= 1. A client thread of
   an ensemble calls this with 1 and so never competes with the trainer's team. */
void leray_threads_set(int n);
int leray_threads(void);
/* What "all" means: OMP_NUM_THREADS where it is set, else the cores that this process may use. */
int leray_threads_available(void);

#endif
