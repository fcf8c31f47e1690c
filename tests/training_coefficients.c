/* tests/training_coefficients.c - training among coefficients: the loss is that of the fields, whether
   the truth is transformed per batch or once by the source. */
#include "check.h"
#include "operators_make.h"

#include "training/source.h"
#include "training/task.h"

#define SAMPLES 6
#define BATCH 4
#define NY 12
#define NX 10
#define POINTS (NY * NX)

static leray_sample_info make_info(void)
{
    leray_sample_info info = {.n_state = 1, .history = 1, .window = 1, .autoregressive = true};
    leray_grid grid = grid_2d(NY, NX, true);

    assert_ok(leray_grid_copy(&grid, &info.grid));
    assert_ok(leray_channels_add(&info.input, "vorticity", "1", true));
    assert_ok(leray_channels_add(&info.output, "vorticity", "1", true));
    return info;
}

typedef struct bench {
    float x[SAMPLES * POINTS], y[SAMPLES * POINTS], input[SAMPLES * POINTS], last[SAMPLES * POINTS];
    leray_batch batch;
    leray_task task;
    leray_model *model;
    leray_tape *tape;
} bench;

static void begin(bench *b, const char *yaml, int target, int space)
{
    leray_task_settings settings = {target, LERAY_NORMALIZER_MEAN_STD, LERAY_NORMALIZER_MEAN_STD,
                                    space};
    leray_sample_info info = make_info();
    leray_parameters *p;

    memset(b, 0, sizeof *b);
    draw(1, SAMPLES * POINTS, LERAY_F32, b->x);
    draw(2, SAMPLES * POINTS, LERAY_F32, b->y);
    for (int i = 0; i < SAMPLES * POINTS; i++) b->y[i] = 3 + 2 * b->y[i];
    b->batch = (leray_batch){SAMPLES, SAMPLES, b->x, b->y, NULL, NULL};
    assert_ok(leray_task_init(&b->task, &settings, &info));
    leray_sample_info_fini(&info);
    for (int s = 0; s < SAMPLES; s++)
        assert_ok(leray_task_observe(
            &b->task, &(leray_batch){1, 1, b->x + s * POINTS, b->y + s * POINTS, NULL, NULL}));
    assert_ok(leray_task_finish(&b->task));
    assert_ok(
        make_model_for(&leray_model_t1, yaml, leray_task_problem(&b->task), LERAY_F32, &b->model));
    p = leray_model_parameters(b->model);
    for (size_t i = 0; i < p->count; i++) ((float *)p->value)[i] += 0.1f * (float)(i % 3);
    assert_ok(leray_tape_create(LERAY_F32, &b->tape));
}

static void finish(bench *b)
{
    leray_tape_destroy(&b->tape);
    leray_model_destroy(&b->model);
    leray_task_fini(&b->task);
}

/* As in training, from y as the task wants it; or of the fields that predict gives. */
static double loss_of(bench *b, const leray_loss_type *type, bool fields, const float *y)
{
    leray_extents grid = leray_grid_extents(&b->task.info.grid);
    leray_loss *loss;
    leray_tensor *x, *p, *t, *scalar;
    double value;

    assert_ok(make_loss(type, "", &loss));
    leray_tape_reset(b->tape);
    leray_task_input(&b->task, &b->batch, POINTS, b->input);
    leray_task_last_frame(&b->task, &b->batch, POINTS, b->last);
    assert_ok(leray_task_tensor(b->tape, SAMPLES, 1, &grid, b->input, &x));
    if (fields) {
        assert_ok(leray_task_predict(&b->task, b->model, b->tape, x, b->last, &p));
        assert_ok(leray_task_tensor(b->tape, SAMPLES, 1, &grid, y, &t));
    } else {
        assert_ok(leray_task_forward(&b->task, b->model, b->tape, x, b->last, &p));
        assert_ok(leray_task_truth(&b->task, b->model, b->tape, SAMPLES, y, &t));
    }
    assert_ok(leray_task_loss(&b->task, loss, b->tape, NULL, p, t, &scalar));
    value = leray_tensor_scalar(scalar);
    leray_loss_destroy(&loss);
    return value;
}

static const char *const models[] = {
    "width: 4, modes: [5, 6], layers: 2, head: 8, head_scale: 0.3",
    "transform: dft, activation: sin, width: 4, modes: [3, 4], layers: 2, head: 8, head_scale: 0.3",
    "transform: dft, activation: sin, width: 4, modes: 6, layers: 2, head: 8, head_scale: 0.3",
};

static void test_losses_are_those_of_fields(void **state)
{
    static const leray_loss_type *const losses[] = {&leray_loss_relative_l2, &leray_loss_mse,
                                                    &leray_loss_nmse};
    static bench b;
    static float hat[SAMPLES * NY * (NX + 2)];

    (void)state;
    for (int m = 0; m < 3; m++)
        for (int i = 0; i < 12; i++) {
            const leray_loss_type *type = losses[i % 3];
            double fields, modes;
            size_t size;

            begin(&b, models[m], i / 3 % 2, i / 6);
            fields = loss_of(&b, type, true, b.y);
            modes = loss_of(&b, type, false, b.y);
            assert_true(fields > 0.1);
            assert_at_most(fabs(modes / fields - 1), 1e-6);

            /* the truth transformed before */
            assert_ok(leray_task_expect_coefficients(&b.task, b.model, &size));
            assert_int_equal(size, m ? NY * (NX + 2) : POINTS);
            assert_ok(leray_task_transform(&b.task, SAMPLES, b.y, hat));
            assert_true(loss_of(&b, type, false, hat) == modes);
            finish(&b);
        }
}

