/* tests/operators_parity.c - the FNO, its loss, every gradient and ten steps of AdamW against
   PyTorch, whose numbers (in double precision) tools/parity/fno2d.py has written. */
#include "check.h"

#include "core/file.h"
#include "operators_make.h"

typedef struct record {
    char name[32];
    int64_t count;
    const double *data;
} record;

typedef struct fixture {
    char *file;
    record records[96];
    int n;
} fixture;

typedef struct run {
    leray_model *model;
    leray_optimizer *optimizer;
    leray_loss *loss;
    leray_tape *tape;
    leray_dtype dtype;
    double x[480], target[480]; /* large enough for both precisions */
    leray_tensor *y, *scalar;
} run;

#define SHAPE ((int[]){2, 2, 12, 10})

static void open_fixture(fixture *f)
{
    size_t size, at = 0;

    memset(f, 0, sizeof *f);
    assert_ok(
        leray_file_read(LERAY_SOURCE_DIR "/tests/fixtures/operators/fno2d.bin", &f->file, &size));
    while (at < size) {
        record *r = &f->records[f->n++];

        assert_true(f->n < 96 && at + 40 <= size);
        memcpy(r->name, f->file + at, 32);
        memcpy(&r->count, f->file + at + 32, 8);
        r->data = (const double *)(const void *)(f->file + at + 40);
        at += 40 + 8 * (size_t)r->count;
    }
    assert_true(at == size);
}

static const record *find(const fixture *f, const char *prefix, const char *name, size_t count)
{
    char full[32 + LERAY_PARAMETER_NAME];

    snprintf(full, sizeof full, "%s%s", prefix, name);
    for (int i = 0; i < f->n; i++)
        if (strncmp(f->records[i].name, full, 32) == 0) {
            assert_int_equal(f->records[i].count, count);
            return &f->records[i];
        }
    fail_msg("the fixture lacks '%s'", full);
    return NULL;
}

static void store(leray_dtype dtype, void *to, size_t offset, const record *r)
{
    for (int64_t i = 0; i < r->count; i++)
        if (dtype == LERAY_F32) ((float *)to)[offset + (size_t)i] = (float)r->data[i];
        else ((double *)to)[offset + (size_t)i] = r->data[i];
}

/* Largest difference, relative to the largest element of the record. */
static double distance(leray_dtype dtype, const void *x, size_t offset, const record *r)
{
    double worst = 0, top = 0;

    for (int64_t i = 0; i < r->count; i++) {
        double v = dtype == LERAY_F32 ? (double)((const float *)x)[offset + (size_t)i]
                                      : ((const double *)x)[offset + (size_t)i];

        worst = fmax(worst, fabs(v - r->data[i]));
        top = fmax(top, fabs(r->data[i]));
    }
    return worst / top;
}

static void start(run *r, const fixture *f, leray_dtype dtype)
{
    leray_parameters *p;

    memset(r, 0, sizeof *r);
    r->dtype = dtype;
    assert_ok(make_model(&leray_model_fno,
                         "width: 6, modes: 3, layers: 2, projection: 9, grid: true", 2, 2, dtype,
                         &r->model));
    p = leray_model_parameters(r->model);
    assert_ok(make_optimizer(&leray_optimizer_adamw, "lr: 1e-2, beta2: 0.98, weight_decay: 1e-2", p,
                             &r->optimizer));
    assert_ok(make_loss(&leray_loss_relative_l2, "", &r->loss));
    assert_ok(leray_tape_create(dtype, &r->tape));
    for (int i = 0; i < p->n_views; i++)
        store(dtype, p->value, p->views[i].offset,
              find(f, "", p->views[i].name, p->views[i].count));
    store(dtype, r->x, 0, find(f, "", "x", 480));
    store(dtype, r->target, 0, find(f, "", "target", 480));
}

static void gradients(run *r)
{
    leray_tensor *x, *target;

    leray_parameters_zero_gradients(leray_model_parameters(r->model));
    leray_tape_reset(r->tape);
    assert_ok(leray_tape_input(r->tape, 4, SHAPE, r->x, &x));
    assert_ok(leray_tape_input(r->tape, 4, SHAPE, r->target, &target));
    assert_ok(leray_model_forward(r->model, r->tape, x, &r->y));
    assert_ok(leray_loss_apply(r->loss, r->tape, r->y, target, &r->scalar));
    assert_ok(leray_tape_backward(r->tape, r->scalar));
}

static void finish(run *r)
{
    leray_tape_destroy(&r->tape);
    leray_loss_destroy(&r->loss);
    leray_optimizer_destroy(&r->optimizer);
    leray_model_destroy(&r->model);
}

static void check(leray_dtype dtype, double tolerance, double tolerance_of_ten)
{
    static run r;
    fixture f;
    const leray_parameters *p;
    const record *losses;

    open_fixture(&f);
    start(&r, &f, dtype);
    p = leray_model_parameters(r.model);
    gradients(&r);
    assert_at_most(distance(dtype, r.y->value, 0, find(&f, "", "y", 480)), tolerance);
    assert_close(leray_tensor_scalar(r.scalar), find(&f, "", "loss", 1)->data[0], tolerance);
    for (int i = 0; i < p->n_views; i++) {
        const leray_parameter_view *v = &p->views[i];
        double d = distance(dtype, p->grad, v->offset, find(&f, "d.", v->name, v->count));

        if (!(d <= tolerance)) fail_msg("gradient of %s: off by %.3g", v->name, d);
    }
    losses = find(&f, "", "losses", 10);
    for (int step = 0; step < 10; step++) {
        gradients(&r);
        assert_close(leray_tensor_scalar(r.scalar), losses->data[step], tolerance_of_ten);
        assert_ok(leray_optimizer_step(r.optimizer, 1, NULL));
    }
    for (int i = 0; i < p->n_views; i++) {
        const leray_parameter_view *v = &p->views[i];
        double d = distance(dtype, p->value, v->offset, find(&f, "10.", v->name, v->count));

        if (!(d <= tolerance_of_ten)) fail_msg("%s after ten steps: off by %.3g", v->name, d);
    }
    finish(&r);
    leray_mem_free(f.file);
}

static void test_single(void **state)
{
    (void)state;
    check(LERAY_F32, 1e-5, 1e-4);
}

static void test_double(void **state)
{
    (void)state;
    check(LERAY_F64, 1e-11, 1e-10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_double),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
