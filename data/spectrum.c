/* data/spectrum.c - see data/spectrum.h. */
#include "data/spectrum.h"

#include "core/fft.h"
#include "core/mem.h"

#include <math.h>
#include <string.h>

struct leray_spectrum {
    int ny, nx, shells;
    leray_fft *fft;
    double complex *u_hat; /* [ny, nx/2 + 1] */
};

static int shell_of(int ky, int kx) { return (int)(sqrt((double)ky * ky + (double)kx * kx) + 0.5); }

leray_status leray_spectrum_create(int ny, int nx, leray_spectrum **out)
{
    leray_status status;
    int n[2] = {ny, nx};

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->ny = ny;
    (*out)->nx = nx;
    (*out)->shells = shell_of(ny / 2, nx / 2) + 1;
    status = leray_fft_create(2, n, 1, &(*out)->fft);
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

void leray_spectrum_sum(leray_spectrum *spectrum, const double *u, double *shell)
{
    int ny = spectrum->ny, nx = spectrum->nx, columns = nx / 2 + 1;

    leray_fft_forward(spectrum->fft, u, spectrum->u_hat);
    memset(shell, 0, (size_t)spectrum->shells * sizeof *shell);
    for (int j = 0; j < ny; j++) {
        const double complex *row = spectrum->u_hat + (size_t)j * (size_t)columns;

        for (int kx = 0; kx < columns; kx++) {
            double re = creal(row[kx]), im = cimag(row[kx]);
            double count = kx == 0 || 2 * kx == nx ? 1 : 2; /* with its mirror image */

            shell[shell_of(j <= ny / 2 ? j : j - ny, kx)] += count * (re * re + im * im);
        }
    }
}
