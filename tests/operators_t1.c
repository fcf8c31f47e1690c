/* tests/operators_t1.c - Transform Once: one function on all grids of its kind of points, grids that
   are refused, initial values that keep the variance of the field, modes chosen by energy. */
#include "check.h"

#include "operators/layers/selection.h"
#include "operators_make.h"
#include <leray/impl/ops.h>

#define TWO_PI 6.283185307179586476925

static leray_problem problem_on(int channels, int ny, int nx, bool periodic)
{
    return (leray_problem){
        .channels_in = channels,
        .channels_out = channels,
        .grid = grid_2d(ny, nx, periodic),
    };
}

/* Wavenumbers up to 2 and cosines up to 3, at periodic points or cell centres. */
static void band_limited(int ny, int nx, bool periodic, double *x)
{
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            double a = TWO_PI * (i + (periodic ? 0 : 0.5)) / nx;
            double b = TWO_PI * (j + (periodic ? 0 : 0.5)) / ny;

            x[j * nx + i] = periodic
                                ? 0.3 + sin(a) * cos(2 * b) + 0.5 * cos(2 * a - b)
                                : 0.3 + cos(a / 2) * cos(1.5 * b) - 0.5 * cos(a) + 0.2 * cos(b / 2);
        }
}

/* Coefficients of the prediction on this grid, and the fields. */
static void run(leray_model *model, int ny, int nx, double *x, double *hat, double *y)
{
    leray_tape *tape;
    leray_tensor *in, *out;

    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    band_limited(ny, nx, leray_grid_is_periodic(&model->problem.grid, 0), x);
    assert_ok(leray_tape_input(tape, 4, (int[]){1, 1, ny, nx}, x, &in));
    assert_ok(leray_model_forward(model, tape, in, &out));
    memcpy(hat, out->value, out->count * sizeof *hat);
    assert_ok(leray_model_predict(model, tape, in, &out));
    memcpy(y, out->value, out->count * sizeof *y);
    leray_tape_destroy(&tape);
}

static leray_model *make(const leray_model_type *type, const char *yaml, leray_problem problem)
{
    leray_model *model;
    leray_parameters *p;

    assert_ok(make_model_for(type, yaml, problem, LERAY_F64, &model));
    p = leray_model_parameters(model);
    draw(2, p->count, LERAY_F64, p->value);
    for (size_t i = 0; i < p->count; i++) ((double *)p->value)[i] *= 0.2;
    return model;
}

/* Cosine coefficients on twice the points per axis are twice as large, others are not there. */
static void test_resolution_of_cosines(void **state)
{
    static double coarse[16 * 12], fine[32 * 24], x[32 * 24], y[32 * 24];

    (void)state;
    for (int m = 0; m < 2; m++) {
        leray_model *model =
            m ? make(&leray_model_t1u, "modes: [8, 6], width: 3, levels: 1",
                     problem_on(1, 16, 12, false))
              : make(&leray_model_t1, "width: 5, modes: [8, 6], layers: 3, head: 7, init: kaiming",
                     problem_on(1, 16, 12, false));
        double top = 0, worst = 0;

        run(model, 16, 12, x, coarse, y);
        run(model, 32, 24, x, fine, y);
        for (int j = 0; j < 32; j++)
            for (int i = 0; i < 24; i++) {
                double c = j < 16 && i < 12 ? 2 * coarse[j * 12 + i] : 0;

                if (j >= 8 || i >= 6) assert_true(fine[j * 24 + i] == 0);
                top = fmax(top, fabs(c));
                worst = fmax(worst, fabs(fine[j * 24 + i] - c));
            }
        assert_true(top > 0.1);
        assert_at_most(worst / top, 1e-12);
        leray_model_destroy(&model);
    }
}

/* The same values at the points that both grids have. */
static void test_resolution_of_fourier_modes(void **state)
{
    static double coarse[16 * 12], fine[32 * 24], x[32 * 24], hat[32 * 26];
    leray_model *model =
        make(&leray_model_t1,
             "transform: dft, activation: sin, width: 5, modes: [4, 5], layers: 3, head: 7",
             problem_on(1, 16, 12, true));
    double top = 0, worst = 0;

    (void)state;
    run(model, 16, 12, x, hat, coarse);
    run(model, 32, 24, x, hat, fine);
    for (int j = 0; j < 16; j++)
        for (int i = 0; i < 12; i++) {
            top = fmax(top, fabs(coarse[j * 12 + i]));
            worst = fmax(worst, fabs(coarse[j * 12 + i] - fine[2 * j * 24 + 2 * i]));
        }
    assert_true(top > 0.1);
    assert_at_most(worst / top, 1e-12);
    leray_model_destroy(&model);
}

