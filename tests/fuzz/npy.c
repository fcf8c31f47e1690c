/* tests/fuzz/npy.c - any bytes as a .npy file: an error or an array that can be read. */
#include "data/formats/npy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    leray_npy npy;
    double x;
    float y;

    if (leray_npy_parse("fuzz", data, size, &npy) != LERAY_OK) return 0;
    for (size_t i = 0; i < npy.count; i++) {
        leray_npy_get_double(&npy, i, 1, &x);
        leray_npy_get_float(&npy, i, 1, &y);
    }
    if ((const uint8_t *)npy.data < data || npy.rank < 0 || npy.rank > LERAY_NPY_RANK_MAX) abort();
    leray_npy_fini(&npy);
    return 0;
}
