/* solvers/pseudospectral/engine/sweeps_f32.c - the passes in single precision: work gets doubles all the same. */
#include "solvers/pseudospectral/engine/transforms_impl.h"

#include <string.h>

#define REAL float
#define COMPLEX float complex
#define BLOCK 8
#define FORWARD(fft, from, to) leray_fft_lines_f32_forward_raw(fft, from, to)
#define INVERSE(fft, from, to) leray_fft_lines_f32_inverse(fft, from, to)
#define VALUES(pair, apart) ((void)(pair), (apart))
#define VALUES_IN(n, from, to) \
    for (int k_ = 0; k_ < (n); k_++) (to)[k_] = (double)(from)[k_]
#define VALUES_OUT(n, from, to) \
    for (int k_ = 0; k_ < (n); k_++) (to)[k_] = (float)(from)[k_]

#include "solvers/pseudospectral/engine/sweep_columns.h"
#include "solvers/pseudospectral/engine/sweep_rows.h"

static leray_status create(int n, void **out)
{
    return leray_fft_lines_f32_create(n, 1, (leray_fft_lines_f32 **)out);
}

static void destroy(void *fft)
{
    leray_fft_lines_f32 *lines = fft;

    leray_fft_lines_f32_destroy(&lines);
}

const leray_sweeps leray_sweeps_f32 = {
    sizeof(COMPLEX), create, destroy, sweep_columns, sweep_rows, columns_scratch, rows_scratch,
};
