/* tensor/convert.h - pieces of an array as doubles, for sweeps that are not worth a kernel in each
   precision. Private. */
#ifndef LERAY_TENSOR_CONVERT_H
#define LERAY_TENSOR_CONVERT_H

#include <leray/impl/tensor.h>

/* out[i] = x[first + i] for i < n. */
static inline void leray_load(leray_dtype dtype, const void *x, size_t first, size_t n, double *out)
{
    if (dtype == LERAY_F32)
        for (size_t i = 0; i < n; i++) out[i] = (double)((const float *)x)[first + i];
    else
        for (size_t i = 0; i < n; i++) out[i] = ((const double *)x)[first + i];
}

/* x[first + i] = value[i] + [x[first + i] if adds]. */
static inline void leray_store(leray_dtype dtype, const double *value, size_t first, size_t n,
                               void *x, bool adds)
{
    float *x32 = (float *)x + (dtype == LERAY_F32 ? first : 0);
    double *x64 = (double *)x + (dtype == LERAY_F64 ? first : 0);

    if (dtype == LERAY_F32)
        for (size_t i = 0; i < n; i++) x32[i] = (float)((adds ? (double)x32[i] : 0) + value[i]);
    else
        for (size_t i = 0; i < n; i++) x64[i] = (adds ? x64[i] : 0) + value[i];
}

#endif
