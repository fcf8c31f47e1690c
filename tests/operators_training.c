/* tests/operators_training.c - losses, optimizers and schedules: every row of their lists, and
   the closed forms of each. */
#include "check.h"

#include "core/threads.h"
#include "operators_make.h"

static const leray_loss_type *const losses[] = {
#define LERAY_LOSS(id) &leray_loss_##id,
#include "operators/losses.def"
#undef LERAY_LOSS
};

static const leray_optimizer_type *const optimizers[] = {
#define LERAY_OPTIMIZER(id) &leray_optimizer_##id,
#include "operators/optimizers.def"
#undef LERAY_OPTIMIZER
};

static const leray_schedule_type *const schedules[] = {
#define LERAY_SCHEDULE(id) &leray_schedule_##id,
#include "operators/schedules.def"
#undef LERAY_SCHEDULE
};

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))
#define SHAPE ((int[]){2, 3, 4, 5})
#define FIELD 120
#define WEIGHTS 40000 /* more than one block of the sums */

static double loss_at(const leray_loss *loss, leray_tape *tape, double *p, double *g, double *t)
{
    leray_tensor *tp, *tt, *scalar;

    leray_tape_reset(tape);
    assert_ok(leray_tape_parameter(tape, 4, SHAPE, p, g, &tp));
    assert_ok(leray_tape_input(tape, 4, SHAPE, t, &tt));
    assert_ok(leray_loss_apply(loss, tape, tp, tt, &scalar));
    assert_int_equal(scalar->count, 1);
    if (g) assert_ok(leray_tape_backward(tape, scalar));
    return leray_tensor_scalar(scalar);
}

static void test_losses(void **state)
{
    double p[FIELD], t[FIELD], g[FIELD];
    leray_tape *tape;

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    for (int i = 0; i < COUNT(losses); i++) {
        leray_tensor *a, *b, *scalar;
        leray_loss *loss;

        assert_ok(make_loss(losses[i], "", &loss));
        memset(g, 0, sizeof g);
        loss_at(loss, tape, p, g, t);
        for (int e = 0; e < FIELD; e += 7) {
            double at = p[e], up, down;

            p[e] = at + 1e-5, up = loss_at(loss, tape, p, NULL, t);
            p[e] = at - 1e-5, down = loss_at(loss, tape, p, NULL, t);
            p[e] = at;
            assert_at_most(fabs((up - down) / 2e-5 - g[e]), 1e-9);
        }
        assert_close(loss_at(loss, tape, t, NULL, t), 0, 0); /* the least value, at p = t */
        memset(g, 0, sizeof g);
        loss_at(loss, tape, t, g, t);
        for (int e = 0; e < FIELD; e++) assert_true(g[e] == 0);
        assert_ok(leray_tape_input(tape, 4, SHAPE, p, &a));
        assert_ok(leray_tape_input(tape, 4, (int[]){2, 3, 5, 4}, t, &b));
        assert_fails(leray_loss_apply(loss, tape, a, b, &scalar), LERAY_ERR_ARG, "shapes");
        leray_loss_destroy(&loss);
        assert_null(loss);
    }
    leray_tape_destroy(&tape);
}

/* A loss per sample, averaged: scaling one sample by 2 does not change the relative one. */
static void test_relative_is_per_sample(void **state)
{
    double p[FIELD], t[FIELD], before;
    leray_loss *relative, *mse;
    leray_tape *tape;

    (void)state;
    draw(0, FIELD, LERAY_F64, p);
    draw(1, FIELD, LERAY_F64, t);
    assert_ok(leray_tape_create(LERAY_F64, &tape));
    assert_ok(make_loss(&leray_loss_relative_l2, "", &relative));
    assert_ok(make_loss(&leray_loss_mse, "", &mse));
    before = loss_at(relative, tape, p, NULL, t);
    for (int i = 0; i < FIELD / 2; i++) p[i] *= 2, t[i] *= 2;
    assert_close(loss_at(relative, tape, p, NULL, t), before, 1e-14);
    for (int i = 0; i < FIELD; i++) p[i] = t[i] + 0.5;
    assert_close(loss_at(mse, tape, p, NULL, t), 0.25, 1e-14);
    leray_loss_destroy(&mse);
    leray_loss_destroy(&relative);
    leray_tape_destroy(&tape);
}

typedef struct weights {
    leray_parameters p;
    leray_optimizer *optimizer;
} weights;

