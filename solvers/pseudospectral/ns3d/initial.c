/* solvers/pseudospectral/ns3d/initial.c - the velocity at time 0. With theta_a = 2 pi m x_a/L_a, k_a = 2 pi m/L_a:

   taylor-green  u = A sin(theta_x) cos(theta_y) cos(theta_z),
                 v = -A kx/ky cos(theta_x) sin(theta_y) cos(theta_z),  w = 0
                 (G. I. Taylor, A. E. Green, Proc. R. Soc. A 158 (1937) 499)
   kida          u = A sin(theta_x) (cos 3 theta_y cos theta_z - cos theta_y cos 3 theta_z), v and w
                 the same with x, y, z moved on in a circle and times kx/ky, kx/kz
                 (S. Kida, J. Phys. Soc. Japan 54 (1985) 2132)
   random, spectrum, mixing-layer, file: the files initial_*.c

   The factors kx/ky and kx/kz keep the flow free of divergence on a box that is no cube. */
#include "solvers/pseudospectral/ns3d/ns3d.h"

typedef enum wave { COSINE, SINE } wave;

/* Half the exponential with sign `sign` of a cosine or sine. */
static double complex half(wave w, int sign) { return w == COSINE ? 0.5 : -0.5 * I * sign; }

/* Adds a product of waves along x, y and z of k[0], k[1], k[2] >= 1 periods. */
static void add_product(ns3d *s, int field, double amplitude, const wave *w, const int *k)
{
    leray_modes *state = leray_integrator_state(s->integrator);

    for (int y = -1; y <= 1; y += 2)
        for (int z = -1; z <= 1; z += 2) {
            double complex c = amplitude * half(w[0], 1) * half(w[1], y) * half(w[2], z);

            c += leray_modes_get(state, field, z * k[2], y * k[1], k[0]);
            leray_modes_set(state, field, z * k[2], y * k[1], k[0], c);
        }
}

/* kx/ka of the waves. */
static double stretch(const ns3d *s, int a)
{
    return s->box.length[2 - a] / s->box.length[LERAY_BOX_X];
}

static void make_taylor_green(ns3d *s)
{
    static const wave u[] = {SINE, COSINE, COSINE}, v[] = {COSINE, SINE, COSINE};
    const ns3d_settings *set = s->base.settings;
    int m = (int)set->initial.wavenumber, k[] = {m, m, m};

    add_product(s, NS3D_X, set->initial.amplitude, u, k);
    add_product(s, NS3D_Y, -set->initial.amplitude * stretch(s, 1), v, k);
}

static void make_kida(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;
    int m = (int)set->initial.wavenumber;

    for (int a = 0; a < 3; a++) {
        wave w[] = {COSINE, COSINE, COSINE};
        int k[] = {m, m, m}, next = (a + 1) % 3, last = (a + 2) % 3;
        double amplitude = set->initial.amplitude * stretch(s, a);

        w[a] = SINE;
        k[next] = 3 * m;
        add_product(s, a, amplitude, w, k);
        k[next] = m, k[last] = 3 * m;
        add_product(s, a, -amplitude, w, k);
    }
}

leray_status ns3d_make_initial(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;

    leray_modes_clear(leray_integrator_state(s->integrator));
    switch (set->initial.type) {
    case NS3D_INITIAL_RANDOM: ns3d_make_random(s); break;
    case NS3D_INITIAL_TAYLOR_GREEN: make_taylor_green(s); break;
    case NS3D_INITIAL_KIDA: make_kida(s); break;
    case NS3D_INITIAL_SPECTRUM: LERAY_TRY(ns3d_make_shells(s)); break;
    case NS3D_INITIAL_MIXING_LAYER: LERAY_TRY(ns3d_make_mixing_layer(s)); break;
    default:
        LERAY_TRY(leray_field_file_get(&s->file, s->base.simulation, LERAY_MEAN_DROPPED,
                                       leray_integrator_state(s->integrator), 0));
        ns3d_project(s);
    }
    if (set->scalar.on && set->scalar.initial.type == NS3D_SCALAR_RANDOM)
        ns3d_make_random_scalar(s);
    return LERAY_OK;
}

/* Whether the box keeps the modes of p m periods along one axis, whichever, and m along the others. */
static bool resolved(const leray_box *box, int p, int m)
{
    for (int axis = 0; axis < 3; axis++) {
        double radius = 0;

        for (int a = 0; a < 3; a++) {
            int k = a == axis ? p * m : m;

            if (k > box->top[a]) return false;
            radius += (double)k / box->n[a] * k / box->n[a];
        }
        if (box->truncation == LERAY_PHASE_SHIFT && radius >= 2.0 / 9) return false;
    }
    return true;
}

static leray_status check_waves(const ns3d *s, const leray_config *cfg, const char *section)
{
    const ns3d_settings *set = s->base.settings;
    int p = set->initial.type == NS3D_INITIAL_KIDA ? 3 : 1, most = 0;

    if (set->initial.type != NS3D_INITIAL_KIDA && set->initial.type != NS3D_INITIAL_TAYLOR_GREEN)
        return LERAY_OK;
    while (resolved(&s->box, p, most + 1)) most++;
    LERAY_CHECK(set->initial.wavenumber <= most, LERAY_ERR_CONFIG,
                "%s.initial.wavenumber = %lld%s: after dealiasing %d x %d x %d points resolve this "
                "flow with 1 to %d periods",
                section, (long long)set->initial.wavenumber,
                leray_config_where(cfg, section, "initial.wavenumber"), s->box.n[0], s->box.n[1],
                s->box.n[2], most);
    return LERAY_OK;
}

leray_status ns3d_open_initial(ns3d *s, const leray_config *cfg, const char *section)
{
    const ns3d_settings *set = s->base.settings;
    bool table =
        set->initial.type == NS3D_INITIAL_SPECTRUM && set->initial.spectrum == NS3D_SPECTRUM_FILE;

    LERAY_TRY(check_waves(s, cfg, section));
    LERAY_CHECK(set->initial.path[0] || !(table || set->initial.type == NS3D_INITIAL_FILE),
                LERAY_ERR_CONFIG,
                "%s.initial.path%s: initial.%s = file needs the name of a %s file", section,
                leray_config_where(cfg, section, "initial.path"), table ? "spectrum" : "type",
                table ? "text" : ".npy");
    if (set->initial.type == NS3D_INITIAL_SPECTRUM) LERAY_TRY(ns3d_open_shells(s));
    if (set->initial.type == NS3D_INITIAL_FILE)
        LERAY_TRY(leray_field_file_open(&s->file, set->initial.path, 3, 3, true));
    return LERAY_OK;
}

void ns3d_close_initial(ns3d *s)
{
    leray_field_file_close(&s->file);
    leray_mem_free(s->shell_modes);
    leray_mem_free(s->shell_energy);
    leray_spectrum_file_fini(&s->spectrum);
}
