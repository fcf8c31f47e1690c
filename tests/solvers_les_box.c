/* tests/solvers_les_box.c - sub-grid models on fields: against plain numpy (tools/parity/les.py), limits
   and Galilean invariance. */
#include "fixture.h"
#include "les_bench.h"

#define FIXTURE LERAY_SOURCE_DIR "/tests/fixtures/solvers/les.bin"

static void numpy_case(bench *b, const fixture *f, const char *name,
                       const leray_les_settings *settings, bool single)
{
    char key[64];
    size_t count;
    const double *grid;
    int n[3];

    snprintf(key, sizeof key, "%s.grid", name);
    grid = fixture_find(f, key, &count);
    assert_non_null(grid);
    assert_int_equal(count, 6);
    for (int a = 0; a < 3; a++) n[a] = (int)grid[a];
    bench_open(b, settings, n, grid + 3, single);
    fill(b, 1);
}

static const char *const cases[] = {"cube", "slab"};

static void stress_is_that_of_numpy(void **state)
{
    const struct {
        const char *record, *model;
        double constant, ratio, similarity;
    } row[] = {
        {"smagorinsky", "smagorinsky", 0,   0, 1  },
        {"wale",        "wale",        0,   0, 1  },
        {"vreman",      "vreman",      0,   0, 1  },
        {"mixed",       "mixed",       0,   0, 1  },
        {"mixed2",      "mixed",       0.1, 2, 0.7},
    };
    fixture f;

    (void)state;
    fixture_open(&f, FIXTURE);
    for (int c = 0; c < 2; c++)
        for (size_t r = 0; r < sizeof row / sizeof row[0]; r++) {
            leray_les_settings settings = les_settings(row[r].model);
            bench b;
            char key[64];
            size_t count;
            const double *exact;

            settings.constant = row[r].constant, settings.filter_ratio = row[r].ratio;
            settings.similarity = row[r].similarity;
            numpy_case(&b, &f, cases[c], &settings, false);
            bench_run(&b);
            snprintf(key, sizeof key, "%s.%s", cases[c], row[r].record);
            exact = fixture_find(&f, key, &count);
            assert_int_equal(count, 11);
            assert_close(b.dissipation, exact[0], 1e-13);
            for (int p = 0; p < 5; p++) {
                double complex mode = leray_modes_get(&b.tau, p, 1, -1, 2);

                assert_close(creal(mode), exact[1 + 2 * p], 1e-13);
                assert_close(cimag(mode), exact[2 + 2 * p], 1e-13);
            }
            bench_close(&b);
        }
    fixture_close(&f);
}

static void check_dynamic(const fixture *f, const char *name, int filter, double ratio, bool single)
{
    leray_les_settings settings = les_settings("dynamic-smagorinsky");
    char key[64];
    size_t count;
    const double *exact;
    bench b;

    settings.filter = filter, settings.filter_ratio = ratio;
    snprintf(key, sizeof key, "%s.dynamic.%s", name, leray_filter_names[filter]);
    exact = fixture_find(f, key, &count);
    assert_non_null(exact);
    numpy_case(&b, f, name, &settings, single);
    bench_run(&b);
    assert_close(b.les->type->coefficient(b.les) / exact[0], 1, single ? 1e-6 : 1e-13);
    fill(&b, -1); /* L stays, M turns round: a negative mean is taken as zero */
    bench_run(&b);
    assert_true(b.les->type->coefficient(b.les) == 0);
    assert_true(b.dissipation == 0);
    fill(&b, 0);
    bench_run(&b);
    assert_true(b.les->type->coefficient(b.les) == 0);
    bench_close(&b);
}

static void dynamic_coefficient_is_that_of_numpy(void **state)
{
    fixture f;

    (void)state;
    fixture_open(&f, FIXTURE);
    for (int single = 0; single < 2; single++) {
        check_dynamic(&f, "cube", LERAY_FILTER_SHARP, 0, single);
        for (int c = 0; c < 2; c++) {
            check_dynamic(&f, cases[c], LERAY_FILTER_GAUSSIAN, 0, single);
            check_dynamic(&f, cases[c], LERAY_FILTER_BOX, 1.5, single);
        }
    }
    fixture_close(&f);
}

