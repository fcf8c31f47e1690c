/* tests/solvers_diagnostics.c - means and spectra: known flows, sums mode by mode, transfer. */
#include "probe_flow.h"

#define ROUND 1e-14

static const char *const boxes[] = {
    "{n: [18, 24], length: [3, 5]}",
    "{n: [12, 20, 16], length: [4, 7, 3]}",
    "{n: [13, 9, 10], length: [4, 7, 3], dealias: phase-shift}",
};
#define BOXES ((int)(sizeof boxes / sizeof boxes[0]))

/* u_y = 2 a cos(3 x 2 pi/Lx) has the energy a^2, all in one shell. */
static void one_wave_is_in_one_shell(void **state)
{
    static const int k[] = {3, 0, 0};
    leray_solver *s = make_probe("{n: [12, 8, 24], length: [8, 2, 6], nu: 0.25}");
    const double a = 1.5, dk = TWO_PI / 8, wave = TWO_PI / 2;
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_wave(s, 1, k, a);
    d = measure_one(&leray_diagnostic_spectra, s, "{transfer: false}", &t);
    assert_int_equal(t.columns, 4);
    for (int i = 0; i < t.rows; i++) {
        bool here = i == 4; /* 2 pi 3/6 = 4 dk */

        assert_close(cell(&t, i, "k"), i * dk, ROUND);
        assert_close(cell(&t, i, "energy"), here ? a * a / dk : 0, ROUND);
        assert_close(cell(&t, i, "dissipation"), here ? 2 * 0.25 * wave * wave * a * a / dk : 0,
                     ROUND);
    }
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

typedef struct shell {
    double modes, energy, dissipation, transfer, enstrophy, enstrophy_transfer;
} shell;

/* All modes of whole grids, one coefficient at a time. */
static void sum_by_hand(probe *s, double dk, int shells, shell *out)
{
    leray_modes change;
    const leray_box *b = &s->box;

    memset(out, 0, (size_t)shells * sizeof *out);
    assert_ok(leray_modes_init(&change, b, b->ndim, false));
    assert_ok(leray_integrator_tendency(s->integrator, &change));
    for (int r = -b->top[0]; r <= b->top[0]; r++)
        for (int m = -b->top[1]; m <= b->top[1]; m++)
            for (int i = -b->top[2]; i <= b->top[2]; i++) {
                double at[3] = {(double)r / b->n[0], (double)m / b->n[1], (double)i / b->n[2]};
                double k2 = 0, square = 0, gain = 0;
                int c[3] = {i < 0 ? -r : r, i < 0 ? -m : m, i < 0 ? -i : i};
                shell *sum;

                if (b->truncation == LERAY_PHASE_SHIFT &&
                    at[0] * at[0] + at[1] * at[1] + at[2] * at[2] > 2.0 / 9)
                    continue;
                for (int a = 0; a < 3; a++) k2 += pow(TWO_PI * at[a] * b->n[a] / b->length[a], 2);
                for (int a = 0; a < b->ndim; a++) {
                    double complex u =
                        leray_modes_get(leray_integrator_state(s->integrator), a, c[0], c[1], c[2]);

                    square += creal(u * conj(u));
                    gain += creal(conj(u) * leray_modes_get(&change, a, c[0], c[1], c[2]));
                }
                sum = &out[(int)floor(sqrt(k2) / dk + 0.5)];
                sum->modes++, sum->energy += square / 2, sum->transfer += gain;
                sum->dissipation += probe_set(s)->nu * k2 * square;
                sum->enstrophy += k2 * square / 2, sum->enstrophy_transfer += k2 * gain;
            }
    leray_modes_fini(&change);
}

static void shells_hold_their_modes(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * BOXES; i++) {
        leray_solver *s = make_probe(boxes[i / 2]);
        double dk = i % 2 ? 1.9 : TWO_PI / (((probe *)s)->box.ndim == 2 ? 5 : 7), scale = 0;
        shell sum[200];
        leray_measured t;
        leray_diagnostic *d;

        draw_modes(s, true);
        d = measure_one(&leray_diagnostic_spectra, s, i % 2 ? "{width: 1.9}" : "{}", &t);
        assert_in_range(t.rows, 5, 200);
        sum_by_hand((probe *)s, dk, t.rows, sum);
        for (int r = 0; r < t.rows; r++) scale += fabs(sum[r].transfer);
        for (int r = 0; r < t.rows; r++) {
            double k = fmax(1, r * dk);

            assert_true(cell(&t, r, "modes") == sum[r].modes);
            assert_close(cell(&t, r, "energy") * dk, sum[r].energy, ROUND);
            assert_close(cell(&t, r, "dissipation") * dk, sum[r].dissipation, ROUND);
            assert_at_most(fabs(cell(&t, r, "transfer") * dk - sum[r].transfer), ROUND * scale);
            if (((probe *)s)->box.ndim == 3) continue;
            assert_close(cell(&t, r, "enstrophy") * dk, sum[r].enstrophy, ROUND);
            assert_at_most(fabs(cell(&t, r, "enstrophy_transfer") * dk - sum[r].enstrophy_transfer),
                           10 * ROUND * scale * k * k);
        }
        leray_diagnostic_destroy(&d);
        leray_solver_destroy(&s);
    }
}