static void test_which_losses(void **state)
{
    static const struct {
        const leray_loss_type *type;
        const char *yaml;
        bool any;
    } t[] = {
        {&leray_loss_relative_l2, "",                true },
        {&leray_loss_relative_l2, "latitude: cells", false},
        {&leray_loss_mse,         "channels: [2]",   true },
        {&leray_loss_nmse,        "",                true },
        {&leray_loss_huber,       "",                false},
        {&leray_loss_relative_lp, "p: 2",            false},
        {&leray_loss_sobolev,     "",                false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        leray_loss *loss;

        assert_ok(make_loss(t[i].type, t[i].yaml, &loss));
        assert_true(leray_loss_in_any_basis(loss) == t[i].any);
        leray_loss_destroy(&loss);
    }
}

/* ---- a source that transforms once ------------------------------------------------------- */

/* Sample i is trajectory i of two frames, x and y. */
static leray_status make_source(const bench *b, leray_source **out)
{
    static const leray_window_settings settings = {
        .history = 1, .every = 1, .lead = 1, .window = 1};
    static float values[2 * SAMPLES * POINTS];
    leray_grid grid = grid_2d(NY, NX, true);
    leray_dataset *dataset;
    leray_status status;
    int frames[SAMPLES];

    *out = NULL;
    for (int i = 0; i < SAMPLES; i++) {
        frames[i] = 2;
        memcpy(values + 2 * i * POINTS, b->x + i * POINTS, POINTS * sizeof *values);
        memcpy(values + (2 * i + 1) * POINTS, b->y + i * POINTS, POINTS * sizeof *values);
    }
    LERAY_TRY(LERAY_ALLOC(&dataset, 1));
    status = memory_of(&grid, "vorticity", SAMPLES, frames, values, &dataset->trajectories);
    if (!status) status = leray_windows_init(&dataset->windows, dataset->trajectories, &settings);
    if (status) leray_dataset_destroy(&dataset);
    LERAY_TRY(status);
    return leray_source_from_dataset(
        &dataset, &(leray_file_settings){.seed = 5, .batch = BATCH, .epochs = 2, .memory = 1e9},
        out);
}

static leray_status count_fields(void *context, const leray_batch *sample)
{
    *(double *)context += sample->y[0];
    return LERAY_OK;
}

/* The batches of a source that transforms are those of one that does not, transformed; fit and the
   mean see fields. Cosines take the fields' room, Fourier modes more. */
static void test_source_transforms_once(void **state)
{
    static float hat[BATCH * NY * (NX + 2)];
    static bench b;

    (void)state;
    for (int m = 0; m < 2; m++) {
        leray_source *plain, *once;
        size_t size;
        double seen[2] = {0};

        begin(&b, models[m], 0, 0);
        assert_ok(make_source(&b, &plain));
        assert_ok(make_source(&b, &once));
        assert_ok(leray_task_expect_coefficients(&b.task, b.model, &size));
        assert_ok(once->type->transform(once, size, leray_task_transform, &b.task));
        assert_ok(plain->type->fit(plain, count_fields, &seen[0]));
        assert_ok(once->type->fit(once, count_fields, &seen[1]));
        assert_true(seen[0] == seen[1] && seen[0] != 0);
        for (int64_t k = 0; k < plain->batches; k++) {
            leray_batch p, t;

            assert_ok(plain->type->next(plain, k, &p));
            assert_ok(once->type->next(once, k, &t));
            assert_int_equal(p.n, t.n);
            assert_memory_equal(p.x, t.x, (size_t)p.n * POINTS * sizeof *p.x);
            assert_ok(leray_task_transform(&b.task, p.n, p.y, hat));
            assert_memory_equal(hat, t.y, (size_t)p.n * size * sizeof *hat);
        }
        assert_memory_equal(plain->mean, once->mean, POINTS * sizeof *plain->mean);
        leray_source_destroy(&once);
        leray_source_destroy(&plain);
        finish(&b);
    }
}

static leray_status whole_life(const bench *b, leray_task *task)
{
    leray_source *source;
    leray_batch batch;
    size_t size = 0;
    leray_status status;

    task->coefficients.ndim = 0;
    LERAY_TRY(make_source(b, &source));
    status = leray_task_expect_coefficients(task, b->model, &size);
    if (!status) status = source->type->transform(source, size, leray_task_transform, task);
    if (!status) status = source->type->next(source, 0, &batch);
    leray_source_destroy(&source);
    return status;
}

static void test_failing_allocations(void **state)
{
    static bench b;
    long live;
    leray_status status = LERAY_ERR_MEMORY;

    (void)state;
    begin(&b, models[1], 0, 0);
    live = leray_mem_live();
    for (long k = 1; status; k++) {
        leray_mem_fail_at(k);
        status = whole_life(&b, &b.task);
        leray_mem_fail_at(0);
        if (status) assert_int_equal(status, LERAY_ERR_MEMORY);
        assert_int_equal(leray_mem_live(), live);
    }
    finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses_are_those_of_fields),
        cmocka_unit_test(test_which_losses),
        cmocka_unit_test(test_source_transforms_once),
        cmocka_unit_test(test_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
