/* tests/solvers_les_runs.c - the spectral eddy viscosity; threads, memory and errors of all models. */
#include "les_bench.h"

#include "core/threads.h"

/* ---- spectral eddy viscosity ------------------------------------------------------------- */

static double viscosity_at(bench *b, int s, int m, int i)
{
    double nu_t[64];
    leray_column column = leray_box_column(&b->box, leray_box_find(&b->box, m, i), 0);

    b->les->type->viscosity(b->les, &column, nu_t);
    return nu_t[leray_box_row(&b->box, LERAY_BOX_SLOW, s)];
}

/* One wave at k_c = 5 with |u|^2/2 = 0.09 in its shell of thickness 1: E(k_c) = 0.09. */
static void spectral_viscosity_has_its_plateau_and_cusp(void **state)
{
    leray_les_settings settings = les_settings("spectral");
    const double unit = sqrt(0.09 / 5), cusp = 1 + 34.5 * exp(-3.03);
    bench b;
    double plateau;

    (void)state;
    bench_open(&b, &settings, (const int[]){16, 16, 16}, (const double[]){TWO_PI, TWO_PI, TWO_PI},
               false);
    leray_modes_set(&b.u, 2, 0, 3, 0, 8); /* outside of the shell: below it, */
    leray_modes_set(&b.u, 0, 5, 1, 0, 8); /* above it, */
    leray_modes_set(&b.u, 1, 0, 0, 4, 8); /* and on its open end */
    bench_run(&b);
    assert_true(viscosity_at(&b, 0, 0, 0) == 0 && viscosity_at(&b, 5, 5, 5) == 0);
    leray_modes_set(&b.u, 1, 0, 0, 5, 0.2);     /* counts twice, for -k: 0.04 */
    leray_modes_set(&b.u, 1, 3, 0, 4, 0.1 * I); /* 0.01 */
    leray_modes_set(&b.u, 0, -5, 0, 0, 0.2);    /* 0.04, in two coefficients */
    bench_run(&b);
    plateau = viscosity_at(&b, 0, 0, 0);
    assert_close(plateau, 0.31 * 1.25 * sqrt(4.0 / 3) * pow(1.4, -1.5) * unit, 1e-15);
    assert_true(plateau > 0.267 * unit && plateau < 0.28 * unit);
    assert_close(viscosity_at(&b, 0, 0, 1), plateau * (1 + 34.5 * exp(-15.15)), 1e-15);
    assert_close(viscosity_at(&b, 3, -4, 0), plateau * cusp, 1e-15);
    assert_close(viscosity_at(&b, -5, 5, 5), plateau * (1 + 34.5 * exp(-3.03 / sqrt(3))), 1e-15);
    b.settings.slope = 2, b.settings.constant = 1.6;
    leray_les_update(b.les);
    bench_run(&b);
    assert_close(viscosity_at(&b, 0, 0, 0), 0.31 * pow(1.6, -1.5) * unit, 1e-15);
    b.settings.slope = 3;
    bench_run(&b);
    assert_true(viscosity_at(&b, 0, 0, 5) == 0);
    bench_close(&b);
}

static void spectral_damping_is_its_viscosity(void **state)
{
    leray_les_settings settings = les_settings("spectral");
    bench b;

    (void)state;
    bench_open(&b, &settings, (const int[]){16, 12, 20}, (const double[]){1, 2, 3}, false);
    fill(&b, 1);
    bench_run(&b);
    for (int index = 0; index < b.box.columns; index++) {
        leray_column c = leray_box_column(&b.box, index, 0);
        double complex u[3][64], change[3][64], *line[3], *out[3];
        double nu_t[64];

        for (int a = 0; a < 3; a++) {
            line[a] = u[a], out[a] = change[a];
            for (int j = 0; j < c.n; j++) change[a][j] = a + I * j;
        }
        velocity(&b, &c, NULL, line);
        b.les->type->viscosity(b.les, &c, nu_t);
        b.les->type->damp(b.les, &c, line, out);
        for (int a = 0; a < 3; a++)
            for (int j = 0; j < c.n; j++) {
                double k2 = c.kx * c.kx + c.km * c.km + c.ks[j] * c.ks[j];
                double complex expected = a + I * j - nu_t[j] * k2 * u[a][j];

                assert_true(nu_t[j] > 0);
                assert_at_most(cabs(change[a][j] - expected), 1e-14 * (1 + cabs(expected)));
            }
    }
    bench_close(&b);
}