/* Sum of a quantity's rows over the sum of their sizes. */
static double imbalance(const leray_measured *t, const char *column)
{
    double sum = 0, size = 0;

    for (int r = 0; r < t->rows; r++) {
        sum += cell(t, r, column);
        size += fabs(cell(t, r, column));
    }
    assert_true(size > 0);
    return fabs(sum) / size;
}

/* Triads only exchange energy: T sums to zero, and the flux through the last shell is none. */
static void transfer_sums_to_zero(void **state)
{
    (void)state;
    for (int i = 0; i < BOXES; i++) {
        leray_solver *s = make_probe(boxes[i]);
        double dk = TWO_PI / (((probe *)s)->box.ndim == 2 ? 5 : 7), flux = 0, most = 0;
        leray_measured t;
        leray_diagnostic *d;

        draw_modes(s, true);
        d = measure_one(&leray_diagnostic_spectra, s, "{}", &t);
        assert_at_most(imbalance(&t, "transfer"), 1e-14);
        if (((probe *)s)->box.ndim == 2) assert_at_most(imbalance(&t, "enstrophy_transfer"), 1e-14);
        for (int r = 0; r < t.rows; r++) {
            flux -= cell(&t, r, "transfer") * dk;
            most = fmax(most, fabs(flux));
            assert_close(cell(&t, r, "flux"), flux, ROUND * fmax(1, most));
        }
        assert_at_most(fabs(cell(&t, t.rows - 1, "flux")), 1e-13 * most);
        leray_diagnostic_destroy(&d);
        leray_solver_destroy(&s);
    }
}

/* With a sub-grid part of -0.1 |k|^2 u the resolved transfer stays what it is without, and the
   sub-grid one is -0.2 |k|^2 E, that is -10 times the dissipation of nu = 0.01. */
static void subgrid_part_is_apart(void **state)
{
    leray_solver *s[2];
    leray_diagnostic *d[2];
    leray_measured t[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        s[i] = make_probe(i ? "{n: [12, 12, 12], length: [6, 6, 6], subgrid: true}"
                            : "{n: [12, 12, 12], length: [6, 6, 6]}");
        draw_modes(s[i], true);
        d[i] = measure_one(&leray_diagnostic_spectra, s[i], "{}", &t[i]);
    }
    assert_int_equal(t[1].columns, t[0].columns + 1);
    for (int r = 0; r < t[0].rows; r++) {
        assert_close(cell(&t[1], r, "subgrid"), -10 * cell(&t[1], r, "dissipation"), ROUND);
        assert_close(cell(&t[1], r, "transfer"), cell(&t[0], r, "transfer"), 1e-12);
    }
    for (int i = 0; i < 2; i++) {
        leray_diagnostic_destroy(&d[i]);
        leray_solver_destroy(&s[i]);
    }
}

/* Adds amplitude times a product of sin x or cos x, sin y .. to a component: 's', 'c' or '1' of each
   axis. Of the waves of the product one of each conjugate pair is added: that whose first sign is +. */
