/* tests/refine_refiner.c - frames that are made better, and what is said about their error. */
#include "refine_tools.h"

#include "core/threads.h"
#include "operators_make.h"

static const char forced[] = "{n: 32, nu: 2e-3, forcing: {type: fno, amplitude: 0.1}, "
                             "initial: {alpha: 2.5, tau: 7}, dt: 0.02, cfl: 0.5}";

static const leray_refine_settings usual = {.order = 6,
                                            .alpha = 1,
                                            .levels = 2,
                                            .steps = 8,
                                            .iterations = 150,
                                            .tolerance = 0.02,
                                            .residual = 1e-8};
static const leray_certify_settings cautious = {.iterations = 12, .tail = 1e-3, .safety = 1};

enum { GIVEN = 1, FRAMES = 20, N = 32 };

typedef struct claim { /* frames that are wrong by `error` */
    float truth[(GIVEN + FRAMES) * N * N], values[(GIVEN + FRAMES) * N * N];
} claim;

static double size_of(const float *x, const float *y, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += pow((double)x[i] - (y ? y[i] : 0), 2);
    return sqrt(sum);
}

static double error_of(const claim *c, int first, int frames)
{
    size_t at = (size_t)(GIVEN + first) * N * N, n = (size_t)frames * N * N;

    return size_of(c->values + at, c->truth + at, n) / size_of(c->truth + at, NULL, n);
}

/* A smooth error of a few modes that comes up over the window, of relative size `amount` or so. */
static void make_claim(const flow *f, double amount, claim *c)
{
    double scale = 0;

    for (size_t i = 0; i < (GIVEN + FRAMES) * N * N; i++)
        c->truth[i] = (float)f->values[i], scale += f->values[i] * f->values[i];
    scale = sqrt(scale / ((GIVEN + FRAMES) * N * N));
    for (int m = 0; m < GIVEN + FRAMES; m++)
        for (int p = 0; p < N * N; p++) {
            double y = 6.283185307179586 * (p / N) / N, x = 6.283185307179586 * (p % N) / N;
            double t = m < GIVEN ? 0 : (m - GIVEN + 1.0) / FRAMES;
            double e = sin(3 * t) * cos(x - 2 * y) + t * cos(2 * x + y + 5 * t) +
                       0.5 * t * sin(4 * x - 3 * y);

            c->values[m * N * N + p] = c->truth[m * N * N + p] + (float)(amount * scale * e);
        }
}

static leray_refiner *make_refiner(const flow *f, const leray_refine_settings *set)
{
    leray_refine_shape shape = {
        {N, N},
        GIVEN, FRAMES, f->interval
    };
    leray_refiner *s;

    assert_ok(leray_refiner_create(&f->equation, set, &shape, &s));
    return s;
}

/* Frames that are a tenth wrong become those of the solver, but for what the spacing hides; BiCGStab needs a
   small part of the iterations that LSQR does. */
static void frames_become_the_solvers(void **state)
{
    static const int most[] = {
        [LERAY_KRYLOV_BICGSTAB] = 60,
        [LERAY_KRYLOV_LSQR] = 4000,
    };
    flow f = make_flow(forced, 3, 0.15, GIVEN + FRAMES, 4);
    claim *c;

    (void)state;
    assert_ok(LERAY_ALLOC(&c, 1));
    for (int krylov = LERAY_KRYLOV_BICGSTAB; krylov <= LERAY_KRYLOV_LSQR; krylov++) {
        leray_refine_settings set = usual;
        leray_refine_report report;
        leray_refiner *s;
        double before;

        set.krylov = krylov;
        make_claim(&f, 0.1, c);
        before = error_of(c, 0, FRAMES);
        s = make_refiner(&f, &set);
        assert_ok(leray_refiner_load(s, c->values));
        assert_ok(leray_refiner_run(s, NULL, NULL, &report));
        leray_refiner_store(s, c->values + GIVEN * N * N);
        print_message("error %.3g -> %.3g, residual %.3g -> %.3g, correction %.3g, %d steps, %d "
                      "iterations, %.3g s\n",
                      before, error_of(c, 0, FRAMES), report.before.relative, report.after.relative,
                      report.correction, report.steps, report.iterations, report.seconds);
        assert_true(before > 0.05);
        assert_at_most(error_of(c, 0, FRAMES), 2e-5);
        assert_close(report.correction, before, 0.01 * before);
        assert_at_most(report.iterations, most[krylov]);
        leray_refiner_destroy(&s);
    }
    leray_mem_free(c);
    free_flow(&f);
    assert_int_equal(leray_mem_live(), 0);
}

