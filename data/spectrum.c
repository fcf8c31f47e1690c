/* data/spectrum.c - see data/spectrum.h. */
#include "data/spectrum.h"

#include "core/fft.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

struct leray_spectrum {
    leray_extents grid;
    int shells;
    leray_fft *fft;
    double complex *u_hat; /* [grid.., nx/2 + 1] */
};

static int shell_of(double k2) { return (int)(sqrt(k2) + 0.5); }

leray_status leray_spectrum_create(const leray_extents *grid, leray_spectrum **out)
{
    leray_status status;
    double corner = 0;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->grid = *grid;
    for (int a = 0; a < grid->ndim; a++) corner += (double)(grid->n[a] / 2) * (grid->n[a] / 2);
    (*out)->shells = shell_of(corner) + 1;
    status = leray_fft_create(grid->ndim, grid->n, 1, &(*out)->fft);
    if (!status) status = LERAY_ALLOC(&(*out)->u_hat, leray_fft_coefficients((*out)->fft));
    if (!status) return LERAY_OK;
    leray_spectrum_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_spectrum_destroy(leray_spectrum **spectrum)
{
    if (!*spectrum) return;
    leray_mem_free((*spectrum)->u_hat);
    leray_fft_destroy(&(*spectrum)->fft);
    leray_mem_free(*spectrum);
    *spectrum = NULL;
}

int leray_spectrum_shells(const leray_spectrum *spectrum) { return spectrum->shells; }

/* |k|^2 of row `row` of the spectrum without the last axis. */
static double row_k2(const leray_extents *grid, size_t row)
{
    double k2 = 0;

    for (int a = grid->ndim - 2; a >= 0; a--) {
        int n = grid->n[a], j = (int)(row % (size_t)n), k = j <= n / 2 ? j : j - n;

        k2 += (double)k * k;
        row /= (size_t)n;
    }
    return k2;
}

void leray_spectrum_sum(leray_spectrum *spectrum, const double *u, double *shell)
{
    const leray_extents *grid = &spectrum->grid;
    int nx = grid->n[grid->ndim - 1], columns = nx / 2 + 1;
    size_t rows = leray_extents_points(grid) / (size_t)nx;

    leray_fft_forward(spectrum->fft, u, spectrum->u_hat);
    memset(shell, 0, (size_t)spectrum->shells * sizeof *shell);
    for (size_t j = 0; j < rows; j++) {
        const double complex *row = spectrum->u_hat + j * (size_t)columns;
        double k2 = row_k2(grid, j);

        for (int kx = 0; kx < columns; kx++) {
            double re = creal(row[kx]), im = cimag(row[kx]);
            double count = kx == 0 || 2 * kx == nx ? 1 : 2; /* with its mirror image */

            shell[shell_of(k2 + (double)kx * kx)] += count * (re * re + im * im);
        }
    }
}
