/* solvers/pseudospectral/ns3d/forcing.c - what keeps the flow going.

   shell       f_k = P u_k/(2 E_shell) for 0 < |k| <= m dk, dk = 2 pi/(longest side), E_shell being the
               energy of these modes: work is done at the rate P exactly, at each stage. A shell without
               energy cannot be forced.
   kolmogorov  f = A sin(k y) e_x, k = 2 pi m/Ly: A is an acceleration  */
#include "solvers/pseudospectral/ns3d/ns3d.h"

#include <stdlib.h>

bool ns3d_in_shell(const ns3d *s, double k2)
{
    const ns3d_settings *set = s->base.settings;
    double top = s->spacing * (double)set->forcing.wavenumber;

    return k2 > 0 && k2 <= top * top * (1 + 1e-12);
}

leray_status ns3d_check_forcing(const ns3d *s, const leray_config *cfg, const char *section)
{
    const ns3d_settings *set = s->base.settings;
    int most = s->box.top[LERAY_BOX_MIDDLE];

    if (set->forcing.type == NS3D_FORCING_SHELL)
        for (int a = 0; a < 3; a++) most = s->box.top[a] > most ? s->box.top[a] : most;
    LERAY_CHECK(
        set->forcing.type == NS3D_FORCING_NONE || set->forcing.wavenumber <= most, LERAY_ERR_CONFIG,
        "%s.forcing.wavenumber = %lld%s: %d x %d x %d points resolve [1, %d] after dealiasing",
        section, (long long)set->forcing.wavenumber,
        leray_config_where(cfg, section, "forcing.wavenumber"), s->box.n[0], s->box.n[1],
        s->box.n[2], most);
    return LERAY_OK;
}

/* Coefficient of sin(k y) at +-m, on the column's first mode. */
static double complex kolmogorov(const ns3d *s, const leray_column *column)
{
    const ns3d_settings *set = s->base.settings;
    int m = (int)set->forcing.wavenumber;

    if (column->i != 0 || abs(column->m) != m) return 0;
    return (column->m > 0 ? -I : I) * set->forcing.amplitude / 2;
}

static void add_shell(const ns3d *s, const leray_column *column, double complex *const *state,
                      double complex *const *change)
{
    double plane = column->kx * column->kx + column->km * column->km;

    if (plane > 0 && !ns3d_in_shell(s, plane)) return;
    for (int j = 0; j < column->n; j++) {
        if (!ns3d_in_shell(s, plane + column->ks[j] * column->ks[j])) continue;
        for (int a = 0; a < 3; a++) change[a][j] += s->shell_rate * state[a][j];
    }
}

void ns3d_add_forcing(const ns3d *s, const leray_column *column, double complex *const *state,
                      double complex *const *change)
{
    const ns3d_settings *set = s->base.settings;

    if (set->forcing.type == NS3D_FORCING_SHELL) add_shell(s, column, state, change);
    if (set->forcing.type == NS3D_FORCING_KOLMOGOROV) change[0][0] += kolmogorov(s, column);
}

double ns3d_forcing_work(const ns3d *s, const leray_column *column, double complex *const *state)
{
    return creal(conj(state[0][0]) * kolmogorov(s, column));
}

/* P/(2 E_shell), as long as that is a number. */
static double shell_rate(const ns3d *s, const double *sums)
{
    const ns3d_settings *set = s->base.settings;

    return sums[NS3D_SHELL] > 1e-300 ? set->forcing.power / (2 * sums[NS3D_SHELL]) : 0;
}

leray_status ns3d_prepare_forcing(void *self, int stage, const double *sums)
{
    ns3d *s = self;

    (void)stage;
    s->shell_rate = shell_rate(s, sums);
    return LERAY_OK;
}

double ns3d_injection(const ns3d *s, const double *sums)
{
    return 2 * sums[NS3D_SHELL] * shell_rate(s, sums) + sums[NS3D_WORK];
}
