/* tests/training_task.c - from samples to model input, from model output to predictions, and back. */
#include "check.h"
#include "data_files.h"
#include "operators_make.h"

#include "training/task.h"

#include <float.h>

#define SAMPLES 7
#define NY 4
#define NX 6
#define POINTS (NY * NX)

/* Two state channels with a history of two and one static channel; two parameters. */
static leray_sample_info make_info(void)
{
    leray_sample_info info = {.n_state = 2,
                              .n_static = 1,
                              .history = 2,
                              .window = 1,
                              .autoregressive = true,
                              .interval = 0.1,
                              .spacing = 0.1};
    leray_grid grid = grid_2d(NY, NX, true);

    grid.axis[0].length = 1.0 / 3, grid.axis[1].length = 2;
    grid.axis[1].points = LERAY_AT_CENTRES;
    grid.axis[1].boundary[0] = grid.axis[1].boundary[1] = LERAY_WALL;
    assert_ok(leray_grid_copy(&grid, &info.grid));
    assert_ok(leray_channels_add(&info.input, "vorticity", "1/s", true));
    assert_ok(leray_channels_add(&info.input, "temperature", "K", true));
    assert_ok(leray_channels_add(&info.input, "height", "m", false));
    assert_ok(leray_channels_add(&info.output, "vorticity", "1/s", true));
    assert_ok(leray_channels_add(&info.output, "temperature", "K", true));
    assert_ok(leray_sample_info_add_parameter(&info, "nu", "m^2/s", true));
    assert_ok(leray_sample_info_add_parameter(&info, "drag", "", false));
    return info;
}

/* Samples of unlike channels: channel c has the mean 3c and the spread 2 + c. */
typedef struct samples {
    float x[SAMPLES * 5 * POINTS], y[SAMPLES * 2 * POINTS], parameters[SAMPLES * 2];
    leray_batch batch;
} samples;

static void make_samples(samples *s)
{
    size_t i = 0;

    draw(1, sizeof s->x / sizeof *s->x, LERAY_F32, s->x);
    draw(2, sizeof s->y / sizeof *s->y, LERAY_F32, s->y);
    for (int b = 0; b < SAMPLES; b++)
        for (int c = 0; c < 5; c++)
            for (int k = 0; k < POINTS; k++, i++) s->x[i] = 3 * (float)c + (2 + (float)c) * s->x[i];
    for (i = 0; i < sizeof s->y / sizeof *s->y; i++) s->y[i] = 50 + 0.25f * s->y[i];
    for (i = 0; i < SAMPLES; i++) {
        s->parameters[2 * i] = 1e-3f * (float)(i + 1);
        s->parameters[2 * i + 1] = (float)i - 2;
    }
    s->batch = (leray_batch){SAMPLES, SAMPLES, s->x, s->y, s->parameters, NULL};
}

static leray_status fit(leray_task *task, const samples *s)
{
    leray_batch one = s->batch;

    for (int b = 0; b < SAMPLES; b++, one.x += 5 * POINTS, one.y += 2 * POINTS, one.parameters += 2)
        LERAY_TRY(leray_task_observe(task, &one));
    return leray_task_finish(task);
}

static void make_task(leray_task *task, int target, int outputs, int space, const samples *s)
{
    leray_task_settings settings = {target, LERAY_NORMALIZER_MEAN_STD, outputs, space};
    leray_sample_info info = make_info();

    assert_ok(leray_task_init(task, &settings, &info));
    leray_sample_info_fini(&info);
    assert_ok(fit(task, s));
    assert_true(task->fitted);
}

/* A model whose output is what the test says, and which keeps the gradient of that. */
typedef struct probe {
    leray_model base;
    float output[SAMPLES * 2 * POINTS], gradient[SAMPLES * 2 * POINTS];
} probe;

static leray_status probe_forward(leray_model *self, leray_tape *tape, leray_tensor *x,
                                  leray_tensor **y)
{
    int shape[4] = {x->shape[0], 2, x->shape[2], x->shape[3]};
    probe *p = (probe *)self;

    return leray_tape_parameter(tape, 4, shape, p->output, p->gradient, y);
}

static leray_status probe_accepts(const leray_model *self, const leray_extents *grid)
{
    (void)self, (void)grid;
    return LERAY_OK;
}

