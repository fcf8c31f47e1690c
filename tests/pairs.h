/* tests/pairs.h - a small file to learn from. */
#ifndef LERAY_TESTS_PAIRS_H
#define LERAY_TESTS_PAIRS_H

#include "check.h"
#include "data_files.h"

#include "data/formats/npy.h"

/* a.npy and u.npy: 20 pairs of smooth fields of 16 x 16, u = 2 a + 1. */
static inline void write_pairs(void **state)
{
    static float a[20 * 256], u[20 * 256];
    const int64_t shape[3] = {20, 16, 16};
    char path[LERAY_PATH_MAX];

    for (int i = 0; i < 20 * 256; i++) {
        a[i] = (float)(sin(0.39269908 * (i % 16 + i / 256)) * cos(0.39269908 * (i / 16 % 16)));
        u[i] = 2 * a[i] + 1;
    }
    assert_ok(leray_npy_write(file_in(state, "a.npy", path), LERAY_NPY_F4, 3, shape, a));
    assert_ok(leray_npy_write(file_in(state, "u.npy", path), LERAY_NPY_F4, 3, shape, u));
}

#endif