static void add_product(leray_solver *s, int component, double amplitude, const char *shape)
{
    for (int signs = 0; signs < 8; signs++) {
        int k[3] = {0}, first = 0;
        double complex a = amplitude;
        bool skip = false;

        for (int axis = 0; axis < 3; axis++) {
            int sign = signs >> axis & 1 ? -1 : 1;

            if (shape[axis] == '1') {
                skip |= sign < 0;
                continue;
            }
            if (first == 0) first = sign;
            k[axis] = sign;
            a *= shape[axis] == 'c' ? 0.5 : -0.5 * I * sign;
        }
        if (!skip && first > 0) add_wave(s, component, k, a);
    }
}

/* u = (sin x cos y cos z, -cos x sin y cos z, 0): all waves have |k|^2 = 3. */
static void taylor_green(void **state)
{
    leray_solver *s = make_probe("{n: [16, 16, 16], nu: 0.02, length: [6.283185307179586, "
                                 "6.283185307179586, 6.283185307179586]}");
    const double nu = 0.02, e = 0.125, z = 0.375, u = sqrt(2 * e / 3), epsilon = 2 * nu * z;
    const double integral = 3 * TWO_PI / 2 / 4 / sqrt(3), eta = pow(nu * nu * nu / epsilon, 0.25);
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_product(s, 0, 1, "scc");
    add_product(s, 1, -1, "csc");
    d = measure_one(&leray_diagnostic_means, s, "{}", &t);
    assert_int_equal(t.rows, 1);
    assert_close(cell(&t, 0, "energy"), e, ROUND);
    assert_close(cell(&t, 0, "energy_x"), e / 2, ROUND);
    assert_close(cell(&t, 0, "energy_y"), e / 2, ROUND);
    assert_close(cell(&t, 0, "energy_z"), 0, ROUND);
    assert_close(cell(&t, 0, "enstrophy"), z, ROUND);
    assert_close(cell(&t, 0, "palinstrophy"), 3 * z, ROUND);
    assert_close(cell(&t, 0, "helicity"), 0, ROUND);
    assert_close(cell(&t, 0, "dissipation"), epsilon, ROUND);
    assert_close(cell(&t, 0, "rms_velocity"), u, ROUND);
    assert_close(cell(&t, 0, "integral_scale"), integral, ROUND);
    assert_close(cell(&t, 0, "taylor_scale"), sqrt(15 * nu * u * u / epsilon), ROUND);
    assert_close(cell(&t, 0, "kolmogorov_scale"), eta, ROUND);
    assert_close(cell(&t, 0, "resolution"), 5 * eta, ROUND);
    assert_close(cell(&t, 0, "turnover_time"), integral / u, ROUND);
    assert_close(cell(&t, 0, "reynolds_integral"), u * integral / nu, ROUND);
    assert_close(cell(&t, 0, "reynolds_taylor"), u * sqrt(5. / 3) / nu, ROUND);
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

/* u = (cos x sin y, -sin x cos y), whose vorticity is -2 cos x cos y. */
static void taylor_green_in_two_dimensions(void **state)
{
    leray_solver *s = make_probe("{n: [16, 18], nu: 0.02}");
    const double nu = 0.02, e = 0.25, u = sqrt(e), scale = sqrt(nu) * pow(4 * nu / 2, -1. / 6);
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_product(s, 0, 1, "cs1");
    add_product(s, 1, -1, "sc1");
    d = measure_one(&leray_diagnostic_means, s, "{}", &t);
    assert_close(cell(&t, 0, "energy"), e, ROUND);
    assert_close(cell(&t, 0, "enstrophy"), 0.5, ROUND);
    assert_close(cell(&t, 0, "palinstrophy"), 1, ROUND);
    assert_close(cell(&t, 0, "dissipation"), nu, ROUND);
    assert_close(cell(&t, 0, "enstrophy_dissipation"), 2 * nu, ROUND);
    assert_close(cell(&t, 0, "integral_scale"), sqrt(2), ROUND);
    assert_close(cell(&t, 0, "taylor_scale"), sqrt(2), ROUND);
    assert_close(cell(&t, 0, "kraichnan_scale"), scale, ROUND);
    assert_close(cell(&t, 0, "resolution"), 5 * scale, ROUND);
    assert_close(cell(&t, 0, "reynolds_taylor"), u * sqrt(2) / nu, ROUND);
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

/* The flow of Arnold, Beltrami and Childress is its own vorticity: helicity 2 E. */
static void helicity_of_a_beltrami_flow(void **state)
{
    leray_solver *s = make_probe("{n: [12, 12, 12], nu: 0, length: [6.283185307179586, "
                                 "6.283185307179586, 6.283185307179586]}");
    const double a = 1, b = 2, c = -0.5, twice_e = a * a + b * b + c * c;
    leray_measured t;
    leray_diagnostic *d;

    (void)state;
    add_product(s, 0, a, "11s"), add_product(s, 0, c, "1c1");
    add_product(s, 1, b, "s11"), add_product(s, 1, a, "11c");
    add_product(s, 2, c, "1s1"), add_product(s, 2, b, "c11");
    d = measure_one(&leray_diagnostic_means, s, "{}", &t);
    assert_close(cell(&t, 0, "energy"), twice_e / 2, ROUND);
    assert_close(cell(&t, 0, "helicity"), twice_e, ROUND);
    assert_true(isnan(cell(&t, 0, "kolmogorov_scale")) && isnan(cell(&t, 0, "reynolds_taylor")));
    leray_diagnostic_destroy(&d);
    leray_solver_destroy(&s);
}

static void add_pair(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    double *pairs = self;

    (void)out;
    pairs[rows->index] = 0;
    for (int a = 0; a < 3; a++)
        for (int j = 0; j < rows->points; j++) pairs[rows->index] += in[a][j] * in[a][j] / 2;
}

static void state_lines(void *self, const leray_column *c, double complex *const *in,
                        double complex *const *out)
{
    (void)in;
    for (int a = 0; a < 3; a++)
        memcpy(out[a], leray_modes_load(leray_integrator_state(self), a, c->index, out[a]),
               (size_t)c->n * sizeof **out);
}

/* Parseval: the mean of |u|^2/2 over the grid, the sum over shells, and that over modes. */
static void energies_agree(void **state)
{
    leray_solver *base = make_probe(boxes[1]);
    probe *s = (probe *)base;
    leray_transforms *transforms = leray_integrator_transforms(s->integrator);
    leray_column_pass columns = {.work = state_lines, .self = s->integrator, .out = 3};
    double pairs[12 * 10], energy = 0;
    leray_row_pass rows = {.work = add_pair, .self = pairs, .in = 3};
    leray_measured means, spectra;
    leray_diagnostic *d[2];

    (void)state;
    draw_modes(base, false);
    d[0] = measure_one(&leray_diagnostic_means, base, "{}", &means);
    d[1] = measure_one(&leray_diagnostic_spectra, base, "{transfer: false}", &spectra);
    assert_ok(leray_transforms_columns(transforms, &columns));
    assert_ok(leray_transforms_rows(transforms, &rows));
    assert_int_equal(leray_transforms_pairs(transforms), 12 * 10);
    for (int p = 0; p < 12 * 10; p++) energy += pairs[p] / (12 * 20 * 16);
    assert_close(cell(&means, 0, "energy"), energy, ROUND);
    assert_close(column_sum(&spectra, "energy") * TWO_PI / 7, energy, ROUND);
    assert_close(column_sum(&spectra, "dissipation") * TWO_PI / 7, cell(&means, 0, "dissipation"),
                 ROUND);
    leray_diagnostic_destroy(&d[0]);
    leray_diagnostic_destroy(&d[1]);
    leray_solver_destroy(&base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wave_is_in_one_shell),
        cmocka_unit_test(shells_hold_their_modes),
        cmocka_unit_test(transfer_sums_to_zero),
        cmocka_unit_test(subgrid_part_is_apart),
        cmocka_unit_test(taylor_green),
        cmocka_unit_test(taylor_green_in_two_dimensions),
        cmocka_unit_test(helicity_of_a_beltrami_flow),
        cmocka_unit_test(energies_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