static void test_grids(void **state)
{
    leray_grid same = grid_2d(16, 12, true), larger = grid_2d(32, 24, true);
    leray_grid odd = grid_2d(17, 12, true), small = grid_2d(16, 8, true);
    leray_model *model;

    (void)state;
    model =
        make(&leray_model_t1, "width: 2, modes: [4, 5], layers: 1", problem_on(1, 16, 12, true));
    assert_ok(leray_model_accepts(model, &same));
    assert_fails(leray_model_accepts(model, &larger), LERAY_ERR_ARG, "periodic points");
    leray_model_destroy(&model);
    model =
        make(&leray_model_t1, "width: 2, modes: [4, 5], layers: 1", problem_on(1, 16, 12, false));
    assert_ok(leray_model_accepts(model, &larger));
    assert_ok(leray_model_accepts(model, &odd));
    assert_fails(leray_model_accepts(model, on(3, 12)), LERAY_ERR_ARG,
                 "modes = 4 in y need at least as many points, the grid has 3");
    leray_model_destroy(&model);
    model = make(&leray_model_t1, "transform: dft, width: 2, modes: [4, 5], layers: 1",
                 problem_on(1, 16, 12, true));
    assert_ok(leray_model_accepts(model, &larger));
    assert_fails(leray_model_accepts(model, &odd), LERAY_ERR_ARG, "even number of points in y");
    assert_fails(leray_model_accepts(model, &small), LERAY_ERR_ARG, "its own alias");
    leray_model_destroy(&model);
    model = make(&leray_model_t1, "transform: dft, width: 2, modes: 4, layers: 1",
                 problem_on(1, 16, 12, false));
    assert_fails(leray_model_accepts(model, &larger), LERAY_ERR_ARG, "cell centres");
    leray_model_destroy(&model);
    assert_fails(make_model_for(&leray_model_t1, "modes: 13", problem_on(1, 16, 12, false),
                                LERAY_F32, &model),
                 LERAY_ERR_ARG, "modes = 13 in x");
    assert_fails(make_model_for(&leray_model_t1u, "modes: 6, levels: 2",
                                problem_on(1, 16, 12, false), LERAY_F32, &model),
                 LERAY_ERR_CONFIG, "6 points in y are not a multiple of 2^2");
    assert_fails(make_model_for(&leray_model_t1, "modes: 4, first_layer_only: true",
                                problem_on(1, 16, 12, false), LERAY_F32, &model),
                 LERAY_ERR_CONFIG, "belongs to init: published");
}

static double *view_of(leray_model *model, const char *name)
{
    leray_parameters *p = leray_model_parameters(model);

    for (int i = 0; i < p->n_views; i++)
        if (!strcmp(p->views[i].name, name)) return (double *)p->value + p->views[i].offset;
    fail_msg("no parameter %s", name);
    return NULL;
}

#define WIDTH 16
#define N 32
#define SEEDS 10

/* Variance of the field after all layers over that of the lifted field, white noise, with the
   lifting and the head made identities (the head up to 1e-10: sin of small numbers). */
static double growth(const char *yaml, uint32_t seed, bool periodic)
{
    static double x[WIDTH * N * N];
    leray_problem problem = problem_on(WIDTH, N, N, periodic);
    leray_config *cfg;
    leray_model *model;
    leray_tape *tape;
    leray_tensor *in, *out;
    double before = 0, after = 0;

    assert_ok(make_config(yaml, leray_model_t1.keys, NULL, &cfg));
    assert_ok(
        leray_model_create_type(&leray_model_t1, cfg, "s", &problem, seed, LERAY_F64, &model));
    leray_config_destroy(&cfg);
    memset(view_of(model, "lifting.bias"), 0, WIDTH * sizeof *x);
    for (int o = 0; o < WIDTH; o++)
        for (int i = 0; i < WIDTH; i++) {
            view_of(model, "lifting.weight")[o * WIDTH + i] = o == i;
            view_of(model, "head.0")[o * WIDTH + i] = o == i ? 1e-6 : 0;
            view_of(model, "head.1")[o * WIDTH + i] = o == i ? 1e6 : 0;
        }
    draw(seed, WIDTH * N * N, LERAY_F64, x);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    leray_tape_set_gradients(tape, false);
    assert_ok(leray_tape_input(tape, 4, (int[]){1, WIDTH, N, N}, x, &in));
    assert_ok(leray_model_predict(model, tape, in, &out));
    for (size_t i = 0; i < out->count; i++) {
        before += x[i] * x[i];
        after += ((double *)out->value)[i] * ((double *)out->value)[i];
    }
    leray_tape_destroy(&tape);
    leray_model_destroy(&model);
    return after / before;
}

