/* tensor/kernels/cpu/tables.h - the two kernel tables of this processor. Private. */
#ifndef LERAY_TENSOR_KERNELS_CPU_TABLES_H
#define LERAY_TENSOR_KERNELS_CPU_TABLES_H

#include "tensor/kernels/kernels.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* loops with erfc stay plain */
#endif

extern const leray_kernels leray_kernels_f32, leray_kernels_f64;

#endif
