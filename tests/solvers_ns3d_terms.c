/* tests/solvers_ns3d_terms.c - the nonlinear terms of the ns3d solver against their direct sums, and what
   they conserve. */
#include "ns3d_tools.h"

/* ---- direct sums --------------------------------------------------------------------------- */

typedef struct direct {
    const leray_modes *state;
    const leray_modes *tendency;
    const double *mean;
    bool scalar;
    int s, m, i; /* the mode k */
    double complex sum[4];
    double worst, largest;
} direct;

static void wavevector(const leray_box *box, int s, int m, int i, double *k)
{
    k[0] = TWO_PI * i / box->length[2];
    k[1] = TWO_PI * m / box->length[1];
    k[2] = TWO_PI * s / box->length[0];
}

/* Velocity and scalar at a mode, the mean flow at 0. */
static void get_mode(const direct *d, int s, int m, int i, double complex *u)
{
    for (int a = 0; a < d->state->fields; a++) u[a] = leray_modes_get(d->state, a, s, m, i);
    if (s == 0 && m == 0 && i == 0)
        for (int a = 0; a < 3; a++) u[a] += d->mean[a];
}

/* Adds  i (u_p . q) u_q,  p + q = k: the term in its advective form. */
static void add_pair(direct *d, int s, int m, int i)
{
    double complex u_p[4] = {0}, u_q[4] = {0}, along = 0;
    double q[3];

    get_mode(d, d->s - s, d->m - m, d->i - i, u_p);
    get_mode(d, s, m, i, u_q);
    wavevector(d->state->box, s, m, i, q);
    for (int a = 0; a < 3; a++) along += u_p[a] * q[a];
    for (int a = 0; a < d->state->fields; a++) d->sum[a] += I * along * u_q[a];
}

static void check_mode(void *self, int s, int m, int i, double weight)
{
    direct *d = self;
    const int *top = d->state->box->top;
    double k[3], k2 = 0;
    double complex p = 0;

    (void)weight;
    d->s = s, d->m = m, d->i = i;
    memset(d->sum, 0, sizeof d->sum);
    for (int x = -top[2]; x <= top[2]; x++)
        for (int y = -top[1]; y <= top[1]; y++)
            for (int z = -top[0]; z <= top[0]; z++) add_pair(d, z, y, x);
    wavevector(d->state->box, s, m, i, k);
    for (int a = 0; a < 3; a++) k2 += k[a] * k[a], p += k[a] * d->sum[a];
    for (int a = 0; a < d->state->fields; a++) {
        double complex n = a < 3 && k2 > 0 ? k[a] * p / k2 - d->sum[a] : -d->sum[a];

        if (k2 == 0) n = 0;
        d->worst = fmax(d->worst, cabs(n - leray_modes_get(d->tendency, a, s, m, i)));
        d->largest = fmax(d->largest, cabs(n));
    }
}

/* The direct sum has no aliases, so this shows both rules of dealiasing exact on grids where each is
   just so. */
static void advection_matches_direct_sum(void **state)
{
    static const char *const yaml[] = {
        "{n: [7, 10, 8], length: [1, 2, 1.5], mean_flow: [0.3, -0.2, 0.5], initial: {alpha: 1}, "
        "scalar: {on: true, initial: {type: random, alpha: 1}}}",
        "{n: [7, 10, 8], length: [1, 2, 1.5], mean_flow: [0.3, -0.2, 0.5], initial: {alpha: 1}, "
        "dealias: phase-shift, scalar: {on: true, initial: {type: random, alpha: 1}}}",
    };
    static const double mean[] = {0.3, -0.2, 0.5};

    (void)state;
    for (int i = 0; i < 2; i++) {
        leray_solver *base = make_ns3d(yaml[i]);
        ns3d *s = (ns3d *)base;
        leray_modes tendency;
        direct d = {.state = state_of(base), .tendency = &tendency, .mean = mean};

        assert_ok(leray_modes_init(&tendency, &s->box, 4, false));
        assert_ok(leray_solver_start(base, 7, 3));
        assert_ok(leray_integrator_tendency(s->integrator, &tendency));
        for_modes(&s->box, check_mode, &d);
        print_message("largest difference %.2g of %.2g\n", d.worst, d.largest);
        assert_true(d.largest > 0.01);
        assert_at_most(d.worst, 3e-15 * d.largest);
        leray_modes_fini(&tendency);
        leray_solver_destroy(&base);
    }
}

/* ---- conservation -------------------------------------------------------------------------- */

