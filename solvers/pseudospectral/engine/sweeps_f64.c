/* solvers/pseudospectral/engine/sweeps_f64.c - the passes in double precision. */
#include "solvers/pseudospectral/engine/transforms_impl.h"

#include <string.h>

#define REAL double
#define COMPLEX double complex
#define BLOCK 4
#define FORWARD(fft, from, to) leray_fft_lines_forward_raw(fft, from, to)
#define INVERSE(fft, from, to) leray_fft_lines_inverse(fft, from, to)
#define VALUES(pair, apart) ((void)(apart), (double *)(pair))
#define VALUES_IN(n, from, to) ((void)(to))
#define VALUES_OUT(n, from, to) ((void)(from))

#include "solvers/pseudospectral/engine/sweep_columns.h"
#include "solvers/pseudospectral/engine/sweep_rows.h"

static leray_status create(int n, void **out)
{
    return leray_fft_lines_create(n, 1, (leray_fft_lines **)out);
}

static void destroy(void *fft)
{
    leray_fft_lines *lines = fft;

    leray_fft_lines_destroy(&lines);
}

const leray_sweeps leray_sweeps_f64 = {
    sizeof(COMPLEX), create, destroy, sweep_columns, sweep_rows, columns_scratch, rows_scratch,
};
