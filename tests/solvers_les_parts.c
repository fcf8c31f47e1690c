/* tests/solvers_les_parts.c - what sub-grid models share: widths and constants, filters, lines of
   gradients, keys. */
#include "les_tools.h"

#include "solvers/ensemble.h"

/* ---- widths, filters, gradients ---------------------------------------------------------- */

static void widths_and_constants(void **state)
{
    leray_les_settings settings = les_settings("smagorinsky");
    leray_box box = cube();
    leray_les *les = make_les(&settings, &box);

    (void)state;
    assert_close(les->width, TWO_PI / 10, 1e-15); /* 5 is the largest wavenumber */
    assert_close(les->constant, 0.17, 0);
    settings.constant = 0.1, settings.width = 0.4;
    leray_les_update(les);
    assert_true(les->width == 0.4 && les->constant == 0.1);
    leray_les_destroy(&les);
    leray_box_fini(&box);
    settings.width = 0;
    assert_ok(leray_box_init(&box, 3, (const int[]){16, 32, 64}, (const double[]){10, 5, 8},
                             LERAY_TWO_THIRDS, leray_comm_self()));
    les = make_les(&settings, &box);
    assert_close(les->width, cbrt(10.0 / 10 * 5 / 20 * 8 / 42), 1e-15);
    leray_les_destroy(&les);
    leray_box_fini(&box);
    settings.type = 0;
    assert_ok(leray_les_create(&settings, &box, &les));
    assert_null(les);
}

static void filters_at_known_points(void **state)
{
    const double ks[] = {0, 1, 2, 2.9, 3, 3.1}, width = TWO_PI / 6; /* pi/D = 3 */
    const leray_column axis = {.n = 6, .ks = ks}, off = {.n = 6, .ks = ks, .kx = 2, .km = -3};
    double t[6];

    (void)state;
    for (int filter = 0; leray_filter_names[filter]; filter++) {
        leray_filter_line(filter, 0, &off, t);
        for (int j = 0; j < 6; j++) assert_true(t[j] == 1);
        leray_filter_line(filter, width, &axis, t);
        assert_true(t[0] == 1);
    }
    leray_filter_line(LERAY_FILTER_SHARP, width, &axis, t);
    assert_true(t[1] == 1 && t[2] == 1 && t[3] == 1 && t[4] == 0 && t[5] == 0);
    leray_filter_line(LERAY_FILTER_SHARP, width, &off, t);
    assert_true(t[0] == 0 && t[1] == 0); /* 13 > 9: a ball, not a cube */
    leray_filter_line(LERAY_FILTER_GAUSSIAN, width, &axis, t);
    assert_close(t[4], exp(-TWO_PI * TWO_PI / 96), 1e-15); /* exp(-pi^2/24) at the cut-off */
    leray_filter_line(LERAY_FILTER_GAUSSIAN, width, &off, t);
    assert_close(t[1], exp(-14 * width * width / 24), 1e-15);
    leray_filter_line(LERAY_FILTER_BOX, width, &axis, t);
    assert_close(t[4], 4 / TWO_PI, 1e-15);       /* sin(pi/2)/(pi/2) */
    assert_close(t[1], 3 / (TWO_PI / 2), 1e-15); /* sin(pi/6)/(pi/6) */
    leray_filter_line(LERAY_FILTER_BOX, width, &off, t);
    assert_close(t[4], (sin(TWO_PI / 6) / (TWO_PI / 6)) * (4 / TWO_PI) * (4 / TWO_PI), 1e-15);
}

/* Lines of i k_j u_i, and their symmetric parts, of a made-up column. */
static void gradient_lines_are_derivatives(void **state)
{
    const double k[2] = {1.5, -2.5}, ks[] = {0, 1, 2, -2, -1};
    const leray_column column = {.n = 5, .ks = ks, .kx = k[0], .km = k[1]};
    static const int all[8][2] = {
        {0, 0},
        {1, 1},
        {0, 1},
        {1, 0},
        {0, 2},
        {2, 0},
        {1, 2},
        {2, 1}
    };
    static const int strain[5][2] = {
        {0, 0},
        {1, 1},
        {0, 1},
        {0, 2},
        {1, 2}
    };
    double complex u[3][5], out[8][5], *u_line[3], *line[8];
    leray_les_type type = {.gradients = LERAY_LES_ALL_GRADIENTS};

    (void)state;
    for (int f = 0; f < 8; f++) line[f] = out[f];
    for (int a = 0; a < 3; a++) {
        u_line[a] = u[a];
        for (int j = 0; j < 5; j++) u[a][j] = cos(a + 3 * j) + I * sin(2 * a - j);
    }
    assert_int_equal(leray_les_gradient_fields(&type), 8);
    leray_les_gradient_lines(&type, &column, u_line, line);
    for (int j = 0; j < 5; j++) {
        double kj[3] = {k[0], k[1], ks[j]};

        for (int f = 0; f < 8; f++)
            assert_at_most(cabs(out[f][j] - I * kj[all[f][1]] * u[all[f][0]][j]), 1e-15);
    }
    type.gradients = LERAY_LES_STRAIN;
    assert_int_equal(leray_les_gradient_fields(&type), 5);
    leray_les_gradient_lines(&type, &column, u_line, line);
    for (int j = 0; j < 5; j++) {
        double kj[3] = {k[0], k[1], ks[j]};

        for (int f = 0; f < 5; f++) {
            int p = strain[f][0], q = strain[f][1];

            assert_at_most(cabs(out[f][j] - I / 2 * (kj[q] * u[p][j] + kj[p] * u[q][j])), 1e-15);
        }
    }
}

