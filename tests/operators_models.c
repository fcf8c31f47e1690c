/* tests/operators_models.c - every row of operators/models.def: gradients against differences,
   weights that all count, the same bits for any number of threads and seed, no allocation after
   the first step, parameters that make the model, and every failing allocation. */
#include "check.h"

#include "core/threads.h"
#include "operators_make.h"
#include "tensor/ops.h"

#define BATCH 3
#define CI 2
#define CO 2
#define NY 10
#define NX 12
#define FIELD (BATCH * CI * NY * NX)

/* Settings that make each model small: a model of the list needs its SMALL_<id> here. */
static const struct {
    const leray_model_type *type;
    const char *yaml;
} models[] = {
#define LERAY_MODEL(id) {&leray_model_##id, SMALL_##id},
#define SMALL_fno "width: 4, modes: [3, 4], layers: 3, projection: 5"
#include "operators/models.def"
#undef LERAY_MODEL
};

#define N_MODELS ((int)(sizeof models / sizeof models[0]))

typedef struct run {
    leray_model *model;
    leray_tape *tape;
    double x[FIELD], target[FIELD];
    leray_tensor *y, *scalar;
} run;

static leray_status start(run *r, int i, leray_dtype dtype)
{
    memset(r, 0, sizeof *r);
    LERAY_TRY(make_model(models[i].type, models[i].yaml, CI, CO, dtype, &r->model));
    LERAY_TRY(leray_tape_create(dtype, &r->tape));
    draw(0, FIELD, dtype, r->x);
    draw(1, FIELD, dtype, r->target);
    return LERAY_OK;
}

static void finish(run *r)
{
    leray_tape_destroy(&r->tape);
    leray_model_destroy(&r->model);
}

static leray_status forward(run *r)
{
    leray_tensor *x, *target;

    leray_tape_reset(r->tape);
    LERAY_TRY(leray_tape_input(r->tape, 4, (int[]){BATCH, CI, NY, NX}, r->x, &x));
    LERAY_TRY(leray_tape_input(r->tape, 4, (int[]){BATCH, CO, NY, NX}, r->target, &target));
    LERAY_TRY(leray_model_forward(r->model, r->tape, x, &r->y));
    LERAY_TRY(leray_op_mean_square(r->tape, r->y, target, &r->scalar));
    return LERAY_OK;
}

static leray_status walk(run *r)
{
    leray_parameters_zero_gradients(leray_model_parameters(r->model));
    LERAY_TRY(forward(r));
    LERAY_TRY(leray_tape_backward(r->tape, r->scalar));
    return LERAY_OK;
}

/* Some elements of every view. */
static void test_gradients(void **state)
{
    static run r;
    const double h = 1e-4;

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        leray_parameters *p;
        double *w, *g;

        assert_ok(start(&r, i, LERAY_F64));
        assert_ok(walk(&r));
        p = leray_model_parameters(r.model);
        w = p->value, g = p->grad;
        for (int v = 0; v < p->n_views; v++) {
            size_t first = p->views[v].offset, last = first + p->views[v].count;

            for (size_t e = first; e < last; e += (last - first) / 7 + 1) {
                static const double c[4] = {1. / 12, -8. / 12, 8. / 12, -1. / 12};
                double at = w[e], slope = 0;

                for (int k = 0; k < 4; k++) {
                    w[e] = at + h * (k < 2 ? k - 2 : k - 1);
                    assert_ok(forward(&r));
                    slope += c[k] * leray_tensor_scalar(r.scalar) / h;
                }
                w[e] = at;
                if (!(fabs(slope - g[e]) <= 1e-8 * fmax(fabs(g[e]), 1e-2)))
                    fail_msg("%s [%zu]: gradient %.12g, differences %.12g", p->views[v].name,
                             e - first, g[e], slope);
            }
        }
        finish(&r);
    }
}

/* A change of any view changes the output, and its gradient is not zero. */
static void test_every_layer_counts(void **state)
{
    static run r;
    static float before[FIELD];

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        leray_parameters *p;

        assert_ok(start(&r, i, LERAY_F32));
        p = leray_model_parameters(r.model);
        assert_ok(walk(&r));
        memcpy(before, r.y->value, sizeof before);
        for (int v = 0; v < p->n_views; v++) {
            float *w = (float *)p->value + p->views[v].offset, old = *w, top = 0;
            float *g = (float *)p->grad + p->views[v].offset;

            for (size_t e = 0; e < p->views[v].count; e++) top = fmaxf(top, fabsf(g[e]));
            if (!(top > 0)) fail_msg("%s has no gradient", p->views[v].name);
            *w += 0.5f;
            assert_ok(forward(&r));
            if (!memcmp(before, r.y->value, sizeof before))
                fail_msg("%s has no influence", p->views[v].name);
            *w = old;
        }
        finish(&r);
    }
}

