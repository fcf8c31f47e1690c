/* tensor/kernels/cpu/cpu.c - picks the table of a precision. */
#include "tensor/kernels/cpu/tables.h"

const leray_kernels *leray_kernels_cpu(leray_dtype dtype)
{
    return dtype == LERAY_F32 ? &leray_kernels_f32 : &leray_kernels_f64;
}