/* ---- threads, memory, errors ------------------------------------------------------------- */

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        leray_les_settings settings = les_settings(leray_les_names[type]);
        bench one, many;

        leray_threads_set(1);
        bench_open(&one, &settings, (const int[]){32, 32, 32}, (const double[]){1, 2, 3}, false);
        fill(&one, 1);
        bench_run(&one);
        leray_threads_set(3);
        bench_open(&many, &settings, (const int[]){32, 32, 32}, (const double[]){1, 2, 3}, false);
        fill(&many, 1);
        assert_true(leray_transforms_threads(many.transforms) > 1);
        bench_run(&many);
        leray_threads_set(leray_threads_available());
        assert_true(one.dissipation == many.dissipation);
        if (one.les->type->coefficient)
            assert_true(one.les->type->coefficient(one.les) ==
                        many.les->type->coefficient(many.les));
        if (one.les->type->viscosity)
            assert_true(viscosity_at(&one, 1, 2, 3) == viscosity_at(&many, 1, 2, 3));
        assert_true(norm(&one.tau, &many.tau) == 0);
        bench_close(&one);
        bench_close(&many);
    }
}

static void failing_allocations_leave_nothing(void **state)
{
    leray_box box;

    (void)state;
    assert_ok(leray_box_init(&box, 3, (const int[]){8, 8, 8}, (const double[]){1, 1, 1},
                             LERAY_TWO_THIRDS, leray_comm_self()));
    for (int type = 1; leray_les_names[type]; type++) {
        leray_les_settings settings = les_settings(leray_les_names[type]);
        leray_status status = LERAY_ERR_MEMORY;
        long live = leray_mem_live();

        for (long k = 1; status == LERAY_ERR_MEMORY; k++) {
            leray_les *les = (leray_les *)(void *)&live;

            leray_mem_fail_at(k);
            status = leray_les_create(&settings, &box, &les);
            leray_mem_fail_at(0);
            if (status == LERAY_OK) {
                assert_string_equal(les->type->name, leray_les_names[type]);
                leray_les_destroy(&les);
            }
            assert_null(les);
            assert_int_equal(leray_mem_live(), live);
        }
        assert_int_equal(status, LERAY_OK);
    }
    leray_box_fini(&box);
}

static void test_filters_must_filter(void **state)
{
    leray_les_settings settings = les_settings("dynamic-smagorinsky");
    leray_box box;
    leray_les *les;

    (void)state;
    assert_ok(leray_box_init(&box, 3, (const int[]){16, 16, 16},
                             (const double[]){TWO_PI, TWO_PI, TWO_PI}, LERAY_TWO_THIRDS,
                             leray_comm_self()));
    settings.width = 0.3; /* pi/0.6 = 5.2, and 5 is the largest wavenumber */
    assert_fails(leray_les_create(&settings, &box, &les), LERAY_ERR_CONFIG, "les.width = 0.3");
    assert_null(les);
    settings.width = 0.4;
    assert_ok(leray_les_create(&settings, &box, &les));
    leray_les_destroy(&les);
    leray_box_fini(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectral_viscosity_has_its_plateau_and_cusp),
        cmocka_unit_test(spectral_damping_is_its_viscosity),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(failing_allocations_leave_nothing),
        cmocka_unit_test(test_filters_must_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