static leray_status start(weights *w, const leray_optimizer_type *type, leray_dtype dtype,
                          const char *yaml)
{
    int index;

    memset(w, 0, sizeof *w);
    w->p.dtype = dtype;
    LERAY_TRY(leray_parameters_declare(&w->p, "w", false, 1, (int[]){WEIGHTS},
                                       (leray_initial){-1, 1}, &index));
    LERAY_TRY(leray_parameters_allocate(&w->p));
    leray_parameters_draw(&w->p, 3);
    LERAY_TRY(make_optimizer(type, yaml, &w->p, &w->optimizer));
    return LERAY_OK;
}

static void finish(weights *w)
{
    leray_optimizer_destroy(&w->optimizer);
    leray_parameters_fini(&w->p);
}

/* The gradient of sum (w - 1)^2 / 2. */
static void gradient(weights *w)
{
    for (size_t i = 0; i < w->p.count; i++) {
        if (w->p.dtype == LERAY_F32) ((float *)w->p.grad)[i] = ((float *)w->p.value)[i] - 1;
        else ((double *)w->p.grad)[i] = ((double *)w->p.value)[i] - 1;
    }
}

/* All go down a bowl, and give the same bits for any number of threads. */
static void test_optimizers(void **state)
{
    int threads = leray_threads();

    (void)state;
    for (int i = 0; i < COUNT(optimizers); i++) {
        weights one, two;
        double norm, first = 0;

        assert_ok(start(&one, optimizers[i], LERAY_F32, ""));
        assert_ok(start(&two, optimizers[i], LERAY_F32, ""));
        for (int s = 0; s < 200; s++) {
            gradient(&one);
            gradient(&two);
            leray_threads_set(1);
            assert_ok(leray_optimizer_step(one.optimizer, 1, &norm));
            leray_threads_set(3);
            assert_ok(leray_optimizer_step(two.optimizer, 1, NULL));
            if (s == 0) first = norm;
        }
        assert_true(norm < 0.9 * first);
        assert_memory_equal(one.p.value, two.p.value, WEIGHTS * sizeof(float));
        assert_int_equal(leray_optimizer_steps(one.optimizer), 200);
        finish(&two);
        finish(&one);
    }
    leray_threads_set(threads);
}

/* Weights, arrays and the number of steps are the whole state. */
static void test_optimizer_restart(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(optimizers); i++) {
        weights a, b;
        leray_named_array *from, *to;
        int n, m;

        assert_ok(start(&a, optimizers[i], LERAY_F32, "clip: 10"));
        assert_ok(start(&b, optimizers[i], LERAY_F32, "clip: 10"));
        for (int s = 0; s < 5; s++) {
            gradient(&a);
            assert_ok(leray_optimizer_step(a.optimizer, 0.7, NULL));
        }
        memcpy(b.p.value, a.p.value, WEIGHTS * sizeof(float));
        from = leray_optimizer_state(a.optimizer, &n);
        to = leray_optimizer_state(b.optimizer, &m);
        assert_int_equal(n, m);
        for (int j = 0; j < n; j++) {
            assert_string_equal(from[j].name, to[j].name);
            memcpy(to[j].data, from[j].data, from[j].count * leray_dtype_size(from[j].dtype));
        }
        leray_optimizer_set_steps(b.optimizer, leray_optimizer_steps(a.optimizer));
        for (int s = 0; s < 5; s++) {
            gradient(&a);
            gradient(&b);
            assert_ok(leray_optimizer_step(a.optimizer, 0.7, NULL));
            assert_ok(leray_optimizer_step(b.optimizer, 0.7, NULL));
        }
        assert_memory_equal(a.p.value, b.p.value, WEIGHTS * sizeof(float));
        finish(&b);
        finish(&a);
    }
}

/* One step of AdamW by hand; with the first gradient g, m / sqrt(v) is its sign. */
static void test_adamw_first_step(void **state)
{
    weights w;
    double before, norm;

    (void)state;
    assert_ok(start(&w, &leray_optimizer_adamw, LERAY_F64,
                    "lr: 0.5, weight_decay: 0.1, epsilon: 0, beta1: 0.8, beta2: 0.9"));
    before = ((double *)w.p.value)[5];
    gradient(&w);
    assert_ok(leray_optimizer_step(w.optimizer, 0.4, &norm));
    assert_close(((double *)w.p.value)[5], before * (1 - 0.2 * 0.1) + 0.2, 1e-14);
    finish(&w);
}

