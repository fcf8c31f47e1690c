/* tests/operators_optimizers.c - every row of operators/optimizers.def, and the keys that all of
   them have: clipping, noise, the running mean. */
#include "operators_weights.h"

#include "core/threads.h"

static const leray_optimizer_type *const optimizers[] = {
#define LERAY_OPTIMIZER(id) &leray_optimizer_##id,
#include "operators/optimizers.def"
#undef LERAY_OPTIMIZER
};

#define COUNT ((int)(sizeof optimizers / sizeof optimizers[0]))

/* Common keys at work; those that evaluate their objective take neither clipping nor noise. */
static const char *common(const leray_optimizer_type *type)
{
    return type->evaluates ? "average: 0.9" : "clip: 10, noise: 0.01, average: 0.9";
}

/* All go down a bowl, and give the same bits for any number of threads. */
static void test_descent(void **state)
{
    int threads = leray_threads();

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        weights one, two;
        double norm, first = 0;

        assert_ok(start(&one, optimizers[i], LERAY_F32, ""));
        assert_ok(start(&two, optimizers[i], LERAY_F32, ""));
        for (int s = 0; s < 200; s++) {
            gradient(&one);
            gradient(&two);
            leray_threads_set(1);
            assert_ok(step(&one, 1, &norm));
            leray_threads_set(3);
            assert_ok(step(&two, 1, NULL));
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

/* Weights, arrays and the number of steps are the whole state, with the common keys at work. */
static void test_restart(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        weights a, b;
        leray_named_array *from, *to;
        int n, m;

        assert_ok(start(&a, optimizers[i], LERAY_F32, common(optimizers[i])));
        assert_ok(start(&b, optimizers[i], LERAY_F32, common(optimizers[i])));
        for (int s = 0; s < 5; s++) {
            gradient(&a);
            assert_ok(step(&a, 0.7, NULL));
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
            assert_ok(step(&a, 0.7, NULL));
            assert_ok(step(&b, 0.7, NULL));
        }
        assert_memory_equal(a.p.value, b.p.value, WEIGHTS * sizeof(float));
        for (int j = 0; j < n; j++)
            assert_memory_equal(from[j].data, to[j].data, WEIGHTS * sizeof(float));
        finish(&b);
        finish(&a);
    }
}

/* One step of AdamW by hand; with the first gradient g, m / sqrt(v) is its sign. */
static void test_adamw_first_step(void **state)
{
    weights w;
    double before;

    (void)state;
    assert_ok(start(&w, &leray_optimizer_adamw, LERAY_F64,
                    "lr: 0.5, weight_decay: 0.1, epsilon: 0, beta1: 0.8, beta2: 0.9"));
    before = weight_at(&w, 5);
    gradient(&w);
    assert_ok(step(&w, 0.4, NULL));
    assert_close(weight_at(&w, 5), before * (1 - 0.2 * 0.1) + 0.2, 1e-14);
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
        assert_ok(step(&clipped, 1, &norm));
        assert_close(norm, exact, 1e-13);
        assert_ok(step(&scaled, 1, &norm));
        assert_close(norm, 2.5, 1e-13);
        for (size_t i = 0; i < WEIGHTS; i++)
            assert_close(weight_at(&clipped, i), weight_at(&scaled, i), 1e-13);
    }
    finish(&scaled);
    finish(&clipped);
}

/* Without a gradient, plain descent with rate 1 shows the noise itself. */
static void test_noise(void **state)
{
    weights w;
    double first = 0;

    (void)state;
    assert_ok(start(&w, &leray_optimizer_sgd, LERAY_F64, "lr: 1, noise: 0.3, noise_decay: 2"));
    for (int t = 1; t <= 3; t++) {
        static double before[WEIGHTS];
        double mean = 0, square = 0, variance = 0.3 / ((1 + t) * (1 + t));

        memcpy(before, w.p.value, sizeof before);
        for (size_t i = 0; i < WEIGHTS; i++) set_gradient(&w, i, 0);
        assert_ok(step(&w, 1, NULL));
        for (size_t i = 0; i < WEIGHTS; i++) {
            double n = before[i] - weight_at(&w, i);

            mean += n / WEIGHTS;
            square += n * n / WEIGHTS;
        }
        assert_at_most(fabs(mean), 4 * sqrt(variance / WEIGHTS));
        assert_at_most(fabs(square / variance - 1), 4 * sqrt(2. / WEIGHTS));
        assert_true(before[0] - weight_at(&w, 0) != first); /* other numbers in each step */
        first = before[0] - weight_at(&w, 0);
    }
    finish(&w);
}

/* a = w_1, then 0.75 a + 0.25 w; the exchange changes places, twice nothing. */
static void test_average(void **state)
{
    weights w;
    double average = 0, last;

    (void)state;
    assert_ok(start(&w, &leray_optimizer_sgd, LERAY_F64, "lr: 0.1, average: 0.75"));
    last = weight_at(&w, 39999);
    leray_optimizer_exchange_average(w.optimizer); /* no mean yet */
    assert_true(weight_at(&w, 39999) == last);
    for (int s = 0; s < 6; s++) {
        gradient(&w);
        assert_ok(step(&w, 1, NULL));
        last = weight_at(&w, 39999);
        average = s == 0 ? last : 0.75 * average + 0.25 * last;
    }
    leray_optimizer_exchange_average(w.optimizer);
    assert_close(weight_at(&w, 39999), average, 1e-15);
    leray_optimizer_exchange_average(w.optimizer);
    assert_true(weight_at(&w, 39999) == last);
    finish(&w);
}

/* The first array in the order of declaration is named; nothing has changed. */
static void test_not_finite(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        weights w;
        double before;

        assert_ok(start(&w, optimizers[i], LERAY_F32, ""));
        before = weight_at(&w, 0);
        gradient(&w);
        set_gradient(&w, WEIGHTS - 1, NAN);
        assert_fails(step(&w, 1, NULL), LERAY_ERR_DIVERGED, "gradient of last");
        set_gradient(&w, 7, -INFINITY);
        assert_fails(step(&w, 1, NULL), LERAY_ERR_DIVERGED, "gradient of first");
        assert_int_equal(leray_optimizer_steps(w.optimizer), 0);
        assert_true(weight_at(&w, 0) == before);
        finish(&w);
    }
}

static void test_refusals(void **state)
{
    weights w;

    (void)state;
    assert_fails(start(&w, &leray_optimizer_sgd, LERAY_F32, "nesterov: true"), LERAY_ERR_CONFIG,
                 "momentum above 0");
    finish(&w);
    assert_fails(start(&w, &leray_optimizer_lbfgs, LERAY_F32, "clip: 1"), LERAY_ERR_CONFIG,
                 "clip and noise");
    finish(&w);
    assert_ok(start(&w, &leray_optimizer_lbfgs, LERAY_F32, ""));
    gradient(&w);
    assert_fails(leray_optimizer_step(w.optimizer, NULL, 1, NULL), LERAY_ERR_ARG, "objective");
    finish(&w);
}

static void test_failing_allocations(void **state)
{
    long live = leray_mem_live();

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        leray_status status = LERAY_ERR_MEMORY;

        for (long k = 1; status; k++) {
            weights w;

            leray_mem_fail_at(k);
            status = start(&w, optimizers[i], LERAY_F64, common(optimizers[i]));
            leray_mem_fail_at(0);
            if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
            finish(&w);
            assert_int_equal(leray_mem_live(), live);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descent),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_adamw_first_step),
        cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_average),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
