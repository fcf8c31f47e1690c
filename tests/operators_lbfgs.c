/* tests/operators_lbfgs.c - L-BFGS on functions whose minimum is known, its tolerance and history,
   what it does with errors of its objective, and a small model that it trains. */
#include "check.h"

#include "operators_make.h"
#include <leray/impl/ops.h>

#define N 40

/* A function of N weights; counts its evaluations, and may fail in one. */
typedef struct problem {
    leray_parameters p;
    leray_optimizer *optimizer;
    leray_objective objective;
    double (*f)(const double *w, double *g);
    long evaluations, fails_at;
} problem;

static leray_status evaluate(void *context, double *loss)
{
    problem *p = context;

    p->evaluations++;
    LERAY_CHECK(p->evaluations != p->fails_at, LERAY_ERR_DIVERGED, "as the test asks");
    *loss = p->f(p->p.value, p->p.grad);
    return LERAY_OK;
}

/* sum k (w - sin k)^2 / 2: condition number N. */
static double quadratic(const double *w, double *g)
{
    double f = 0;

    for (int i = 0; i < N; i++) {
        g[i] = (i + 1) * (w[i] - sin(i));
        f += g[i] * (w[i] - sin(i)) / 2;
    }
    return f;
}

/* Rosenbrock's valley along all weights: the minimum 0 is at 1. */
static double rosenbrock(const double *w, double *g)
{
    double f = 0;

    memset(g, 0, N * sizeof *g);
    for (int i = 0; i + 1 < N; i++) {
        double a = w[i + 1] - w[i] * w[i], b = 1 - w[i];

        f += 100 * a * a + b * b;
        g[i] += -400 * a * w[i] - 2 * b;
        g[i + 1] += 200 * a;
    }
    return f;
}

static void begin(problem *p, double (*f)(const double *, double *), const char *yaml)
{
    int index;
    double loss;

    memset(p, 0, sizeof *p);
    p->p.dtype = LERAY_F64;
    p->f = f;
    p->objective = (leray_objective){evaluate, p};
    assert_ok(leray_parameters_declare(&p->p, "w", false, 1, (int[]){N},
                                       leray_initial_uniform(-1, 1), &index));
    assert_ok(leray_parameters_allocate(&p->p));
    leray_parameters_draw(&p->p, 4);
    assert_ok(make_optimizer(&leray_optimizer_lbfgs, yaml, &p->p, &p->optimizer));
    assert_ok(evaluate(p, &loss));
}

static void end(problem *p)
{
    leray_optimizer_destroy(&p->optimizer);
    leray_parameters_fini(&p->p);
}

static double norm(const double *x)
{
    double s = 0;

    for (int i = 0; i < N; i++) s += x[i] * x[i];
    return sqrt(s);
}

static void test_quadratic(void **state)
{
    problem p;
    const double *w;

    (void)state;
    begin(&p, quadratic, "iterations: 200, tolerance: 1e-12");
    assert_ok(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL));
    w = p.p.value;
    for (int i = 0; i < N; i++) assert_close(w[i], sin(i), 1e-10);
    assert_at_most((double)p.evaluations, 100);
    end(&p);
}

static void test_rosenbrock(void **state)
{
    problem p;
    const double *w;

    (void)state;
    begin(&p, rosenbrock, "iterations: 1000, tolerance: 1e-12");
    assert_ok(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL));
    w = p.p.value;
    for (int i = 0; i < N; i++) assert_close(w[i], 1, 1e-8);
    end(&p);
}

/* The gradient falls to the tolerance and not much below; few iterations stop before that. */
static void test_limits(void **state)
{
    problem p;
    double first, loss;
    long many, few;

    (void)state;
    begin(&p, quadratic, "iterations: 200, tolerance: 1e-3");
    first = norm(p.p.grad);
    assert_ok(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL));
    many = p.evaluations;
    assert_ok(evaluate(&p, &loss));
    assert_at_most(norm(p.p.grad), 1e-3 * first);
    assert_true(norm(p.p.grad) > 1e-6 * first);
    end(&p);
    begin(&p, quadratic, "iterations: 3, tolerance: 1e-3");
    assert_ok(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL));
    few = p.evaluations;
    assert_ok(evaluate(&p, &loss));
    assert_true(norm(p.p.grad) > 1e-3 * first);
    assert_true(few < many);
    end(&p);
}

