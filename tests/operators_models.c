/* tests/operators_models.c - every row of operators/models.def: gradients against differences,
   weights that all count, the same bits for any number of threads and seed, no allocation after
   the first step, the same bits where what backward needs is computed anew, parameters that make
   the model, and every failing allocation. */
#include "check.h"

#include "core/threads.h"
#include "operators_make.h"
#include <leray/impl/ops.h>

#define BATCH 3
#define CI 2
#define CO 2
#define FIELD (BATCH * CI * 8 * 8 * 8) /* room for the largest */

/* The grids on which each model is tried that is for so many dimensions. */
static const leray_extents grids[] = {
    {1, {24}     },
    {2, {8, 16}  },
    {3, {8, 8, 8}},
};

#define N_GRIDS ((int)(sizeof grids / sizeof grids[0]))

/* Settings that change the graph of a model. */
#define VARIANTS                                                                                   \
    {&leray_model_unet, "width: 2, levels: 1, norm: none, down: mean, up: resize, padding: zero"}, \
        {&leray_model_unet, "width: 2, levels: 1, norm: instance, down: max, activation: silu"},   \
        {&leray_model_resnet,                                                                      \
         "width: 2, layers: 2, norm: none, padding: replicate, activation: tanh"},                 \
        {&leray_model_mlp, "pointwise: true, width: 5, layers: 2, activation: tanh"},              \
        {&leray_model_ffno, "share: true, weight_norm: false, width: 4, modes: 3, layers: 2, "     \
                            "projection: 5, factor: 2, gain: 4"},                                  \
        {&leray_model_t1,                                                                          \
         "transform: dft, activation: sin, width: 3, modes: 3, layers: 2, head: 5, "               \
         "head_scale: 0.5"},                                                                       \
        {&leray_model_fno, "form: neuralop, width: 4, modes: 3, layers: 2, projection: 5"},        \
        {&leray_model_fno,                                                                         \
         "form: neuralop, norm: group, width: 4, modes: 3, layers: 2, projection: 5"},             \
        {&leray_model_fno,                                                                         \
         "form: neuralop, norm: instance, width: 4, modes: 3, layers: 2, projection: 5"},          \
        {&leray_model_fno, "time: true, width: 4, modes: [1, 3, 3], head_modes: [2, 4, 4], "       \
                           "layers: 2, projection: 5"},

/* Settings that make each model small: a model of the list needs its SMALL_<id> here. */
static const struct {
    const leray_model_type *type;
    const char *yaml;
} models[] = {
#define LERAY_MODEL(id) {&leray_model_##id, SMALL_##id},
#define SMALL_fno "width: 4, modes: 3, layers: 3, projection: 5"
#define SMALL_ffno "width: 4, modes: 3, layers: 2, projection: 5, factor: 2, gain: 4"
#define SMALL_aff "width: 4, groups: 2, modes: 3, layers: 2, projection: 5, threshold: 0"
#define SMALL_ifno "width: 4, modes: 3, layers: 3, projection: 5"
#define SMALL_stfno "width: 4, modes: [1, 3, 3], head_modes: [2, 4, 4], layers: 3, latent: 4"
#define SMALL_t1 "width: 4, modes: 3, layers: 2, head: 5, head_scale: 0.5"
#define SMALL_t1u "modes: 4, width: 2, levels: 1"
#define SMALL_unet "width: 4, levels: 2, groups: 2"
#define SMALL_resnet "width: 3, layers: 2"
#define SMALL_mlp "width: 5, layers: 2"
#include "operators/models.def"
#undef LERAY_MODEL
    VARIANTS};

#define N_CASES ((int)(sizeof models / sizeof models[0]) * N_GRIDS)

typedef struct run {
    leray_model *model;
    leray_tape *tape;
    int shape[2 + LERAY_AXES];
    double x[FIELD], target[FIELD];
    leray_tensor *y, *scalar;
} run;