static const leray_model_type probe_type = {.forward = probe_forward, .accepts = probe_accepts};

/* Prediction and loss for this output; the gradient of the loss unless it is NULL. */
static double differentiate(leray_task *task, const samples *s, const float *output,
                            float *prediction, float *gradient)
{
    static float input[SAMPLES * 7 * POINTS], last[SAMPLES * 2 * POINTS];
    static float mask[SAMPLES * 2 * POINTS];
    static probe model;
    int shape[4] = {SAMPLES, leray_task_channels_in(task), NY, NX};
    leray_tape *tape;
    leray_tensor *x, *y, *truth, *scalar;
    leray_loss *loss;
    double value;

    model.base = (leray_model){
        .type = &probe_type, .problem = leray_task_problem(task), .frames = task->info.window};
    memcpy(model.output, output, sizeof model.output);
    assert_ok(make_loss(&leray_loss_relative_l2, "", &loss));
    assert_ok(leray_tape_create(LERAY_F32, &tape));
    leray_task_input(task, &s->batch, POINTS, input);
    leray_task_last_frame(task, &s->batch, POINTS, last);
    if (s->batch.mask) leray_task_mask(task, &s->batch, POINTS, mask);
    assert_ok(leray_tape_input(tape, 4, shape, input, &x));
    assert_ok(leray_task_forward(task, &model.base, tape, x, last, &y));
    assert_ok(leray_task_truth(task, &model.base, tape, SAMPLES, s->y, &truth));
    assert_ok(leray_task_loss(task, loss, tape, s->batch.mask ? mask : NULL, y, truth, &scalar));
    memcpy(prediction, y->value, SAMPLES * 2 * POINTS * sizeof *prediction);
    value = leray_tensor_scalar(scalar);
    if (gradient) {
        memset(model.gradient, 0, sizeof model.gradient);
        assert_ok(leray_tape_backward(tape, scalar));
        memcpy(gradient, model.gradient, sizeof model.gradient);
    }
    leray_tape_destroy(&tape);
    leray_loss_destroy(&loss);
    return value;
}

static double predict(leray_task *task, const samples *s, const float *output, float *prediction)
{
    return differentiate(task, s, output, prediction, NULL);
}

/* The newest frame of x: channels 2 and 3 of 5. */
static float newest(const samples *s, int b, int c, int k)
{
    return s->x[((size_t)b * 5 + 2 + (size_t)c) * POINTS + (size_t)k];
}

