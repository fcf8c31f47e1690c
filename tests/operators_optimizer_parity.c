/* tests/operators_optimizer_parity.c - ten steps of each optimizer against PyTorch, or against the
   paper's algorithm written in it: tools/parity/optimizers.py has the numbers and the problem. */
#include "fixture.h"
#include "operators_make.h"

#define N 23
#define STEPS 10

static const struct {
    const char *name, *yaml;
    const leray_optimizer_type *type;
} cases[] = {
    {"sgd",      "lr: 0.1",                                                            &leray_optimizer_sgd  },
    {"momentum", "lr: 0.1, momentum: 0.9",                                             &leray_optimizer_sgd  },
    {"nesterov", "lr: 0.1, momentum: 0.9, nesterov: true",                             &leray_optimizer_sgd  },
    {"decay",    "lr: 0.1, weight_decay: 0.05",                                        &leray_optimizer_sgd  },
    {"all",      "lr: 0.1, momentum: 0.8, nesterov: true, weight_decay: 0.05",         &leray_optimizer_sgd  },
    {"adamw",    "lr: 0.05, beta1: 0.8, beta2: 0.95, weight_decay: 0.1",               &leray_optimizer_adamw},
    {"lamb",     "lr: 0.05, beta1: 0.8, beta2: 0.95, weight_decay: 0.1",               &leray_optimizer_lamb },
    {"clip",     "lr: 0.1, momentum: 0.9, clip: 0.7",                                  &leray_optimizer_sgd  },
    {"average",  "lr: 0.05, beta1: 0.8, beta2: 0.95, weight_decay: 0.1, average: 0.8",
     &leray_optimizer_adamw                                                                                  },
};

static const double *numbers(const fixture *f, const char *name)
{
    size_t count = 0;
    const double *x = fixture_find(f, name, &count);

    if (!x) fail_msg("the fixture lacks '%s'", name);
    assert_int_equal(count, N);
    return x;
}

static double get(const leray_parameters *p, int i)
{
    return p->dtype == LERAY_F32 ? (double)((float *)p->value)[i] : ((double *)p->value)[i];
}

static void put(const leray_parameters *p, void *array, int i, double x)
{
    if (p->dtype == LERAY_F32) ((float *)array)[i] = (float)x;
    else ((double *)array)[i] = x;
}

static void check(const fixture *f, int which, leray_dtype dtype, double tolerance)
{
    const double *w = numbers(f, "start"), *t = numbers(f, "t"), *c = numbers(f, "c"),
                 *end = numbers(f, cases[which].name);
    leray_parameters p = {.dtype = dtype};
    leray_optimizer *optimizer;
    double worst = 0;
    int index;

    assert_ok(leray_parameters_declare(&p, "a", false, 2, (int[]){5, 3}, leray_initial_constant(0),
                                       &index));
    assert_ok(leray_parameters_declare(&p, "b", true, 2, (int[]){4, 2}, leray_initial_constant(0),
                                       &index));
    assert_ok(leray_parameters_allocate(&p));
    for (int i = 0; i < N; i++) put(&p, p.value, i, w[i]);
    assert_ok(make_optimizer(cases[which].type, cases[which].yaml, &p, &optimizer));
    for (int s = 0; s < STEPS; s++) {
        for (int i = 0; i < N; i++)
            put(&p, p.grad, i, c[i] * (get(&p, i) - t[i]) + cos(get(&p, i)));
        assert_ok(leray_optimizer_step(optimizer, NULL, 1, NULL));
    }
    leray_optimizer_exchange_average(optimizer);
    for (int i = 0; i < N; i++) worst = fmax(worst, fabs(get(&p, i) - end[i]));
    if (!(worst <= tolerance)) fail_msg("%s: off by %.3g", cases[which].name, worst);
    leray_optimizer_destroy(&optimizer);
    leray_parameters_fini(&p);
}

static void test_ten_steps(void **state)
{
    fixture f;

    (void)state;
    fixture_open(&f, LERAY_SOURCE_DIR "/tests/fixtures/operators/optimizers.bin");
    for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
        check(&f, i, LERAY_F32, 2e-6);
        check(&f, i, LERAY_F64, 1e-14);
    }
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