/* Model i / N_GRIDS on grid i % N_GRIDS. UNSUPPORTED where it is not for these dimensions. */
static leray_status start(run *r, int i, leray_dtype dtype)
{
    leray_problem problem = {
        .channels_in = CI,
        .channels_out = CO,
        .grid = unit_grid(grids[i % N_GRIDS].ndim, grids[i % N_GRIDS].n, true),
        .fields = 1, /* for models of windows: CI frames to the CO frames that follow */
        .history = CI,
        .window = CO,
    };

    memset(r, 0, sizeof *r);
    r->shape[0] = BATCH, r->shape[1] = CI;
    for (int a = 0; a < problem.grid.ndim; a++) r->shape[2 + a] = problem.grid.axis[a].n;
    LERAY_TRY(make_model_for(models[i / N_GRIDS].type, models[i / N_GRIDS].yaml, problem, dtype,
                             &r->model));
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

/* The next model and grid that go together, from number i on; N_CASES at the end. */
static int next_case(int i)
{
    static run r;
    leray_status status = LERAY_ERR_UNSUPPORTED;

    for (; i < N_CASES && status == LERAY_ERR_UNSUPPORTED; i++) {
        status = start(&r, i, LERAY_F32);
        if (status != LERAY_ERR_UNSUPPORTED) assert_ok(status);
        finish(&r);
    }
    return status ? N_CASES : i - 1;
}

#define FOR_EACH_CASE(i) for (int i = next_case(0); i < N_CASES; i = next_case(i + 1))

/* CI = CO */
static leray_status on_tape(run *r, const double *value, leray_tensor **out)
{
    return leray_tape_input(r->tape, r->model->problem.grid.ndim + 2, r->shape, value, out);
}

static leray_status forward(run *r)
{
    leray_tensor *x, *target;

    leray_tape_reset(r->tape);
    LERAY_TRY(on_tape(r, r->x, &x));
    LERAY_TRY(on_tape(r, r->target, &target));
    LERAY_TRY(leray_model_predict(r->model, r->tape, x, &r->y));
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

/* Differences across the kink of a relu are no gradient: biases ahead of one are put to both sides
   of it, far from what the other terms of its argument come to. */
static void leave_kinks(leray_parameters *p)
{
    static const char *const ahead[] = {".feed.0.bias", ".mask.0.bias"};

    for (int v = 0; v < p->n_views; v++)
        for (size_t k = 0; k < sizeof ahead / sizeof ahead[0]; k++) {
            const leray_parameter_view *view = &p->views[v];
            size_t length = strlen(view->name), tail = strlen(ahead[k]);

            if (length < tail || strcmp(view->name + length - tail, ahead[k])) continue;
            for (size_t e = 0; e < view->count; e++)
                ((double *)p->value)[view->offset + e] = e % 2 ? -20 : 20;
        }
}

/* Some elements of every view. */
static void test_gradients(void **state)
{
    static run r;
    const double h = 1e-4;

    (void)state;
    FOR_EACH_CASE(i)
    {
        leray_parameters *p;
        double *w, *g;

        assert_ok(start(&r, i, LERAY_F64));
        p = leray_model_parameters(r.model);
        leave_kinks(p);
        assert_ok(walk(&r));
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

static size_t largest(const float *g, size_t n)
{
    size_t at = 0;

    for (size_t e = 1; e < n; e++)
        if (fabsf(g[e]) > fabsf(g[at])) at = e;
    return at;
}

/* The gradient of any view is not zero, and a change where it is largest changes the output. */
static void test_every_layer_counts(void **state)
{
    static run r;
    static float before[FIELD];

    (void)state;
    FOR_EACH_CASE(i)
    {
        leray_parameters *p;

        assert_ok(start(&r, i, LERAY_F32));
        p = leray_model_parameters(r.model);
        assert_ok(walk(&r));
        assert_ok(forward(&r));
        memcpy(before, r.y->value, r.y->count * sizeof *before);
        for (int v = 0; v < p->n_views; v++) {
            const float *g = (const float *)p->grad + p->views[v].offset;
            size_t at = largest(g, p->views[v].count);
            float *w = (float *)p->value + p->views[v].offset + at, old = *w;

            if (!(fabsf(g[at]) > 0)) fail_msg("%s has no gradient", p->views[v].name);
            *w += 0.5f;
            assert_ok(forward(&r));
            if (!memcmp(before, r.y->value, r.y->count * sizeof *before))
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
    FOR_EACH_CASE(i)
    {
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

static void test_recompute(void **state)
{
    static run r;
    static float first[FIELD];

    (void)state;
    FOR_EACH_CASE(i)
    {
        leray_parameters *p;
        float *grad;

        assert_ok(start(&r, i, LERAY_F32));
        p = leray_model_parameters(r.model);
        assert_ok(LERAY_ALLOC(&grad, p->count));
        assert_ok(forward(&r));
        memcpy(first, r.y->value, r.y->count * sizeof *first);
        assert_ok(walk(&r));
        memcpy(grad, p->grad, p->count * sizeof *grad);
        r.model->recompute = true;
        for (int step = 0; step < 2; step++) {
            assert_ok(forward(&r));
            assert_memory_equal(first, r.y->value, r.y->count * sizeof *first);
            assert_ok(walk(&r));
            assert_memory_equal(grad, p->grad, p->count * sizeof *grad);
        }
        leray_mem_free(grad);
        finish(&r);
    }
}

/* The second step takes the memory in one block where none was measured before the first. */
static void test_memory_stops_growing(void **state)
{
    static run r;

    (void)state;
    FOR_EACH_CASE(i)
    {
        leray_optimizer *optimizer;
        long total;

        assert_ok(start(&r, i, LERAY_F32));
        assert_ok(make_optimizer(&leray_optimizer_adamw, "clip: 1", leray_model_parameters(r.model),
                                 &optimizer));
        for (int step = 0; step < 2; step++) assert_ok(walk(&r));
        assert_ok(leray_optimizer_step(optimizer, NULL, 1, NULL));
        total = leray_mem_total();
        for (int step = 0; step < 3; step++) {
            assert_ok(walk(&r));
            assert_ok(leray_optimizer_step(optimizer, NULL, 1, NULL));
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
    FOR_EACH_CASE(i)
    {
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
    FOR_EACH_CASE(i)
    {
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
    int ndim;

    (void)state;
    FOR_EACH_CASE(i)
    {
        assert_ok(start(&r, i, LERAY_F32));
        ndim = r.model->problem.grid.ndim;
        r.shape[0] = 1, r.shape[1] = CI + 1;
        assert_ok(leray_tape_input(r.tape, ndim + 2, r.shape, r.x, &x));
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
        cmocka_unit_test(test_recompute),
        cmocka_unit_test(test_memory_stops_growing),
        cmocka_unit_test(test_parameters_are_the_model),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_misuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