/* ---- keys -------------------------------------------------------------------------------- */

typedef struct deck_settings {
    leray_les_settings les;
} deck_settings;

static leray_status check_deck(const char *yaml, deck_settings *settings)
{
    static const leray_key rows[] = {LERAY_LES_KEYS(deck_settings, les)};
    leray_config *cfg;
    leray_status status = leray_config_from_section("solver", yaml, LERAY_KEYS(rows), &cfg);

    if (!status) status = leray_config_read(cfg, "solver", LERAY_KEYS(rows), settings);
    if (!status) status = leray_les_check(&settings->les, cfg, "solver");
    leray_config_destroy(&cfg);
    return status;
}

static void keys_are_read_and_checked(void **state)
{
    deck_settings s;

    (void)state;
    assert_ok(check_deck("{}", &s));
    assert_int_equal(s.les.type, 0);
    assert_ok(
        check_deck("{les: {type: mixed, constant: 0.1, filter_ratio: 1, similarity: 0.5}}", &s));
    assert_int_equal(s.les.type, les_type("mixed"));
    assert_true(s.les.constant == 0.1 && s.les.filter_ratio == 1 && s.les.similarity == 0.5);
    assert_ok(check_deck("{les: {type: dynamic-smagorinsky, filter: gaussian, width: 0.1}}", &s));
    assert_int_equal(s.les.filter, LERAY_FILTER_GAUSSIAN);
    assert_ok(check_deck("{les: {type: spectral, slope: 2, constant: 1.5}}", &s));
    assert_fails(check_deck("{les: {type: smagorinski}}", &s), LERAY_ERR_CONFIG, "smagorinsky");
    assert_fails(check_deck("{les: {type: vreman, constant: -1}}", &s), LERAY_ERR_CONFIG,
                 "[0, 10]");
    assert_fails(check_deck("{les: {constant: 0.1}}", &s), LERAY_ERR_CONFIG,
                 "les.type = none does not use it");
    assert_fails(check_deck("{les: {type: dynamic-smagorinsky, constant: 0.1}}", &s),
                 LERAY_ERR_CONFIG, "solver.les.constant (solver:1:");
    assert_fails(check_deck("{les: {type: smagorinsky, filter: sharp}}", &s), LERAY_ERR_CONFIG,
                 "les.type = smagorinsky does not use it");
    assert_fails(check_deck("{les: {type: spectral, width: 0.1}}", &s), LERAY_ERR_CONFIG,
                 "solver.les.width");
    assert_fails(check_deck("{les: {type: wale, similarity: 1}}", &s), LERAY_ERR_CONFIG,
                 "solver.les.similarity");
    assert_fails(check_deck("{les: {type: mixed, slope: 1}}", &s), LERAY_ERR_CONFIG,
                 "solver.les.slope");
    assert_fails(check_deck("{les: {type: dynamic-smagorinsky, filter_ratio: 0.9}}", &s),
                 LERAY_ERR_CONFIG, "(1, 16]");
}

/* An ensemble may not vary what the model does not read. */
static void ranges_are_checked(void **state)
{
    static const leray_key rows[] = {LERAY_LES_KEYS(deck_settings, les)};
    static const char *const models[] = {"spectral", "dynamic-smagorinsky"};
    const leray_section sections[] = {
        {"solver",                  LERAY_KEYS(rows), NULL},
        {"parameters.les.constant", leray_range_keys, NULL}
    };

    (void)state;
    for (int i = 0; i < 2; i++) {
        deck_settings s;
        leray_config *cfg;
        char deck[256];

        snprintf(deck, sizeof deck,
                 "{solver: {les: {type: %s}}, parameters: {les.constant: {min: 1, max: 2}}}",
                 models[i]);
        assert_ok(leray_config_parse_text("deck", deck, &cfg));
        assert_ok(leray_config_resolve(cfg, 2, sections));
        assert_ok(leray_config_read(cfg, "solver", LERAY_KEYS(rows), &s));
        if (i == 0) assert_ok(leray_les_check(&s.les, cfg, "solver"));
        else
            assert_fails(leray_les_check(&s.les, cfg, "solver"), LERAY_ERR_CONFIG,
                         "parameters.les.constant: les.type = dynamic-smagorinsky does not use");
        leray_config_destroy(&cfg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_and_constants),
        cmocka_unit_test(filters_at_known_points),
        cmocka_unit_test(gradient_lines_are_derivatives),
        cmocka_unit_test(keys_are_read_and_checked),
        cmocka_unit_test(ranges_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