static double mean_growth(const char *settings, bool periodic)
{
    char yaml[256];
    double sum = 0;

    snprintf(yaml, sizeof yaml, "width: %d, head: %d, layers: 8, grid: false, %s", WIDTH, WIDTH,
             settings);
    for (uint32_t seed = 1; seed <= SEEDS; seed++) sum += growth(yaml, seed, periodic);
    return sum / SEEDS;
}

/* Eight layers with sum and activation; the naive values leave the kept modes as they are, so that
   modes / points of the variance are left. */
static void test_initial_variance(void **state)
{
    double naive = 10 * 12 / (double)(N * N), measured;

    (void)state;
    assert_close(mean_growth("modes: [10, 12], init: variance", false), 1, 0.1);
    assert_close(mean_growth("modes: 24, init: variance, activation: tanh", false), 1, 0.1);
    assert_close(mean_growth("modes: 32, init: variance, activation: sin", false), 1, 0.1);
    assert_close(mean_growth("transform: dft, modes: [6, 8], activation: tanh", true), 1, 0.1);
    measured = mean_growth("modes: [10, 12], init: naive", false);
    assert_at_most(fabs(measured / naive - 1), 0.1);
    print_message("variance after over before 8 layers, %d x %d, modes 10 x 12, gelu, mean of %d "
                  "seeds:\n",
                  N, N, SEEDS);
    print_message("  variance %.3f, published %.3g, published first_layer_only %.3g, kaiming %.3g, "
                  "naive %.3g\n",
                  mean_growth("modes: [10, 12]", false),
                  mean_growth("modes: [10, 12], init: published", false),
                  mean_growth("modes: [10, 12], init: published, first_layer_only: true", false),
                  mean_growth("modes: [10, 12], init: kaiming", false), measured);
}

/* The example of the source: 64 x 64 points, 24 x 24 modes, width 48 give 0.385; naive 4.3e-4. */
static void test_published_deviation(void **state)
{
    static const struct {
        const char *init;
        double deviation;
    } t[] = {
        {"published", 0.385 },
        {"naive",     4.3e-4}
    };

    (void)state;
    for (int i = 0; i < 2; i++) {
        leray_model *model;
        char yaml[64];
        double sum = 0, *w;
        int n = 24 * 24 * 48 * 48;

        snprintf(yaml, sizeof yaml, "layers: 1, init: %s", t[i].init);
        assert_ok(
            make_model_for(&leray_model_t1, yaml, problem_on(1, 64, 64, false), LERAY_F64, &model));
        w = view_of(model, "layers.0.channels");
        for (int k = 0; k < n; k++) sum += w[k] * w[k];
        assert_at_most(fabs(sqrt(sum / n) / t[i].deviation - 1), 0.01);
        leray_model_destroy(&model);
    }
}

/* Targets whose energy per cosine is known: sample s is (1 + s) times the sum over modes of
   b(ky, kx) cosines of norm 1. */
#define TY 12
#define TX 16

static double amplitude(int ky, int kx) { return pow(0.5, ky) * pow(0.8, kx); }

static leray_status show(void *source, leray_target_visitor visit, void *context)
{
    static float y[TY * TX];

    (void)source;
    for (int s = 0; s < 3; s++) {
        for (int j = 0; j < TY; j++)
            for (int i = 0; i < TX; i++) {
                double sum = 0;

                for (int ky = 0; ky < TY; ky++)
                    for (int kx = 0; kx < TX; kx++)
                        sum += amplitude(ky, kx) * cos(TWO_PI * (j + 0.5) * ky / (2 * TY)) *
                               cos(TWO_PI * (i + 0.5) * kx / (2 * TX)) *
                               sqrt((ky ? 2. : 1.) / TY * (kx ? 2. : 1.) / TX);
                y[j * TX + i] = (float)((1 + s) * sum);
            }
        LERAY_TRY(visit(context, y, y));
    }
    return LERAY_OK;
}

static double truncation(const int *modes)
{
    double all = 0, outside = 0;

    for (int ky = 0; ky < TY; ky++)
        for (int kx = 0; kx < TX; kx++) {
            double e = amplitude(ky, kx) * amplitude(ky, kx);

            all += e;
            if (ky >= modes[0] || kx >= modes[1]) outside += e;
        }
    return sqrt(outside / all);
}

