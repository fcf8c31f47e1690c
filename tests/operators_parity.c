/* tests/operators_parity.c - every model against its twin in PyTorch: output, loss and every
   gradient, in both precisions. The fixtures are all files of tests/fixtures/operators that end
   with .safetensors, written by tools/parity/; every model of operators/models.def must have one. */
#include "check.h"

#include "data/formats/safetensors.h"
#include "operators_make.h"

#include <glob.h>
#include <stdlib.h>

static const struct {
    const char *id;
    const leray_model_type *type;
} models[] = {
#define LERAY_MODEL(id) {#id, &leray_model_##id},
#include "operators/models.def"
#undef LERAY_MODEL
};

#define N_MODELS ((int)(sizeof models / sizeof models[0]))

/* One fixture run in one precision. */
typedef struct run {
    const char *path;
    leray_safetensors *file;
    leray_dtype dtype;
    leray_model *model;
    leray_tape *tape;
    void *x, *target;
    leray_tensor *y, *scalar;
} run;

static const leray_safetensors_entry *find(const run *r, const char *prefix, const char *name,
                                           size_t count)
{
    const leray_safetensors_entry *e;
    char full[32 + LERAY_PARAMETER_NAME];

    snprintf(full, sizeof full, "%s%s", prefix, name);
    e = leray_safetensors_find(r->file, full);
    if (!e) fail_msg("%s lacks '%s'", r->path, full);
    if (count && e->bytes != count * sizeof(double))
        fail_msg("%s: '%s' has %zu numbers, not %zu", r->path, full, e->bytes / sizeof(double),
                 count);
    return e;
}

static double number(const leray_safetensors_entry *e, size_t i)
{
    double x;

    memcpy(&x, (const char *)e->data + i * sizeof x, sizeof x);
    return x;
}

static void store(leray_dtype dtype, void *to, const leray_safetensors_entry *e)
{
    for (size_t i = 0; i < e->bytes / sizeof(double); i++)
        if (dtype == LERAY_F32) ((float *)to)[i] = (float)number(e, i);
        else ((double *)to)[i] = number(e, i);
}

/* Largest difference, relative to the largest element of the record. */
static double distance(leray_dtype dtype, const void *x, const leray_safetensors_entry *e)
{
    double worst = 0, top = 0;

    for (size_t i = 0; i < e->bytes / sizeof(double); i++) {
        double v = dtype == LERAY_F32 ? (double)((const float *)x)[i] : ((const double *)x)[i];

        worst = fmax(worst, fabs(v - number(e, i)));
        top = fmax(top, fabs(number(e, i)));
    }
    return worst / top;
}

static const leray_model_type *type_of(const run *r)
{
    const char *id = leray_safetensors_metadata(r->file, "model");

    for (int i = 0; i < N_MODELS; i++)
        if (id && strcmp(models[i].id, id) == 0) return models[i].type;
    fail_msg("%s is of a model '%s' that is not in operators/models.def", r->path, id);
    return NULL;
}

/* A number of the metadata, 0 where there is none. */
static int setting(const run *r, const char *name)
{
    const char *text = leray_safetensors_metadata(r->file, name);

    return text ? (int)strtol(text, NULL, 10) : 0;
}

static void start(run *r)
{
    const leray_safetensors_entry *x = find(r, "", "x", 0), *t = find(r, "", "target", 0);
    leray_problem problem = {
        .channels_in = (int)x->shape[1],
        .channels_out = (int)t->shape[1],
        .fields = setting(r, "fields"),
        .history = setting(r, "history"),
        .window = setting(r, "window"),
    };
    int n[LERAY_AXES] = {(int)x->shape[2], x->rank > 3 ? (int)x->shape[3] : 1,
                         x->rank > 4 ? (int)x->shape[4] : 1};
    int frames = setting(r, "frames"); /* of y, perhaps other than the window's */
    leray_parameters *p;

    problem.grid = unit_grid(x->rank - 2, n, !leray_safetensors_metadata(r->file, "bounded"));
    if (frames) problem.channels_out = problem.window * problem.fields;
    assert_ok(make_model_for(type_of(r), leray_safetensors_metadata(r->file, "deck"), problem,
                             r->dtype, &r->model));
    if (frames) r->model->frames = frames;
    p = leray_model_parameters(r->model);
    for (int i = 0; i < p->n_views; i++)
        store(r->dtype, (char *)p->value + p->views[i].offset * leray_dtype_size(r->dtype),
              find(r, "weight.", p->views[i].name, p->views[i].count));
    assert_ok(leray_tape_create(r->dtype, &r->tape));
    assert_ok(leray_mem_alloc(&r->x, x->bytes, 1));
    assert_ok(leray_mem_alloc(&r->target, t->bytes, 1));
    store(r->dtype, r->x, x);
    store(r->dtype, r->target, t);
}

