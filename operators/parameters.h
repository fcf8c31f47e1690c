/* operators/parameters.h - the making and ending of a block of weights (include/leray/impl/parameters.h). Private. */
#ifndef LERAY_OPERATORS_PARAMETERS_H
#define LERAY_OPERATORS_PARAMETERS_H

#include <leray/impl/parameters.h>

/* After the last view: allocates the block. */
LERAY_NODISCARD leray_status leray_parameters_allocate(leray_parameters *p);

/* Draws the initial values: view i from the stream (seed, WEIGHTS, i, 0). */
void leray_parameters_draw(leray_parameters *p, uint64_t seed);

void leray_parameters_zero_gradients(leray_parameters *p);
void leray_parameters_fini(leray_parameters *p);

#endif