static void test_threads(void **state)
{
    static run r;
    int threads = leray_threads();

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        leray_parameters *p;
        float *first;

        assert_ok(start(&r, i, LERAY_F32));
        p = leray_model_parameters(r.model);
        assert_ok(LERAY_ALLOC(&first, p->count));
        leray_threads_set(1);
        assert_ok(walk(&r));
        memcpy(first, p->grad, p->count * sizeof *first);
        for (int n = 2; n < 5; n++) {
            leray_threads_set(n);
            assert_ok(walk(&r));
            assert_memory_equal(first, p->grad, p->count * sizeof *first);
        }
        leray_threads_set(threads);
        leray_mem_free(first);
        finish(&r);
    }
}

static void test_no_allocation_after_the_first_step(void **state)
{
    static run r;

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        leray_optimizer *optimizer;
        long total;

        assert_ok(start(&r, i, LERAY_F32));
        assert_ok(make_optimizer(&leray_optimizer_adamw, "clip: 1", leray_model_parameters(r.model),
                                 &optimizer));
        assert_ok(walk(&r));
        assert_ok(leray_optimizer_step(optimizer, 1, NULL));
        total = leray_mem_total();
        for (int step = 0; step < 3; step++) {
            assert_ok(walk(&r));
            assert_ok(leray_optimizer_step(optimizer, 1, NULL));
        }
        assert_int_equal(leray_mem_total(), total);
        leray_optimizer_destroy(&optimizer);
        finish(&r);
    }
}

/* The block is all there is: copied into another model it gives the same output. */
static void test_parameters_are_the_model(void **state)
{
    static run r, other;

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        leray_parameters *p, *q;
        size_t at = 0;

        assert_ok(start(&r, i, LERAY_F32));
        assert_ok(start(&other, i, LERAY_F32));
        p = leray_model_parameters(r.model);
        q = leray_model_parameters(other.model);
        assert_memory_equal(p->value, q->value, p->count * sizeof(float)); /* one seed */
        for (int v = 0; v < p->n_views; v++) {
            size_t count = 1;

            for (int d = 0; d < p->views[v].ndim; d++) count *= (size_t)p->views[v].shape[d];
            assert_true(p->views[v].offset == at && p->views[v].count == count);
            for (int u = 0; u < v; u++) assert_string_not_equal(p->views[u].name, p->views[v].name);
            at += count;
        }
        assert_true(at == p->count);
        draw(9, p->count, LERAY_F32, p->value);
        assert_ok(forward(&r));
        assert_ok(forward(&other));
        assert_memory_not_equal(r.y->value, other.y->value, r.y->count * sizeof(float));
        memcpy(q->value, p->value, p->count * sizeof(float));
        assert_ok(forward(&other));
        assert_memory_equal(r.y->value, other.y->value, r.y->count * sizeof(float));
        finish(&other);
        finish(&r);
    }
}

static void test_failing_allocations(void **state)
{
    static run r;
    long live = leray_mem_live();

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        leray_status status = LERAY_ERR_MEMORY;

        for (long k = 1; status; k++) {
            leray_mem_fail_at(k);
            status = start(&r, i, LERAY_F64);
            if (!status) status = walk(&r);
            leray_mem_fail_at(0);
            if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
            finish(&r);
            assert_int_equal(leray_mem_live(), live);
        }
    }
}

static void test_misuse(void **state)
{
    static run r;
    leray_tensor *x, *y;
    leray_tape *twice;

    (void)state;
    for (int i = 0; i < N_MODELS; i++) {
        assert_ok(start(&r, i, LERAY_F32));
        assert_ok(leray_tape_input(r.tape, 4, (int[]){1, CI + 1, NY, NX}, r.x, &x));
        assert_fails(leray_model_forward(r.model, r.tape, x, &y), LERAY_ERR_ARG, "3 channels");
        assert_ok(leray_tape_create(LERAY_F64, &twice));
        assert_fails(leray_model_forward(r.model, twice, x, &y), LERAY_ERR_ARG, "precision");
        leray_tape_destroy(&twice);
        finish(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_every_layer_counts),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_no_allocation_after_the_first_step),
        cmocka_unit_test(test_parameters_are_the_model),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_misuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