static leray_status on_tape(run *r, const char *name, const void *value, leray_tensor **out)
{
    const leray_safetensors_entry *e = find(r, "", name, 0);
    int shape[LERAY_TENSOR_DIMS];

    for (int i = 0; i < e->rank; i++) shape[i] = (int)e->shape[i];
    return leray_tape_input(r->tape, e->rank, shape, value, out);
}

/* For models that give coefficients, too, y and the loss are those of values at points. */
static void forward(run *r)
{
    leray_loss *loss;
    leray_tensor *x, *target;

    assert_ok(make_loss(&leray_loss_relative_l2, "", &loss));
    assert_ok(on_tape(r, "x", r->x, &x));
    assert_ok(on_tape(r, "target", r->target, &target));
    assert_ok(leray_model_predict(r->model, r->tape, x, &r->y));
    assert_ok(leray_loss_apply(loss, r->tape, r->y, target, &r->scalar));
    leray_loss_destroy(&loss);
}

static void finish(run *r)
{
    leray_mem_free(r->target);
    leray_mem_free(r->x);
    leray_tape_destroy(&r->tape);
    leray_model_destroy(&r->model);
}

static void check(const char *path, const leray_safetensors *file, leray_dtype dtype,
                  double tolerance, double tolerance_of_gradients)
{
    run r = {.path = path, .dtype = dtype};
    const leray_parameters *p;
    double d;

    memcpy(&r.file, &file, sizeof file);
    start(&r);
    forward(&r);
    d = distance(dtype, r.y->value, find(&r, "", "y", r.y->count));
    if (!(d <= tolerance)) fail_msg("%s: the output is off by %.3g", path, d);
    assert_close(leray_tensor_scalar(r.scalar), number(find(&r, "", "loss", 1), 0), tolerance);
    assert_ok(leray_tape_backward(r.tape, r.scalar));
    p = leray_model_parameters(r.model);
    for (int i = 0; i < p->n_views; i++) {
        const leray_parameter_view *v = &p->views[i];

        d = distance(dtype, (char *)p->grad + v->offset * leray_dtype_size(dtype),
                     find(&r, "grad.", v->name, v->count));
        if (!(d <= tolerance_of_gradients))
            fail_msg("%s: the gradient of %s is off by %.3g", path, v->name, d);
    }
    assert_int_equal(leray_safetensors_count(file), 4 + 2 * p->n_views); /* no more weights */
    finish(&r);
}

static void over_fixtures(leray_dtype dtype, double tolerance, double tolerance_of_gradients)
{
    bool seen[N_MODELS] = {false};
    glob_t g;

    assert_int_equal(glob(LERAY_SOURCE_DIR "/tests/fixtures/operators/*.safetensors", 0, NULL, &g),
                     0);
    for (size_t i = 0; i < g.gl_pathc; i++) {
        leray_safetensors *file;

        assert_ok(leray_safetensors_read(g.gl_pathv[i], &file));
        for (int k = 0; k < N_MODELS; k++)
            seen[k] |= strcmp(models[k].id, leray_safetensors_metadata(file, "model")) == 0;
        check(g.gl_pathv[i], file, dtype, tolerance, tolerance_of_gradients);
        leray_safetensors_destroy(&file);
    }
    globfree(&g);
    for (int k = 0; k < N_MODELS; k++)
        if (!seen[k]) fail_msg("model %s has no fixture in tests/fixtures/operators", models[k].id);
}

static void test_single(void **state)
{
    (void)state;
    over_fixtures(LERAY_F32, 1e-5, 1e-4);
}

static void test_double(void **state)
{
    (void)state;
    over_fixtures(LERAY_F64, 1e-11, 1e-11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_double),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
