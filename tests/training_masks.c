/* tests/training_masks.c - what lies under a mask, the grid's or a sample's, does not enter the normalisers of a
   training, whether samples are held in memory or read. */
#include "check.h"
#include "grids.h"
#include "operators_make.h"

#include "training/source.h"
#include "training/task.h"

enum { NY = 4, NX = 6, POINTS = NY * NX, TRAJECTORIES = 3, FRAMES = 5, CHANNELS = 2 };

static const int frames[TRAJECTORIES] = {FRAMES, FRAMES, FRAMES};
static float
    values[TRAJECTORIES * FRAMES * CHANNELS * POINTS]; /* u, and a mask of each trajectory */
static const unsigned char grid_mask[POINTS] = {1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1,
                                                1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1};

static bool counts(bool of_grid, int trajectory, int point)
{
    return of_grid ? grid_mask[point] : (point + trajectory) % 4 != 0;
}

static void make_values(bool of_grid)
{
    float *at = values;

    draw(7, TRAJECTORIES * FRAMES * CHANNELS * POINTS, LERAY_F32, values);
    for (int t = 0; t < TRAJECTORIES; t++)
        for (int f = 0; f < FRAMES; f++, at += CHANNELS * POINTS)
            for (int i = 0; i < POINTS; i++) {
                at[i] = counts(of_grid, t, i) ? at[i] + (float)f : 1e6F * (float)(f + 1);
                at[POINTS + i] = counts(of_grid, t, i);
            }
}

static void open_source(bool of_grid, double memory, leray_source **out)
{
    leray_file_settings settings = {.seed = 1, .batch = 4, .epochs = 1, .memory = memory};
    leray_window_settings samples = {.history = 1, .every = 1, .lead = 1, .window = 1};
    leray_grid grid = grid_2d(NY, NX, true);
    leray_dataset *dataset;

    snprintf(samples.inputs, sizeof samples.inputs, "u");
    if (of_grid) grid.mask = grid_mask;
    else snprintf(samples.mask, sizeof samples.mask, "m");
    make_values(of_grid);
    assert_ok(LERAY_ALLOC(&dataset, 1));
    assert_ok(memory_of(&grid, "u m", TRAJECTORIES, frames, values, &dataset->trajectories));
    assert_ok(leray_windows_init(&dataset->windows, dataset->trajectories, &samples));
    assert_ok(leray_source_from_dataset(&dataset, &settings, out));
}

/* Mean and deviation over the points that count alone, of frames (later 0) and of their increments (1). */
static void moments(bool of_grid, int later, double *mean, double *deviation, int *n)
{
    double sum = 0, squares = 0;

    *n = 0;
    for (int t = 0; t < TRAJECTORIES; t++)
        for (int f = 0; f + 1 < FRAMES; f++)
            for (int i = 0; i < POINTS; i++) {
                const float *u = values + (t * FRAMES + f) * CHANNELS * POINTS + i;
                double x = later ? (double)u[CHANNELS * POINTS] - u[0] : u[0];

                if (!counts(of_grid, t, i)) continue;
                sum += x, squares += x * x, ++*n;
            }
    *mean = sum / *n;
    *deviation = sqrt(squares / *n - *mean * *mean);
}

static void check(const leray_normalizer *n, bool of_grid, int later)
{
    double mean, deviation;
    int count;

    moments(of_grid, later, &mean, &deviation, &count);
    assert_true(n->count == count);
    assert_close(n->shift[0], mean, 1e-6);
    assert_close(n->scale[0], deviation, 1e-6);
}

static void masked_points_do_not_count(void **state)
{
    leray_task_settings settings = {LERAY_TARGET_INCREMENT, LERAY_NORMALIZER_MEAN_STD,
                                    LERAY_NORMALIZER_MEAN_STD, LERAY_LOSS_PHYSICAL};

    (void)state;
    for (int of_grid = 0; of_grid < 2; of_grid++)
        for (double memory = 0; memory <= 1e9; memory += 1e9) {
            leray_source *source;
            leray_task task;

            open_source(of_grid, memory, &source);
            assert_ok(leray_task_init(&task, &settings, &source->info));
            assert_ok(source->type->fit(source, leray_task_observe, &task));
            assert_ok(leray_task_finish(&task));
            check(task.input, of_grid, 0);
            check(task.output, of_grid, 1);
            leray_task_fini(&task);
            leray_source_destroy(&source);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masked_points_do_not_count)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