enum { ENERGY, HELICITY, VARIANCE, LAWS };

typedef struct transfer {
    const leray_modes *state, *tendency;
    double sum[LAWS], all[LAWS];
} transfer;

static void add_transfer(void *self, int s, int m, int i, double weight)
{
    transfer *t = self;
    double complex u[4] = {0}, n[4] = {0};
    double k[3], part[LAWS] = {0};

    wavevector(t->state->box, s, m, i, k);
    for (int a = 0; a < t->state->fields; a++) {
        u[a] = leray_modes_get(t->state, a, s, m, i);
        n[a] = leray_modes_get(t->tendency, a, s, m, i);
    }
    for (int a = 0; a < 3; a++) {
        int b = (a + 1) % 3, c = (a + 2) % 3;
        double complex w = I * (k[b] * u[c] - k[c] * u[b]);

        part[ENERGY] += weight * creal(conj(u[a]) * n[a]);
        part[HELICITY] += weight * creal(conj(w) * n[a]);
    }
    part[VARIANCE] = weight * creal(conj(u[3]) * n[3]);
    for (int l = 0; l < LAWS; l++) t->sum[l] += part[l], t->all[l] += fabs(part[l]);
}

static void advection_conserves(void **state)
{
    static const char *const yaml[] = {
        "{n: 32, scalar: {on: true, initial: {type: random}}}",
        "{n: [27, 48, 40], length: [1, 1.7, 3], mean_flow: [0.3, 2, -1], initial: {alpha: 1}, "
        "scalar: {on: true, initial: {type: random, alpha: 1}}}",
        "{n: [27, 48, 40], length: [1, 1.7, 3], mean_flow: [0.3, 2, -1], initial: {alpha: 1}, "
        "scalar: {on: true, initial: {type: random, alpha: 1}}, dealias: phase-shift}",
    };

    (void)state;
    for (int i = 0; i < 3; i++) {
        leray_solver *base = make_ns3d(yaml[i]);
        ns3d *s = (ns3d *)base;
        leray_modes tendency;
        transfer t = {.state = state_of(base), .tendency = &tendency};

        assert_ok(leray_modes_init(&tendency, &s->box, 4, false));
        assert_ok(leray_solver_start(base, 7, 3));
        assert_ok(leray_integrator_tendency(s->integrator, &tendency));
        for_modes(&s->box, add_transfer, &t);
        print_message("energy %.2g, helicity %.2g, variance %.2g (relative)\n",
                      t.sum[ENERGY] / t.all[ENERGY], t.sum[HELICITY] / t.all[HELICITY],
                      t.sum[VARIANCE] / t.all[VARIANCE]);
        for (int l = 0; l < LAWS; l++) {
            assert_true(t.all[l] > 0);
            assert_at_most(fabs(t.sum[l]), 1e-14 * t.all[l]);
        }
        leray_modes_fini(&tendency);
        leray_solver_destroy(&base);
    }
}

/* Over many steps without viscosity: what changes is the error of Runge-Kutta. The shell's forcing adds
   P t to it, and rotation nothing. */