/* A longer history needs fewer evaluations on a quadratic. */
static void test_history(void **state)
{
    problem p;
    long evaluations[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        begin(&p, quadratic,
              i ? "history: 40, iterations: 500, tolerance: 1e-12"
                : "history: 1, iterations: 500, tolerance: 1e-12");
        assert_ok(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL));
        evaluations[i] = p.evaluations;
        end(&p);
    }
    print_message("evaluations: history 1 %ld, history 40 %ld\n", evaluations[0], evaluations[1]);
    assert_true(evaluations[1] < evaluations[0]);
}

/* An error comes out as it was raised, and leaves the weights of before the step. */
static void test_error(void **state)
{
    problem p;
    double before[N];

    (void)state;
    begin(&p, rosenbrock, "");
    memcpy(before, p.p.value, sizeof before);
    p.fails_at = 6;
    assert_fails(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL), LERAY_ERR_DIVERGED,
                 "as the test asks");
    assert_memory_equal(before, p.p.value, sizeof before);
    assert_int_equal(leray_optimizer_steps(p.optimizer), 0);
    end(&p);
    begin(&p, rosenbrock, ""); /* PETSc goes on working */
    assert_ok(leray_optimizer_step(p.optimizer, &p.objective, 1, NULL));
    end(&p);
}

/* A small FNO in single precision learns u = 2 a + 1. */
typedef struct training {
    leray_model *model;
    leray_loss *loss;
    leray_tape *tape;
    float a[4 * 120], u[4 * 120];
} training;

static leray_status evaluate_model(void *context, double *loss)
{
    training *t = context;
    const int shape[4] = {4, 1, 10, 12};
    leray_tensor *a, *u, *y, *scalar;

    leray_parameters_zero_gradients(leray_model_parameters(t->model));
    leray_tape_reset(t->tape);
    LERAY_TRY(leray_tape_input(t->tape, 4, shape, t->a, &a));
    LERAY_TRY(leray_tape_input(t->tape, 4, shape, t->u, &u));
    LERAY_TRY(leray_model_forward(t->model, t->tape, a, &y));
    LERAY_TRY(leray_loss_apply(t->loss, t->tape, y, u, &scalar));
    *loss = leray_tensor_scalar(scalar);
    return leray_tape_backward(t->tape, scalar);
}

static void test_model(void **state)
{
    static training t;
    leray_objective objective = {evaluate_model, &t};
    leray_optimizer *optimizer;
    double first, last;

    (void)state;
    assert_ok(make_model(&leray_model_fno, "width: 4, modes: 3, layers: 2, projection: 8", 1, 1,
                         LERAY_F32, &t.model));
    assert_ok(make_loss(&leray_loss_nmse, "", &t.loss));
    assert_ok(leray_tape_create(LERAY_F32, &t.tape));
    assert_ok(make_optimizer(&leray_optimizer_lbfgs, "iterations: 30",
                             leray_model_parameters(t.model), &optimizer));
    draw(0, 480, LERAY_F32, t.a);
    for (int i = 0; i < 480; i++) t.u[i] = 2 * t.a[i] + 1;
    assert_ok(evaluate_model(&t, &first));
    for (int s = 0; s < 4; s++) {
        assert_ok(leray_optimizer_step(optimizer, &objective, 1, NULL));
        assert_ok(evaluate_model(&t, &last));
    }
    print_message("nmse from %.3g to %.3g\n", first, last);
    assert_at_most(last, 1e-3 * first);
    leray_optimizer_destroy(&optimizer);
    leray_tape_destroy(&t.tape);
    leray_loss_destroy(&t.loss);
    leray_model_destroy(&t.model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quadratic), cmocka_unit_test(test_rosenbrock),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_history),
        cmocka_unit_test(test_error),     cmocka_unit_test(test_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
