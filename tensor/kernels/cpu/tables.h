/* tensor/kernels/cpu/tables.h - the two kernel tables of this processor. Private. */
#ifndef LERAY_TENSOR_KERNELS_CPU_TABLES_H
#define LERAY_TENSOR_KERNELS_CPU_TABLES_H

#include "tensor/kernels/kernels.h"

/* ISO C mode turns the contraction of a * b + c off in gcc, and lets every operation trap:
   both keep the loops from being vectorised well. Results stay the same for any number of
   threads. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "fp-contract=fast", "no-trapping-math", "no-math-errno")
#elif defined(__clang__)
#pragma clang fp contract(fast)
#pragma clang diagnostic ignored "-Wpass-failed" /* loops with erfc stay plain */
#endif

extern const leray_kernels leray_kernels_f32, leray_kernels_f64;

#endif