static void test_zero_increment_is_the_identity(void **state)
{
    static const float zero[SAMPLES * 2 * POINTS];
    static samples s;
    float p[SAMPLES * 2 * POINTS];
    leray_task task;
    size_t i = 0;

    (void)state;
    make_samples(&s);
    make_task(&task, LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_NONE, LERAY_LOSS_PHYSICAL, &s);
    predict(&task, &s, zero, p);
    for (int b = 0; b < SAMPLES; b++)
        for (int c = 0; c < 2; c++)
            for (int k = 0; k < POINTS; k++, i++) assert_true(p[i] == newest(&s, b, c, k));
    leray_task_fini(&task);

    /* With a fitted normaliser it adds the mean increment. */
    make_task(&task, LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
    predict(&task, &s, zero, p);
    i = 0;
    for (int b = 0; b < SAMPLES; b++)
        for (int c = 0; c < 2; c++)
            for (int k = 0; k < POINTS; k++, i++)
                assert_true(p[i] == task.shift[c] + newest(&s, b, c, k));
    leray_task_fini(&task);
}

/* The newest frame is the baseline of an evaluation, whatever the target. */
static void test_last_frame(void **state)
{
    static samples s;
    static float last[SAMPLES * 2 * POINTS];

    (void)state;
    make_samples(&s);
    for (int target = LERAY_TARGET_STATE; target <= LERAY_TARGET_INCREMENT; target++) {
        leray_task task;

        make_task(&task, target, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
        memset(last, 0, sizeof last);
        leray_task_last_frame(&task, &s.batch, POINTS, last);
        for (size_t b = 0; b < SAMPLES; b++)
            assert_memory_equal(last + b * 2 * POINTS, s.x + (b * 5 + 2) * POINTS,
                                2 * POINTS * sizeof *last);
        leray_task_fini(&task);
    }
}

/* The output (target - shift) / scale gives the truth, for both targets and all normalisers. */
static void test_right_output_predicts_the_truth(void **state)
{
    static samples s;
    static float o[SAMPLES * 2 * POINTS], p[SAMPLES * 2 * POINTS];

    (void)state;
    make_samples(&s);
    for (int target = 0; target < 2; target++)
        for (int kind = 0; kind < 3; kind++)
            for (int space = 0; space < 2; space++) {
                leray_task task;
                double worst = 0, loss;
                size_t i = 0;

                make_task(&task, target, kind, space, &s);
                for (int b = 0; b < SAMPLES; b++)
                    for (int c = 0; c < 2; c++)
                        for (int k = 0; k < POINTS; k++, i++) {
                            double u = target == LERAY_TARGET_INCREMENT ? newest(&s, b, c, k) : 0;

                            o[i] = (float)((s.y[i] - u - task.output->shift[c]) /
                                           task.output->scale[c]);
                        }
                loss = predict(&task, &s, o, p);
                for (i = 0; i < sizeof p / sizeof *p; i++)
                    worst = fmax(worst, fabs((double)p[i] - s.y[i]));
                assert_at_most(worst, 50 * 4 * FLT_EPSILON);
                assert_at_most(loss, 4 * FLT_EPSILON);
                leray_task_fini(&task);
            }
}

/* Mean 0 and variance 1 of every channel over the samples seen; parameters are constant channels,
   nu by its logarithm; invert gives the samples back. */
static void test_input_is_normalised(void **state)
{
    static samples s;
    static float input[SAMPLES * 7 * POINTS];
    leray_task task;
    double worst = 0;

    (void)state;
    make_samples(&s);
    make_task(&task, LERAY_TARGET_STATE, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
    assert_int_equal(leray_task_channels_in(&task), 7);
    leray_task_input(&task, &s.batch, POINTS, input);
    for (int c = 0; c < 7; c++) {
        double sum = 0, square = 0;

        for (int b = 0; b < SAMPLES; b++)
            for (int k = 0; k < POINTS; k++) {
                double z = input[((size_t)b * 7 + (size_t)c) * POINTS + (size_t)k];

                sum += z, square += z * z;
                if (c >= 5) assert_true(z == input[((size_t)b * 7 + (size_t)c) * POINTS]);
            }
        assert_close(sum / (SAMPLES * POINTS), 0, 1e-6);
        assert_close(square / (SAMPLES * POINTS), 1, 1e-6);
    }
    for (size_t b = 0; b < SAMPLES; b++) {
        float back[5 * POINTS], p[2];
        float z[2] = {input[(b * 7 + 5) * POINTS], input[(b * 7 + 6) * POINTS]};

        leray_normalizer_invert(task.input, input + b * 7 * POINTS, POINTS, back);
        for (size_t i = 0; i < 5 * POINTS; i++)
            worst = fmax(worst, fabs((double)back[i] - s.x[b * 5 * POINTS + i]));
        leray_normalizer_invert(task.parameter, z, 1, p);
        assert_close(p[0] / s.parameters[2 * b], 1, 1e-6);
        assert_close(p[1], s.parameters[2 * b + 1], 1e-6);
    }
    assert_at_most(worst, 30 * 2 * FLT_EPSILON);
    /* log nu is equidistant where nu is geometric: nu = 1e-3, 2e-3, 4e-3 are samples 0, 1, 3. */
    assert_close(input[(1 * 7 + 5) * POINTS] - input[5 * POINTS],
                 input[(3 * 7 + 5) * POINTS] - input[(1 * 7 + 5) * POINTS], 1e-6);
    leray_task_fini(&task);
}

/* Both spaces against the definition; they differ, because the channels' scales do. */
static void test_loss_spaces(void **state)
{
    static samples s;
    static float o[SAMPLES * 2 * POINTS], p[SAMPLES * 2 * POINTS];

    (void)state;
    make_samples(&s);
    for (size_t b = 0; b < SAMPLES; b++) /* unlike scales */
        for (size_t k = 0; k < POINTS; k++)
            s.y[(b * 2 + 1) * POINTS + k] = 5 + 40 * (s.y[(b * 2 + 1) * POINTS + k] - 50);
    draw(3, sizeof o / sizeof *o, LERAY_F32, o);
    for (int space = 0; space < 2; space++) {
        leray_task task;
        double expected = 0, loss;
        size_t i = 0;

        make_task(&task, LERAY_TARGET_STATE, LERAY_NORMALIZER_MEAN_STD, space, &s);
        loss = predict(&task, &s, o, p);
        for (int b = 0; b < SAMPLES; b++) {
            double above = 0, below = 0;

            for (int c = 0; c < 2; c++)
                for (int k = 0; k < POINTS; k++, i++) {
                    double scale = space == LERAY_LOSS_NORMALISED ? task.output->scale[c] : 1;

                    above += pow((p[i] - s.y[i]) / scale, 2);
                    below += pow(s.y[i] / scale, 2);
                }
            expected += sqrt(above / below) / SAMPLES;
        }
        assert_close(loss / expected, 1, 1e-5);
        print_message("space %d: loss %.6f\n", space, loss);
        leray_task_fini(&task);
    }
}

/* Each sample hides points of its own: what lies there changes neither the loss nor any gradient, and the loss
   is that of the points that are left. */
static void test_masks_of_samples(void **state)
{
    static samples s;
    static float output[SAMPLES * 2 * POINTS], p[SAMPLES * 2 * POINTS];
    static float g[SAMPLES * 2 * POINTS], h[SAMPLES * 2 * POINTS], mask[SAMPLES * POINTS];

    (void)state;
    make_samples(&s);
    draw(4, SAMPLES * 2 * POINTS, LERAY_F32, output);
    for (int b = 0; b < SAMPLES; b++)
        for (int k = 0; k < POINTS; k++) mask[b * POINTS + k] = (k + b) % 5 != 0;
    for (int target = LERAY_TARGET_STATE; target <= LERAY_TARGET_INCREMENT; target++) {
        leray_task task;
        double before, want = 0;

        make_samples(&s);
        make_task(&task, target, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
        s.batch.mask = mask;
        before = differentiate(&task, &s, output, p, g);
        for (int b = 0; b < SAMPLES; b++) {
            double error = 0, norm = 0;

            for (int i = b * 2 * POINTS; i < (b + 1) * 2 * POINTS; i++) {
                double u = (double)s.y[i], e = (double)p[i] - u;

                if (mask[b * POINTS + i % POINTS] != 0) error += e * e, norm += u * u;
            }
            want += sqrt(error / norm) / SAMPLES;
        }
        assert_close(before, want, 1e-6);
        for (int i = 0; i < SAMPLES * 2 * POINTS; i++)
            if (mask[i / (2 * POINTS) * POINTS + i % POINTS] == 0) s.y[i] += 1000, output[i] -= 30;
        assert_true(differentiate(&task, &s, output, p, h) == before);
        for (int i = 0; i < SAMPLES * 2 * POINTS; i++) {
            assert_true(g[i] == h[i]);
            assert_true((mask[i / (2 * POINTS) * POINTS + i % POINTS] == 0) == (g[i] == 0));
        }
        leray_task_fini(&task);
    }
}

/* Training is the same at every scale that float can hold: multiplied by a power of two, the fields
   give the same loss and the same gradient of the model's output, to the last bit. */
static void test_scales(void **state)
{
    static const int powers[] = {120, -120, 100, -100, 70, -70};
    static samples s, t;
    static float o[SAMPLES * 2 * POINTS], p[SAMPLES * 2 * POINTS], g[2][SAMPLES * 2 * POINTS];

    (void)state;
    make_samples(&s);
    draw(5, SAMPLES * 2 * POINTS, LERAY_F32, o);
    for (int i = 0; i < 4 * 6; i++) {
        int target = i % 2, space = i / 2 % 2;
        double loss[2];

        t = s;
        t.batch.x = t.x, t.batch.y = t.y, t.batch.parameters = t.parameters;
        for (size_t k = 0; k < SAMPLES * 5 * POINTS; k++) t.x[k] = ldexpf(t.x[k], powers[i / 4]);
        for (size_t k = 0; k < SAMPLES * 2 * POINTS; k++) t.y[k] = ldexpf(t.y[k], powers[i / 4]);
        for (int j = 0; j < 2; j++) {
            leray_loss *relative;
            leray_task task;

            make_task(&task, target, LERAY_NORMALIZER_MEAN_STD, space, j ? &t : &s);
            assert_ok(make_loss(&leray_loss_relative_l2, "", &relative));
            leray_task_choose_unit(&task, relative);
            assert_true((task.unit == 1) == (j == 0));
            loss[j] = differentiate(&task, j ? &t : &s, o, p, g[j]);
            leray_loss_destroy(&relative);
            leray_task_fini(&task);
        }
        assert_true(loss[0] == loss[1]);
        assert_memory_equal(g[0], g[1], sizeof g[0]);
    }
}

/* A loss in the units of the data keeps them, unless it compares normalised fields. */
static void test_units_of_other_losses(void **state)
{
    static samples s;
    leray_loss *mse, *term;
    leray_task task;

    (void)state;
    make_samples(&s);
    for (size_t k = 0; k < SAMPLES * 2 * POINTS; k++) s.y[k] *= 1e20f;
    assert_ok(make_loss(&leray_loss_mse, "", &mse));
    make_task(&task, LERAY_TARGET_STATE, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
    leray_task_choose_unit(&task, mse);
    assert_true(task.unit == 1);
    leray_task_fini(&task);
    make_task(&task, LERAY_TARGET_STATE, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_NORMALISED, &s);
    leray_task_choose_unit(&task, mse);
    assert_true(task.unit > 1e20 && task.unit < 1e22);
    leray_task_fini(&task);
    assert_ok(make_loss(&leray_loss_sobolev, "", &term));
    assert_true(leray_loss_is_relative(term));
    leray_loss_append(term, &mse);
    assert_false(leray_loss_is_relative(term));
    leray_loss_destroy(&term);
    assert_ok(make_loss(&leray_loss_sobolev, "relative: false", &term));
    assert_false(leray_loss_is_relative(term));
    leray_loss_destroy(&term);
}

/* JSON to text and back: the same text again, and the same bits in what the tape reads. */
static void test_json_round_trip(void **state)
{
    static samples s;
    leray_task a, b;
    leray_json *json, *parsed;
    char *text, *again;

    (void)state;
    make_samples(&s);
    make_task(&a, LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_NORMALISED, &s);
    assert_ok(leray_task_to_json(&a, &json));
    assert_ok(leray_json_text(json, 0, &text));
    assert_ok(leray_json_parse("test", text, strlen(text), &parsed));
    leray_json_destroy(&json);
    assert_ok(leray_task_from_json(&b, &a.settings, parsed));
    leray_json_destroy(&parsed);
    assert_ok(leray_task_to_json(&b, &json));
    assert_ok(leray_json_text(json, 0, &again));
    leray_json_destroy(&json);
    assert_string_equal(text, again);
    assert_true(b.fitted);
    assert_memory_equal(a.factor, b.factor, 2 * sizeof *a.factor);
    assert_memory_equal(a.shift, b.shift, 2 * sizeof *a.shift);
    assert_memory_equal(a.inverse, b.inverse, 2 * sizeof *a.inverse);
    assert_memory_equal(a.input->shift, b.input->shift, 5 * sizeof *a.input->shift);
    assert_memory_equal(a.input->scale, b.input->scale, 5 * sizeof *a.input->scale);
    assert_memory_equal(a.parameter->shift, b.parameter->shift, 2 * sizeof *a.parameter->shift);
    assert_true(b.parameter->log[0] && !b.parameter->log[1]);
    assert_true(b.info.grid.axis[0].length == 1.0 / 3 && b.info.interval == 0.1);
    assert_string_equal(b.info.output.item[1].unit, "K");
    assert_string_equal(b.info.parameter[0].name, "nu");
    assert_string_equal(b.info.parameter[0].unit, "m^2/s");
    assert_string_equal(b.info.parameter[1].unit, "");
    leray_mem_free(text);
    leray_mem_free(again);
    leray_task_fini(&a);
    leray_task_fini(&b);
}

/* The JSON with `from` replaced by `to`. */
static leray_status read_altered(const leray_task *task, const char *from, const char *to)
{
    char *text, altered[8192], *at;
    leray_json *json;
    leray_task copy = {0};
    leray_status status;

    assert_ok(leray_task_to_json(task, &json));
    assert_ok(leray_json_text(json, 0, &text));
    leray_json_destroy(&json);
    at = strstr(text, from);
    assert_non_null(at);
    snprintf(altered, sizeof altered, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    leray_mem_free(text);
    assert_ok(leray_json_parse("test", altered, strlen(altered), &json));
    status = leray_task_from_json(&copy, &task->settings, json);
    leray_json_destroy(&json);
    leray_task_fini(&copy);
    return status;
}

static void test_json_errors(void **state)
{
    static const struct {
        const char *from, *to, *words;
    } wrong[] = {
        {"\"input\"",             "\"inputs\"",                     "input"              },
        {"\"samples\"",           "\"sample\"",                     "samples"            },
        {"\"n_inputs\": 5",       "\"n_inputs\": 4",                "fit together"       },
        {"\"n_state\": 2",        "\"n_state\": -2",                "n_state"            },
        {"\"n_outputs\": 2",      "\"n_outputs\": 3",               "fit together"       },
        {"\"window\": 1",         "\"window\": 3",                  "fit together"       },
        {"\"window\": 1",         "\"window\": 0",                  "fit together"       },
        {"\"n\": 4",              "\"n\": 0",                       "axis of 0 points"   },
        {"\"n\": 4",              "\"n\": 100000000",               "of 100000000 points"},
        {"\"axes\": [",           "\"axes\": [1, 2, 3, ",           "5 axes"             },
        {"\"vertices\"",          "\"corners\"",                    "is 'corners'"       },
        {"\"length\": 2.0",       "\"length\": -2.0",               "a finite length"    },
        {"\"parameter_log\": [1", "\"parameter_log\": [1, 0",       "parameter_log"      },
        {"\"m^2/s\", \"\"",       "\"m^2/s\"",                      "parameter_units"    },
        {"\"interval\": ",        "\"interval\": \"0.1\", \"x\": ", "interval"           },
    };
    static samples s;
    leray_task task;

    (void)state;
    make_samples(&s);
    make_task(&task, LERAY_TARGET_STATE, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(read_altered(&task, wrong[i].from, wrong[i].to), LERAY_ERR_DATA,
                     wrong[i].words);
    leray_task_fini(&task);
}

/* Model files older than windows do not say how many frames follow: one does. */
static void test_files_without_a_window(void **state)
{
    static samples s;
    leray_task task;

    (void)state;
    make_samples(&s);
    make_task(&task, LERAY_TARGET_STATE, LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL, &s);
    assert_ok(read_altered(&task, "\"window\": 1, ", ""));
    leray_task_fini(&task);
}

static void test_increment_needs_a_time(void **state)
{
    leray_task_settings settings = {.target = LERAY_TARGET_INCREMENT};
    leray_sample_info info = make_info();
    leray_task task;

    (void)state;
    info.autoregressive = false;
    assert_fails(leray_task_init(&task, &settings, &info), LERAY_ERR_CONFIG, "must be state");
    leray_task_fini(&task);
    leray_sample_info_fini(&info);
}

static leray_status whole_life(const samples *s, const leray_sample_info *info)
{
    leray_task_settings settings = {1, LERAY_NORMALIZER_MEAN_STD, LERAY_NORMALIZER_MIN_MAX, 0};
    leray_task task, copy = {0};
    leray_json *json = NULL;
    leray_status status = leray_task_init(&task, &settings, info);

    if (!status) status = fit(&task, s);
    if (!status) status = leray_task_to_json(&task, &json);
    if (!status) status = leray_task_from_json(&copy, &settings, json);
    leray_json_destroy(&json);
    leray_task_fini(&copy);
    leray_task_fini(&task);
    return status;
}

static void test_allocation_failures(void **state)
{
    static samples s;
    leray_sample_info info = make_info();
    leray_status status;

    (void)state;
    make_samples(&s);
    assert_survives_failing_allocations(status, status = whole_life(&s, &info));
    leray_sample_info_fini(&info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_increment_is_the_identity),
        cmocka_unit_test(test_last_frame),
        cmocka_unit_test(test_right_output_predicts_the_truth),
        cmocka_unit_test(test_input_is_normalised),
        cmocka_unit_test(test_loss_spaces),
        cmocka_unit_test(test_masks_of_samples),
        cmocka_unit_test(test_scales),
        cmocka_unit_test(test_units_of_other_losses),
        cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_files_without_a_window),
        cmocka_unit_test(test_increment_needs_a_time),
        cmocka_unit_test(test_allocation_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