static void energy_is_kept_and_added(void **state)
{
    static const struct {
        const char *yaml;
        double power;
    } test[] = {
        {"{n: 24, nu: 0, dt: 5e-3}",                                     0  },
        {"{n: 24, nu: 0, dt: 5e-3, rotation: 4}",                        0  },
        {"{n: 24, nu: 0, dt: 5e-3, forcing: {type: shell, power: 0.3}}", 0.3},
        {"{n: 24, nu: 0, dt: 5e-3, dealias: phase-shift, scheme: etdrk4, forcing: {type: shell, "
         "power: 0.3, wavenumber: 1}}",                         0.3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof test / sizeof test[0]; i++) {
        leray_solver *s = make_ns3d(test[i].yaml);
        double before;

        assert_ok(leray_solver_start(s, 3, 1));
        before = statistic(s, "energy");
        assert_close(statistic(s, "energy_injection"), test[i].power, 1e-15);
        assert_ok(leray_solver_advance(s, 0.5));
        assert_close(statistic(s, "energy") - before, 0.5 * test[i].power, 1e-9);
        leray_solver_destroy(&s);
    }
}

/* u stays solenoidal, real and without a mean, to round-off. */
static void velocity_stays_solenoidal(void **state)
{
    static const char *const yaml[] = {
        "{n: [20, 18, 24], length: [1, 2, 1.5], nu: 1e-3, dt: 2e-3, mean_flow: [0.3, 2, -1]}",
        "{n: [20, 18, 24], nu: 1e-3, dt: 0.01, dealias: phase-shift, scheme: rk3cn, rotation: 3}",
        "{n: [20, 18, 24], nu: 1e-3, dt: 0.01, scheme: etdrk4, forcing: {type: shell}}",
        "{n: [20, 18, 24], nu: 1e-3, dt: 0.01, les: {type: smagorinsky}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof yaml / sizeof yaml[0]; i++) {
        leray_solver *s = run_ns3d(yaml[i], 0.5);
        const leray_modes *u = state_of(s);

        assert_at_most(statistic(s, "divergence"), 1e-14 * sqrt(statistic(s, "enstrophy")));
        for (int a = 0; a < 3; a++) {
            assert_true(leray_modes_get(u, a, 0, 0, 0) == 0);
            for (int m = -5; m <= 5; m++)
                for (int z = -5; z <= 5; z++)
                    assert_true(leray_modes_get(u, a, z, m, 0) ==
                                conj(leray_modes_get(u, a, -z, -m, 0)));
        }
        leray_solver_destroy(&s);
    }
}

/* |whole - part - bare| over all modes, and |bare|. */
typedef struct remainder_of {
    const leray_modes *whole, *part, *bare;
    bool source;
    double worst, largest;
} remainder_of;

static void compare_remainder(void *self, int s, int m, int i, double weight)
{
    remainder_of *r = self;

    (void)weight;
    for (int a = 0; a < 3; a++) {
        double complex bare = leray_modes_get(r->bare, a, s, m, i);
        double complex rest = leray_modes_get(r->whole, a, s, m, i);

        if (!r->source) rest -= leray_modes_get(r->part, a, s, m, i);
        r->worst = fmax(r->worst, cabs(rest - bare));
        r->largest = fmax(r->largest, cabs(bare));
    }
}

#define LES_FLOW "n: [32, 36, 30], nu: 1e-3, dt: 0.01, initial: {sigma: 0.5}"

/* The tendency of the same velocity without a model. */
static void bare_tendency(const leray_modes *state, leray_modes *out)
{
    leray_solver *s = make_ns3d("{" LES_FLOW "}");

    assert_ok(leray_solver_start(s, 0, 0));
    leray_modes_copy(state_of(s), state);
    leray_integrator_touch(((ns3d *)s)->integrator, false);
    assert_ok(leray_integrator_tendency(((ns3d *)s)->integrator, out));
    leray_solver_destroy(&s);
}

static void check_model(const char *model)
{
    char yaml[256];
    leray_solver *base;
    leray_modes part, whole, bare;
    transfer t = {.tendency = &part};
    remainder_of r = {&whole, &part, &bare, false, 0, 0};
    ns3d *s;

    snprintf(yaml, sizeof yaml, "{les: {type: %s}, " LES_FLOW "}", model);
    base = run_ns3d(yaml, 0.25);
    s = (ns3d *)base;
    t.state = state_of(base), r.source = s->view.subgrid_is_source;
    assert_ok(leray_modes_init(&part, &s->box, 3, false));
    assert_ok(leray_modes_init(&whole, &s->box, 3, false));
    assert_ok(leray_modes_init(&bare, &s->box, 3, false));
    assert_ok(leray_integrator_tendency(s->integrator, &whole));
    assert_ok(s->view.subgrid(s, &part));
    for_modes(&s->box, add_transfer, &t);
    assert_true(statistic(base, "energy_subgrid") > 0);
    assert_close(-t.sum[ENERGY] / statistic(base, "energy_subgrid"), 1, 1e-12);
    bare_tendency(state_of(base), &bare);
    for_modes(&s->box, compare_remainder, &r);
    assert_at_most(r.worst, 1e-14 * r.largest);
    leray_modes_fini(&bare);
    leray_modes_fini(&whole);
    leray_modes_fini(&part);
    leray_solver_destroy(&base);
}

/* A model's part of the tendency, as diagnostics get it, takes the energy that statistics name, and what is
   left is the flow's without a model. */
static void subgrid_part_takes_its_energy(void **state)
{
    static const char *const models[] = {"smagorinsky",         "wale",    "vreman", "mixed",
                                         "dynamic-smagorinsky", "spectral"};

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) check_model(models[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advection_matches_direct_sum),
        cmocka_unit_test(advection_conserves),
        cmocka_unit_test(energy_is_kept_and_added),
        cmocka_unit_test(velocity_stays_solenoidal),
        cmocka_unit_test(subgrid_part_takes_its_energy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