/* The dynamic model is Smagorinsky's with what it found. */
static void dynamic_stress_is_smagorinskys(void **state)
{
    leray_les_settings settings = les_settings("dynamic-smagorinsky");
    bench d, s;

    (void)state;
    bench_open(&d, &settings, (const int[]){16, 16, 16}, (const double[]){1, 1, 1}, false);
    fill(&d, 1);
    bench_run(&d);
    settings = les_settings("smagorinsky");
    settings.constant = sqrt(d.les->type->coefficient(d.les));
    assert_true(settings.constant > 0.01);
    bench_open(&s, &settings, (const int[]){16, 16, 16}, (const double[]){1, 1, 1}, false);
    fill(&s, 1);
    bench_run(&s);
    assert_close(d.dissipation / s.dissipation, 1, 1e-14);
    bench_close(&d);
    bench_close(&s);
}

/* ---- limits and invariance --------------------------------------------------------------- */

/* A filter that changes nothing leaves no similarity stress: (u u)~ - u~ u~ is of order width^2. */
static void mixed_without_filter_is_smagorinsky(void **state)
{
    leray_les_settings settings = les_settings("smagorinsky");
    const int n[] = {16, 12, 20};
    const double length[] = {1, 1.5, 2};
    bench s, m;
    double e[2];

    (void)state;
    bench_open(&s, &settings, n, length, false);
    fill(&s, 1);
    bench_run(&s);
    settings = les_settings("mixed");
    for (int i = 0; i < 2; i++) {
        settings.filter_ratio = i ? 1e-3 : 2e-3;
        bench_open(&m, &settings, n, length, false);
        fill(&m, 1);
        bench_run(&m);
        e[i] = norm(&m.tau, &s.tau) / norm(&s.tau, NULL);
        bench_close(&m);
    }
    assert_at_most(e[1], 1e-5);
    assert_close(e[0] / e[1], 4, 1e-3);
    settings.filter_ratio = 2, settings.similarity = 0;
    bench_open(&m, &settings, n, length, false);
    fill(&m, 1);
    bench_run(&m);
    assert_at_most(norm(&m.tau, &s.tau) / norm(&s.tau, NULL), 1e-14);
    assert_close(m.dissipation / s.dissipation, 1, 1e-14);
    bench_close(&m);
    bench_close(&s);
}

static void stress_does_not_see_a_uniform_flow(void **state)
{
    const int n[] = {16, 16, 16};
    const double length[] = {TWO_PI, TWO_PI, TWO_PI};

    (void)state;
    for (int type = 1; leray_les_names[type]; type++) {
        leray_les_settings settings = les_settings(leray_les_names[type]);
        bench at_rest, moving;

        bench_open(&at_rest, &settings, n, length, false);
        bench_open(&moving, &settings, n, length, false);
        fill(&at_rest, 1);
        fill(&moving, 1);
        for (int a = 0; a < 3; a++) leray_modes_set(&moving.u, a, 0, 0, 0, 0.7 - a);
        bench_run(&at_rest);
        bench_run(&moving);
        if (at_rest.les->type->coefficient)
            assert_close(moving.les->type->coefficient(moving.les) /
                             at_rest.les->type->coefficient(at_rest.les),
                         1, 1e-13);
        if (at_rest.les->type->stress) {
            assert_at_most(norm(&moving.tau, &at_rest.tau) / norm(&at_rest.tau, NULL), 1e-13);
            assert_close(moving.dissipation / at_rest.dissipation, 1, 1e-13);
        }
        bench_close(&moving);
        bench_close(&at_rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stress_is_that_of_numpy),
        cmocka_unit_test(dynamic_coefficient_is_that_of_numpy),
        cmocka_unit_test(dynamic_stress_is_smagorinskys),
        cmocka_unit_test(mixed_without_filter_is_smagorinsky),
        cmocka_unit_test(stress_does_not_see_a_uniform_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
