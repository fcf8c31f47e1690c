/* solvers/pseudospectral/ns3d/initial_random.c - random fields without divergence.

   A mode's random numbers are counted by its wavenumber: xi_k is a complex vector of independent normal
   numbers, made normal to k, the same on every grid and for any number of ranks.

   random    u_k = sigma (|k|^2 + tau^2)^(-alpha/2) xi_k: Gaussian, each component before the
             projection having the law of data/random_field.h
   spectrum  u_k = sqrt(2 E(k_s) dk/N_s) xi_k/|xi_k| in shell s, (s - 1/2) dk <= |k| < (s + 1/2) dk,
             of N_s modes, k_s = s dk, dk = 2 pi/(longest side): phases and directions are random,
             and each shell has exactly the energy E(k_s) dk. Shells that the box keeps whole are
             filled, the others left empty, so that fields on two grids differ by whole shells.
             passot-pouquet has peak k0 and, in all directions, rms velocity A
   With initial.relaxation = T the field then flows for a time T, with the forcing and damping of the
   deck, and its shells are scaled back to their energies: phases have become those of turbulence.

   The scalar has the Gaussian law with a fourth number of each mode. */
#include "solvers/pseudospectral/ns3d/ns3d.h"
#include <leray/impl/rng.h>

#include <math.h>

/* One of k and -k is drawn: the one whose last wavenumber, of (s, m, i), that is not 0 is positive. */
static bool drawn(int s, int m, int i) { return i > 0 || (i == 0 && (m > 0 || (m == 0 && s > 0))); }

/* Four normal numbers of a mode: three for the velocity, one for the scalar. Philox makes two from a
   block of bits, and a stream's first counter numbers blocks. */
static void draw(const ns3d *s, const int *k, double complex *xi)
{
    bool flip = !drawn(k[0], k[1], k[2]);
    int sign = flip ? -1 : 1;
    uint32_t line = (uint32_t)(sign * k[0] + 32768) << 16 | (uint32_t)(sign * k[1] + 32768);
    leray_rng rng =
        leray_rng_make(s->base.seed, LERAY_PURPOSE_INITIAL_FIELD, s->base.simulation, line);

    rng.counter[0] = 4 * (uint32_t)(sign * k[2]);
    for (int a = 0; a < 4; a++) {
        double re = leray_rng_normal(&rng), im = leray_rng_normal(&rng);

        xi[a] = flip ? re - I * im : re + I * im;
    }
}

static double wave_square(const leray_column *column, int j)
{
    return column->kx * column->kx + column->km * column->km + column->ks[j] * column->ks[j];
}

static bool kept(const ns3d *s, const leray_column *column, int j)
{
    int k = leray_box_wavenumber(&s->box, LERAY_BOX_SLOW, j);

    return k <= column->top && -k <= column->top && wave_square(column, j) > 0;
}

double ns3d_draw(const ns3d *s, const leray_column *column, int j, double complex *xi)
{
    int k[] = {leray_box_wavenumber(&s->box, LERAY_BOX_SLOW, j), column->m, column->i};
    double kx = column->kx, ky = column->km, kz = column->ks[j], square = 0;
    double complex p;

    if (!kept(s, column, j)) return 0;
    draw(s, k, xi);
    p = (kx * xi[0] + ky * xi[1] + kz * xi[2]) / wave_square(column, j);
    xi[0] -= kx * p, xi[1] -= ky * p, xi[2] -= kz * p;
    for (int a = 0; a < 3; a++) square += creal(xi[a]) * creal(xi[a]) + cimag(xi[a]) * cimag(xi[a]);
    return square;
}

static void random_column(ns3d *s, const leray_column *column, double complex *const *u)
{
    const ns3d_settings *set = s->base.settings;
    double tau = set->initial.tau;

    for (int j = 0; j < column->n; j++) {
        double complex xi[4];
        double size;

        if (ns3d_draw(s, column, j, xi) == 0) continue;
        size =
            set->initial.sigma * pow(wave_square(column, j) + tau * tau, -set->initial.alpha / 2);
        for (int a = 0; a < 3; a++) u[a][j] = size * xi[a];
    }
}

void ns3d_make_random(ns3d *s) { ns3d_columns(s, random_column, true); }

static void scalar_column(ns3d *s, const leray_column *column, double complex *const *state)
{
    const ns3d_settings *set = s->base.settings;
    double tau = set->scalar.initial.tau;

    for (int j = 0; j < column->n; j++) {
        int k[] = {leray_box_wavenumber(&s->box, LERAY_BOX_SLOW, j), column->m, column->i};
        double complex xi[4];

        if (!kept(s, column, j)) continue;
        draw(s, k, xi);
        state[NS3D_SCALAR][j] =
            set->scalar.initial.sigma *
            pow(wave_square(column, j) + tau * tau, -set->scalar.initial.alpha / 2) * xi[3];
    }
}

void ns3d_make_random_scalar(ns3d *s) { ns3d_columns(s, scalar_column, true); }

/* ---- shells ------------------------------------------------------------------------------ */

