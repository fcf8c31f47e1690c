/* solvers/pseudospectral/ns2d/initial.c - initial vorticity and scalar: which kind, and what its keys must be. The
   kinds are in initial_random.c, initial_vortices.c and file.c. All of them are made in wavenumber space,
   so that a simulation has the same initial function on grids of different resolution. */
#include "solvers/pseudospectral/ns2d/ns2d.h"

#include <math.h>

#define TWO_PI 6.283185307179586477

static leray_status check_path(const char *section, const leray_config *cfg, const char *key,
                               const char *path, const char *what)
{
    LERAY_CHECK(path[0], LERAY_ERR_CONFIG, "%s.%s%s: this type needs the name of a %s file",
                section, key, leray_config_where(cfg, section, key), what);
    return LERAY_OK;
}

static leray_status check_mcwilliams(const ns2d *s, const leray_config *cfg, const char *section)
{
    double cutoff = ns2d_set(s)->initial.cutoff, resolved = ns2d_resolved(s);
    double least = TWO_PI / fmax(s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]);

    LERAY_CHECK(cutoff == 0 || (cutoff >= least && cutoff <= resolved * (1 + 1e-12)),
                LERAY_ERR_CONFIG,
                "%s.initial.cutoff = %g%s: %d x %d points resolve |k| in [%g, %g] after dealiasing",
                section, cutoff, leray_config_where(cfg, section, "initial.cutoff"),
                s->box.n[LERAY_BOX_SLOW], s->box.n[LERAY_BOX_X], least, resolved);
    return LERAY_OK;
}

/* Parameters may have changed since the deck was read. */
static leray_status check_dipole(const ns2d *s)
{
    double least = fmin(s->box.length[LERAY_BOX_SLOW], s->box.length[LERAY_BOX_X]);

    LERAY_CHECK(
        2 * ns2d_set(s)->initial.radius < least, LERAY_ERR_CONFIG,
        "initial.radius = %g: the dipole does not fit into the box, whose shorter side is %g",
        ns2d_set(s)->initial.radius, least);
    return LERAY_OK;
}

static leray_status open_vorticity(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = ns2d_set(s);
    const char *path = set->initial.path;

    switch (set->initial.type) {
    case NS2D_INITIAL_MCWILLIAMS: LERAY_TRY(check_mcwilliams(s, cfg, section)); break;
    case NS2D_INITIAL_TAYLOR_GREEN:
    case NS2D_INITIAL_SHEAR_LAYER:
        LERAY_TRY(
            ns2d_check_wavenumber(s, cfg, section, "initial.wavenumber", set->initial.wavenumber));
        break;
    case NS2D_INITIAL_DIPOLE: LERAY_TRY(check_dipole(s)); break;
    case NS2D_INITIAL_SPECTRUM:
        LERAY_TRY(check_path(section, cfg, "initial.path", path, "text"));
        LERAY_TRY(ns2d_open_spectrum(s));
        break;
    case NS2D_INITIAL_FILE:
        LERAY_TRY(check_path(section, cfg, "initial.path", path, ".npy"));
        LERAY_TRY(leray_field_file_open(&s->initial_file, path, 2, 1, true));
        break;
    default: break;
    }
    return LERAY_OK;
}

leray_status ns2d_open_initial(ns2d *s, const leray_config *cfg, const char *section)
{
    const ns2d_settings *set = ns2d_set(s);

    LERAY_TRY(open_vorticity(s, cfg, section));
    if (!set->scalar.on) return LERAY_OK;
    if (set->scalar.initial.type == NS2D_SCALAR_WAVE)
        LERAY_TRY(ns2d_check_wavenumber(s, cfg, section, "scalar.initial.wavenumber",
                                        set->scalar.initial.wavenumber));
    if (set->scalar.initial.type != NS2D_SCALAR_FILE) return LERAY_OK;
    LERAY_TRY(check_path(section, cfg, "scalar.initial.path", set->scalar.initial.path, ".npy"));
    LERAY_TRY(leray_field_file_open(&s->scalar_file, set->scalar.initial.path, 2, 1, true));
    return LERAY_OK;
}

static leray_status make_vorticity(ns2d *s)
{
    leray_modes *state = leray_integrator_state(s->integrator);

    switch (ns2d_set(s)->initial.type) {
    case NS2D_INITIAL_RANDOM: ns2d_random_field(s, 0, &ns2d_set(s)->initial.random); break;
    case NS2D_INITIAL_MCWILLIAMS: LERAY_TRY(ns2d_mcwilliams(s)); break;
    case NS2D_INITIAL_SPECTRUM: ns2d_spectrum(s); break;
    case NS2D_INITIAL_TAYLOR_GREEN: ns2d_taylor_green(s); break;
    case NS2D_INITIAL_DIPOLE:
        LERAY_TRY(check_dipole(s));
        ns2d_dipole(s);
        break;
    case NS2D_INITIAL_SHEAR_LAYER: ns2d_shear_layer(s); break;
    default:
        LERAY_TRY(leray_field_file_get(&s->initial_file, s->base.simulation, LERAY_MEAN_DROPPED,
                                       state, 0));
    }
    return LERAY_OK;
}

static leray_status make_scalar(ns2d *s)
{
    const ns2d_settings *set = ns2d_set(s);
    leray_modes *state = leray_integrator_state(s->integrator);

    switch (set->scalar.initial.type) {
    case NS2D_SCALAR_ZERO: break;
    case NS2D_SCALAR_RANDOM: ns2d_random_field(s, 1, &set->scalar.initial.random); break;
    case NS2D_SCALAR_WAVE:
        leray_modes_set(state, 1, 0, 0, (int)set->scalar.initial.wavenumber,
                        set->scalar.initial.amplitude / 2);
        break;
    default:
        LERAY_TRY(
            leray_field_file_get(&s->scalar_file, s->base.simulation, LERAY_MEAN_TAKEN, state, 1));
    }
    return LERAY_OK;
}

leray_status ns2d_make_initial(ns2d *s)
{
    leray_modes_clear(leray_integrator_state(s->integrator));
    LERAY_TRY(make_vorticity(s));
    if (ns2d_set(s)->scalar.on) LERAY_TRY(make_scalar(s));
    return LERAY_OK;
}

void ns2d_close_initial(ns2d *s)
{
    leray_mem_free(s->shell_modes);
    leray_spectrum_file_fini(&s->spectrum);
    leray_field_file_close(&s->scalar_file);
    leray_field_file_close(&s->initial_file);
}