static int smallest_block(double tolerance)
{
    int best = TY * TX;

    for (int my = 1; my <= TY; my++)
        for (int mx = 1; mx <= TX; mx++)
            if (my * mx < best && truncation((int[]){my, mx}) <= tolerance) best = my * mx;
    return best;
}

static void test_modes_chosen_by_energy(void **state)
{
    leray_problem problem = problem_on(1, TY, TX, false);
    leray_targets targets = {NULL, show};
    leray_key key = {.name = "modes", .kind = LERAY_KIND_INTS, .min = 1, .max = 99, .unit = "1"};
    leray_section section = {
        "model", {&key, 1},
         NULL
    };
    leray_ints kept;
    leray_config *deck;

    (void)state;
    for (double tolerance = 0.5; tolerance > 0.005; tolerance /= 3) {
        leray_selection chosen = {"t1", LERAY_BASIS_COSINE, tolerance, 1, {0}};
        const int *modes = chosen.modes;

        assert_ok(leray_config_parse_text("t", "model: {modes: 3}", &deck));
        assert_ok(leray_selection_fit_settings(&chosen, &problem, &targets, deck, "model"));
        assert_ok(leray_config_resolve(deck, 1, &section));
        assert_ok(leray_config_read(deck, "model", section.keys, &kept));
        assert_int_equal(kept.count, 2);
        assert_true(kept.value[0] == modes[0] && kept.value[1] == modes[1]);
        leray_config_destroy(&deck);
        assert_at_most(truncation(modes), tolerance);
        for (int a = 0; a < 2; a++) { /* no axis can lose a mode */
            int fewer[2] = {modes[0], modes[1]};

            fewer[a]--;
            assert_true(fewer[a] == 0 || truncation(fewer) > tolerance);
        }
        assert_at_most(modes[0] * modes[1], 1.2 * smallest_block(tolerance));
        chosen.multiple = 4;
        assert_ok(leray_selection_fit_settings(&chosen, &problem, &targets, NULL, NULL));
        assert_true(modes[0] % 4 == 0 && modes[1] % 4 == 0);
        assert_at_most(truncation(modes), tolerance);
    }
}

/* A wave of ky = -3, kx = 2 needs the modes 3 and 3; ky = 3 needs 4, as rows are -m .. m - 1; in
   the column kx = 0 both are there. */
static leray_status show_wave(void *source, leray_target_visitor visit, void *context)
{
    static float y[TY * TX];
    const int *k = source;

    for (int j = 0; j < TY; j++)
        for (int i = 0; i < TX; i++)
            y[j * TX + i] =
                (float)cos(TWO_PI * (k[0] * (double)j / TY + k[1] * (double)i / TX) + 0.4);
    return visit(context, y, y);
}

static void test_fourier_modes_chosen(void **state)
{
    static const int waves[4][4] = {
        {-3, 2, 3, 3},
        {3,  2, 4, 3},
        {-3, 0, 4, 1},
        {0,  8, 1, 9}
    };
    leray_problem problem = problem_on(1, TY, TX, true);
    leray_targets lost = {(void *)(size_t)waves[2], show_wave};
    leray_selection coarse = {"t1", LERAY_BASIS_FOURIER, 0.8, 1, {0}};

    (void)state;
    for (int w = 0; w < 4; w++) {
        leray_targets targets = {(void *)(size_t)waves[w], show_wave};
        leray_selection chosen = {"t1", LERAY_BASIS_FOURIER, 1e-3, 1, {0}};

        assert_ok(leray_selection_fit_settings(&chosen, &problem, &targets, NULL, NULL));
        assert_int_equal(chosen.modes[0], waves[w][2]);
        assert_int_equal(chosen.modes[1], waves[w][3]);
    }
    /* With 3 modes the wave (3, 0) loses both rows: its error is 1, not sqrt(1/2). */
    assert_ok(leray_selection_fit_settings(&coarse, &problem, &lost, NULL, NULL));
    assert_int_equal(coarse.modes[0], 4);
    assert_fails(
        leray_selection_fit_settings(&(leray_selection){"t1", LERAY_BASIS_FOURIER, 1e-3, 1, {0}},
                                     &problem, NULL, NULL, NULL),
        LERAY_ERR_CONFIG, "a stream has none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolution_of_cosines),
        cmocka_unit_test(test_resolution_of_fourier_modes),
        cmocka_unit_test(test_grids),
        cmocka_unit_test(test_initial_variance),
        cmocka_unit_test(test_published_deviation),
        cmocka_unit_test(test_modes_chosen_by_energy),
        cmocka_unit_test(test_fourier_modes_chosen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
