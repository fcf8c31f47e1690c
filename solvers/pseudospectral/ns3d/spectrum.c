/* solvers/pseudospectral/ns3d/spectrum.c - see solvers/pseudospectral/ns3d/spectrum.h. */
#include "solvers/pseudospectral/ns3d/spectrum.h"

#include <math.h>
#include <stddef.h>

const char *const ns3d_spectrum_names[] = {"passot-pouquet", "comte-bellot-corrsin", "file", NULL};

double ns3d_passot_pouquet(double u, double k0, double k)
{
    double x = k / k0;

    return 12.766152972845846 * u * u / k0 * x * x * x * x * exp(-2 * x * x);
}

double ns3d_spectrum_at(const leray_spectrum_file *spectrum, double k)
{
    const double *x = spectrum->k, *e = spectrum->energy;

    if (k >= x[0]) return leray_spectrum_file_at(spectrum, k);
    if (e[0] == 0 || e[1] == 0) return 0;
    return e[0] * pow(k / x[0], log(e[1] / e[0]) / log(x[1] / x[0]));
}