/* The same problem by other methods. */
static void optimizers_do_it_too(void **state)
{
    static const struct {
        const leray_optimizer_type *type;
        const char *yaml;
        int steps;
        double gain;
    } way[] = {
        {&leray_optimizer_lbfgs, "optimizer: {iterations: 60, history: 20}", 3,   20},
        {&leray_optimizer_adamw, "optimizer: {lr: 3e-4, weight_decay: 0}",   600, 5 },
    };
    flow f = make_flow(forced, 3, 0.15, GIVEN + FRAMES, 4);
    claim *c;

    (void)state;
    assert_ok(LERAY_ALLOC(&c, 1));
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        leray_refine_settings set = usual;
        leray_config *cfg;
        leray_refine_report report;
        leray_refiner *s;
        double before;
        leray_section tables[] = {
            {.name = "optimizer", .keys = way[i].type->keys   },
            {.name = "optimizer", .keys = leray_optimizer_keys}
        };

        set.method = LERAY_REFINE_OPTIMIZER, set.steps = way[i].steps, set.levels = 1;
        assert_ok(leray_config_parse_text("test", way[i].yaml, &cfg));
        assert_ok(leray_config_resolve(cfg, 2, tables));
        make_claim(&f, 0.05, c);
        before = error_of(c, 0, FRAMES);
        s = make_refiner(&f, &set);
        assert_ok(leray_refiner_load(s, c->values));
        assert_ok(leray_refiner_run(s, way[i].type, cfg, &report));
        leray_refiner_store(s, c->values + GIVEN * N * N);
        print_message("%s: error %.3g -> %.3g, residual %.3g -> %.3g, %.3g s\n",
                      way[i].type->summary, before, error_of(c, 0, FRAMES), report.before.relative,
                      report.after.relative, report.seconds);
        assert_at_most(error_of(c, 0, FRAMES), before / way[i].gain);
        leray_refiner_destroy(&s);
        leray_config_destroy(&cfg);
    }
    leray_mem_free(c);
    free_flow(&f);
    assert_int_equal(leray_mem_live(), 0);
}

/* The estimate follows the error over four decades, also where it is larger than the flow; of the
   solver's own frames it is small. */
static void estimates_follow_errors(void **state)
{
    static const double amount[] = {5, 3, 1, 0.3, 0.1, 0.01, 1e-3, 0};
    flow f = make_flow(forced, 3, 0.15, GIVEN + FRAMES, 4);
    leray_refiner *s = make_refiner(&f, &usual);
    leray_certificate found;
    claim *c;

    (void)state;
    assert_ok(LERAY_ALLOC(&c, 1));
    for (int i = 0; i < 8; i++) {
        double error, end;

        make_claim(&f, amount[i], c);
        error = error_of(c, 0, FRAMES), end = error_of(c, FRAMES - 1, 1);
        assert_ok(leray_refiner_load(s, c->values));
        assert_ok(leray_refiner_certify(s, &cautious, NULL, FRAMES, NULL, &found));
        print_message("true %.3g estimate %.3g; at the end %.3g, %.3g; residual %.2g, constant "
                      "%.3g, left %.2g, truncation %.2g\n",
                      error, found.estimate, end, found.end, found.residual.relative,
                      found.constant, found.left, found.residual.truncation);
        if (amount[i] == 0) assert_at_most(found.estimate, 1.1e-3);
        if (amount[i] == 0) continue;
        assert_true(found.estimate / error > 0.85 && found.estimate / error < 2);
        assert_true(found.end / end > 0.7 && found.end / end < 2.5);
    }
    leray_mem_free(c);
    leray_refiner_destroy(&s);
    free_flow(&f);
    assert_int_equal(leray_mem_live(), 0);
}

/* Frames of the solver that start from a wrong frame have no residual; the error that they carry from it
   is seen all the same. */