static int shell_of(const ns3d *s, double k2) { return (int)(sqrt(k2) / s->spacing + 0.5); }

/* Shells that the box keeps whole: below the first mode that it does not keep along some axis. */
static int whole_shells(const ns3d *s)
{
    double least = INFINITY;

    for (int a = 0; a < 3; a++) {
        double beyond = s->box.truncation == LERAY_PHASE_SHIFT ? 0.4714045207910317 * s->box.n[a]
                                                               : s->box.top[a] + 1;

        least = fmin(least, beyond * 6.283185307179586477 / s->box.length[a] / s->spacing);
    }
    return (int)floor(least + 0.5 + 1e-9); /* shell s ends at s + 1/2 */
}

leray_status ns3d_open_shells(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;

    if (set->initial.spectrum == NS3D_COMTE_BELLOT_CORRSIN)
        LERAY_TRY(ns3d_comte_bellot_corrsin(&s->spectrum, set->initial.station));
    if (set->initial.spectrum == NS3D_SPECTRUM_FILE)
        LERAY_TRY(leray_spectrum_file_read(set->initial.path, &s->spectrum));
    s->shells = whole_shells(s);
    LERAY_TRY(LERAY_ALLOC(&s->shell_energy, (size_t)s->shells + 1));
    LERAY_TRY(LERAY_ALLOC(&s->shell_modes, (size_t)s->shells + 1));
    return LERAY_OK;
}

/* E(k) dk of each shell, scaled to the energy that the deck wants, if any. */
static leray_status set_energies(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;
    double total = 0;

    for (int i = 1; i < s->shells; i++) {
        double k = i * s->spacing;

        s->shell_energy[i] =
            s->spacing * (set->initial.spectrum == NS3D_PASSOT_POUQUET
                              ? ns3d_passot_pouquet(set->initial.amplitude, set->initial.peak, k)
                              : ns3d_spectrum_at(&s->spectrum, k));
        total += s->shell_energy[i];
    }
    LERAY_CHECK(total > 0, LERAY_ERR_DATA,
                "the spectrum %s has no energy at wavenumbers %g to %g, which this box keeps",
                ns3d_spectrum_names[set->initial.spectrum], s->spacing,
                s->spacing * (s->shells - 1));
    for (int i = 1; i < s->shells && set->initial.energy > 0; i++)
        s->shell_energy[i] *= set->initial.energy / total;
    return LERAY_OK;
}

/* Adds what a mode has to sum [shells]: 1, or its energy. In one order, whatever the threads. */
static leray_status sum_shells(ns3d *s, bool energy, double *sum)
{
    const leray_modes *state = leray_integrator_state(s->integrator);

    for (int i = 0; i < s->shells; i++) sum[i] = 0;
    for (int c = 0; c < s->box.columns; c++) {
        leray_column column = leray_box_column(&s->box, c, 0);
        double complex *u[3];

        for (int a = 0; a < 3; a++) u[a] = leray_modes_load(state, a, c, ns3d_line(s, 0, a));
        for (int j = 0; j < column.n; j++) {
            int shell = shell_of(s, wave_square(&column, j));
            double e = 0;

            if (!kept(s, &column, j) || shell >= s->shells) continue;
            for (int a = 0; a < 3; a++)
                e += creal(u[a][j]) * creal(u[a][j]) + cimag(u[a][j]) * cimag(u[a][j]);
            sum[shell] += column.weight * (energy ? e / 2 : 1);
        }
    }
    return leray_comm_sum(s->box.comm, sum, (size_t)s->shells);
}

static void shell_column(ns3d *s, const leray_column *column, double complex *const *u)
{
    for (int j = 0; j < column->n; j++) {
        int shell = shell_of(s, wave_square(column, j));
        double complex xi[4];
        double square, size;

        if (shell >= s->shells) continue;
        square = ns3d_draw(s, column, j, xi);
        if (square == 0) continue;
        size = sqrt(2 * s->shell_energy[shell] / (s->shell_modes[shell] * square));
        for (int a = 0; a < 3; a++) u[a][j] = size * xi[a];
    }
}

leray_status ns3d_make_shells(ns3d *s)
{
    LERAY_TRY(set_energies(s));
    LERAY_TRY(sum_shells(s, false, s->shell_modes));
    ns3d_columns(s, shell_column, true);
    return LERAY_OK;
}

static void scale_column(ns3d *s, const leray_column *column, double complex *const *u)
{
    for (int j = 0; j < column->n; j++) {
        int shell = shell_of(s, wave_square(column, j));
        double has = shell < s->shells ? s->shell_modes[shell] : 0;
        double factor = has > 0 ? sqrt(s->shell_energy[shell] / has) : 0;

        for (int a = 0; a < 3; a++) u[a][j] *= factor;
    }
}

/* shell_modes is free by now: it takes the energies that the shells have. */
leray_status ns3d_restore_shells(ns3d *s)
{
    LERAY_TRY(sum_shells(s, true, s->shell_modes));
    ns3d_columns(s, scale_column, true);
    leray_modes_make_real(leray_integrator_state(s->integrator));
    return LERAY_OK;
}