/* Clipping by c is the same as a gradient scaled to norm c; below c nothing happens. */
static void test_clipping(void **state)
{
    weights clipped, scaled;
    double norm, exact = 0;

    (void)state;
    assert_ok(start(&clipped, &leray_optimizer_adamw, LERAY_F64, "clip: 2.5, epsilon: 1e-3"));
    assert_ok(start(&scaled, &leray_optimizer_adamw, LERAY_F64, "epsilon: 1e-3"));
    for (int s = 0; s < 3; s++) {
        gradient(&clipped);
        exact = 0;
        for (int i = 0; i < WEIGHTS; i++) exact += pow(((double *)clipped.p.grad)[i], 2);
        exact = sqrt(exact);
        for (int i = 0; i < WEIGHTS; i++)
            ((double *)scaled.p.grad)[i] = ((double *)clipped.p.grad)[i] * (2.5 / exact);
        assert_ok(leray_optimizer_step(clipped.optimizer, 1, &norm));
        assert_close(norm, exact, 1e-13);
        assert_ok(leray_optimizer_step(scaled.optimizer, 1, &norm));
        assert_close(norm, 2.5, 1e-13);
        for (int i = 0; i < WEIGHTS; i++)
            assert_close(((double *)clipped.p.value)[i], ((double *)scaled.p.value)[i], 1e-13);
    }
    finish(&scaled);
    finish(&clipped);
}

static void test_not_finite(void **state)
{
    weights w;
    double before;

    (void)state;
    assert_ok(start(&w, &leray_optimizer_adamw, LERAY_F32, ""));
    before = (double)((float *)w.p.value)[0];
    ((float *)w.p.grad)[WEIGHTS - 1] = NAN;
    assert_fails(leray_optimizer_step(w.optimizer, 1, NULL), LERAY_ERR_DIVERGED, "not finite");
    assert_int_equal(leray_optimizer_steps(w.optimizer), 0);
    assert_true((double)((float *)w.p.value)[0] == before);
    finish(&w);
}

static double factor_of(const leray_schedule_type *type, const char *yaml, int64_t step)
{
    leray_schedule *schedule;
    double factor;

    assert_ok(make_schedule(type, yaml, &schedule));
    factor = leray_schedule_factor(schedule, step, 1000);
    leray_schedule_destroy(&schedule);
    assert_null(schedule);
    return factor;
}

static void test_schedules(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(schedules); i++) {
        assert_close(factor_of(schedules[i], "", 0), 1, 0);
        assert_close(factor_of(schedules[i], "warmup: 0.1", 0), 1. / 101, 1e-15);
        assert_close(factor_of(schedules[i], "warmup: 0.1", 99), 100. / 101, 1e-15);
        assert_close(factor_of(schedules[i], "warmup: 0.1", 100), 1, 0);
        for (int64_t s = 1; s < 1000; s++) {
            double f = factor_of(schedules[i], "", s);

            assert_true(f > 0 && f <= factor_of(schedules[i], "", s - 1));
        }
    }
    assert_close(factor_of(&leray_schedule_constant, "", 999), 1, 0);
    assert_close(factor_of(&leray_schedule_cosine, "", 500), 0.5, 1e-15);
    assert_close(factor_of(&leray_schedule_cosine, "final: 0.2", 250),
                 0.2 + 0.8 * (1 + sqrt(0.5)) / 2, 1e-15);
    assert_close(factor_of(&leray_schedule_cosine, "warmup: 0.2", 600), 0.5, 1e-15);
    assert_close(factor_of(&leray_schedule_step, "every: 0.1, decay: 0.5", 299), 0.25, 1e-15);
    assert_close(factor_of(&leray_schedule_step, "every: 0.1, decay: 0.5", 300), 0.125, 1e-15);
    assert_close(factor_of(&leray_schedule_step, "every: 0.1, decay: 0.5, warmup: 0.5", 550), 0.5,
                 1e-15);
}

static leray_status make_all(int i, weights *w, leray_loss **loss, leray_schedule **schedule)
{
    LERAY_TRY(start(w, optimizers[i % COUNT(optimizers)], LERAY_F64, ""));
    LERAY_TRY(make_loss(losses[i % COUNT(losses)], "", loss));
    LERAY_TRY(make_schedule(schedules[i % COUNT(schedules)], "", schedule));
    return LERAY_OK;
}

static void test_failing_allocations(void **state)
{
    long live = leray_mem_live();

    (void)state;
    for (int i = 0; i < COUNT(optimizers) * COUNT(losses) * COUNT(schedules); i++) {
        leray_status status = LERAY_ERR_MEMORY;

        for (long k = 1; status; k++) {
            weights w = {0};
            leray_loss *loss = NULL;
            leray_schedule *schedule = NULL;

            leray_mem_fail_at(k);
            status = make_all(i, &w, &loss, &schedule);
            leray_mem_fail_at(0);
            if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
            leray_schedule_destroy(&schedule);
            leray_loss_destroy(&loss);
            finish(&w);
            assert_int_equal(leray_mem_live(), live);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_relative_is_per_sample),
        cmocka_unit_test(test_optimizers),
        cmocka_unit_test(test_optimizer_restart),
        cmocka_unit_test(test_adamw_first_step),
        cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