static void inherited_errors_are_carried(void **state)
{
    flow f = make_flow(forced, 3, 0.15, GIVEN + FRAMES, 4);
    leray_refiner *s = make_refiner(&f, &usual);
    leray_frame frame;
    leray_frame_field field;
    leray_grid grid;
    leray_certificate found;
    double *start;
    float *e, *left, *true_left;
    claim *c;

    (void)state;
    assert_ok(LERAY_ALLOC(&c, 1));
    assert_ok(LERAY_ALLOC(&start, N * N));
    assert_ok(LERAY_ALLOC(&e, 3 * N * N));
    left = e + N * N, true_left = e + 2 * N * N;
    make_claim(&f, 0, c);
    for (int p = 0; p < N * N; p++) {
        double y = 6.283185307179586 * (p / N) / N, x = 6.283185307179586 * (p % N) / N;

        e[p] = (float)(0.02 * cos(2 * x - y) + 0.01 * sin(3 * y));
        start[p] = c->truth[p] - e[p];
        c->values[p] = (float)start[p];
    }
    grid = leray_grid_periodic(2, (int[]){N, N}, (double[]){1, 1});
    field = (leray_frame_field){"vorticity", "1", start};
    frame = (leray_frame){.grid = &grid, .count = N, .nfields = 1, .field = &field};
    assert_ok(leray_solver_start_from(f.solver, &frame));
    for (int m = 1; m <= FRAMES; m++) {
        assert_ok(leray_solver_advance(f.solver, m * f.interval));
        leray_solver_frame(f.solver, &frame);
        for (int p = 0; p < N * N; p++) c->values[m * N * N + p] = (float)frame.field[0].values[p];
    }
    assert_ok(leray_refiner_load(s, c->values));
    assert_ok(leray_refiner_certify(s, &cautious, e, FRAMES, left, &found));
    for (int p = 0; p < N * N; p++)
        true_left[p] = c->truth[FRAMES * N * N + p] - c->values[FRAMES * N * N + p];
    print_message("inherited: true %.3g, estimate %.3g; field off by %.3g\n",
                  error_of(c, FRAMES - 1, 1), found.end,
                  size_of(left, true_left, N * N) / size_of(true_left, NULL, N * N));
    assert_at_most(size_of(left, true_left, N * N), 0.15 * size_of(true_left, NULL, N * N));
    assert_true(found.end > 0.85 * error_of(c, FRAMES - 1, 1));
    leray_mem_free(e);
    leray_mem_free(start);
    leray_mem_free(c);
    leray_refiner_destroy(&s);
    free_flow(&f);
    assert_int_equal(leray_mem_live(), 0);
}

/* Threads change no bit. */
static void same_bits_on_any_threads(void **state)
{
    flow f = make_flow(forced, 3, 0.15, GIVEN + FRAMES, 4);
    claim *c[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        leray_refiner *s;
        leray_refine_report report;

        leray_threads_set(1 + 2 * i);
        assert_ok(LERAY_ALLOC(&c[i], 1));
        make_claim(&f, 0.1, c[i]);
        s = make_refiner(&f, &usual);
        assert_ok(leray_refiner_load(s, c[i]->values));
        assert_ok(leray_refiner_run(s, NULL, NULL, &report));
        leray_refiner_store(s, c[i]->values + GIVEN * N * N);
        leray_refiner_destroy(&s);
    }
    leray_threads_set(1);
    assert_memory_equal(c[0]->values, c[1]->values, sizeof c[0]->values);
    leray_mem_free(c[0]);
    leray_mem_free(c[1]);
    free_flow(&f);
}

static void failing_allocations(void **state)
{
    flow f = make_flow(forced, 0, 0.15, GIVEN + FRAMES, 1);
    leray_refine_shape shape = {
        {N, N},
        GIVEN, FRAMES, f.interval
    };
    long live = leray_mem_live();
    leray_status status = LERAY_ERR_MEMORY;

    (void)state;
    for (int k = 1; status == LERAY_ERR_MEMORY; k++) {
        leray_refiner *s = NULL;

        leray_mem_fail_at(k);
        status = leray_refiner_create(&f.equation, &usual, &shape, &s);
        leray_mem_fail_at(0);
        leray_refiner_destroy(&s);
        assert_int_equal(leray_mem_live(), live);
    }
    assert_int_equal(status, LERAY_OK);
    free_flow(&f);
}

static void refusals(void **state)
{
    flow f = make_flow(forced, 0, 0.15, GIVEN + FRAMES, 1);
    leray_refine_shape few =
                           {
                               {N, N},
                               1, 5, 0.1
    },
                       coarse = {{16, N}, 1, 20, 0.1};
    leray_refiner *s;
    claim *c;

    (void)state;
    assert_fails(leray_refiner_create(&f.equation, &usual, &few, &s), LERAY_ERR_CONFIG,
                 "needs 7 frames, there are 6");
    assert_fails(leray_refiner_create(&f.equation, &usual, &coarse, &s), LERAY_ERR_CONFIG,
                 "need more than 20 points");
    assert_ok(LERAY_ALLOC(&c, 1));
    make_claim(&f, 0, c);
    c->values[5 * N * N + 7] = NAN;
    s = make_refiner(&f, &usual);
    assert_fails(leray_refiner_load(s, c->values), LERAY_ERR_DATA, "frame 5");
    leray_mem_free(c);
    leray_refiner_destroy(&s);
    free_flow(&f);
    assert_int_equal(leray_mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_become_the_solvers),
        cmocka_unit_test(optimizers_do_it_too),
        cmocka_unit_test(estimates_follow_errors),
        cmocka_unit_test(inherited_errors_are_carried),
        cmocka_unit_test(same_bits_on_any_threads),
        cmocka_unit_test(failing_allocations),
        cmocka_unit_test(refusals),
    };

    leray_threads_set(1); /* small problems, run beside other tests */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
