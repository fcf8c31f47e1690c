/* operators/finite.h - finding the number that is not one. Private.

   For the message after training has gone wrong: slow, on one thread. */
#ifndef LERAY_OPERATORS_FINITE_H
#define LERAY_OPERATORS_FINITE_H

#include "operators/parameters.h"

bool leray_all_finite(leray_dtype dtype, size_t n, const void *x);

/* Name of the first parameter, in the order of declaration, that has a value in `array`
   (parameters->value or ->grad) that is not finite; NULL if there is none. */
const char *leray_first_not_finite(const leray_parameters *parameters, const void *array);

#endif
