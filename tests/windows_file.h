/* tests/windows_file.h - an ensemble long enough for windows, whose every value tells its place. */
#ifndef LERAY_TESTS_WINDOWS_FILE_H
#define LERAY_TESTS_WINDOWS_FILE_H

#include "data_files.h"

#include "data/dataset.h"
#include "data/formats/well/well.h"

enum { W_NY = 4, W_NX = 4, W_POINTS = W_NY * W_NX, W_TRAJECTORIES = 3, W_STEPS = 12 };

extern const leray_dataset_type leray_dataset_well;

/* Fields: 0 "u", 1 "v", 2 "a", which does not depend on time. */
static inline float w_value(int trajectory, int step, int field, int point)
{
    return (float)(1000 * trajectory + 10 * (field == 2 ? 0 : step) + 3 * field) +
           (float)point / 32;
}

/* Trajectory 1 ends early. */
static inline int w_valid(int trajectory) { return trajectory == 1 ? 9 : W_STEPS; }

static inline leray_status w_write_frames(leray_well_writer *w, leray_frame *frame,
                                          double values[3][W_POINTS], double jump)
{
    for (int t = 0; t < W_TRAJECTORIES; t++) {
        double nu = 0.5 + t;

        for (int step = 0; step < w_valid(t); step++) {
            for (int f = 0; f < 3; f++)
                for (int i = 0; i < W_POINTS; i++) values[f][i] = (double)w_value(t, step, f, i);
            frame->time = 30 + 0.2 * step + (step > 6 ? jump : 0);
            LERAY_TRY(leray_well_write(w, t, step, frame));
        }
        LERAY_TRY(leray_well_write_parameters(w, t, &nu));
    }
    return LERAY_OK;
}

/* Frames 0.2 apart from time 30 on, but `jump` more from step 6 to 7. */
static inline leray_status w_write_file(const char *path, double jump)
{
    static const leray_well_sampled sampled[] = {
        {"nu", "1"}
    };
    static const char *const constant[] = {"a"};
    static const char *const names[] = {"u", "v", "a"};
    leray_well_description d = {.dataset_name = "windows",
                                .n_trajectories = W_TRAJECTORIES,
                                .n_steps = W_STEPS,
                                .n_sampled = 1,
                                .sampled = sampled,
                                .n_static = 1,
                                .static_fields = constant};
    double values[3][W_POINTS] = {{0}};
    leray_grid grid = leray_grid_periodic(2, (int[]){W_NY, W_NX}, (double[]){1, 1});
    leray_frame_field field[3];
    leray_frame frame = {.grid = &grid, .count = W_NY, .nfields = 3, .field = field};
    leray_well_writer *w;
    leray_status status;

    for (int f = 0; f < 3; f++) field[f] = (leray_frame_field){names[f], "m/s", values[f]};
    LERAY_TRY(leray_well_create(path, &d, &frame, &w));
    status = w_write_frames(w, &frame, values, jump);
    if (status) leray_well_abandon(&w);
    else status = leray_well_commit(&w);
    return status;
}

/* The reader on a section with these keys beside the path; x has u, v and a unless they say more. */
static inline leray_status w_open(const char *path, const char *keys, leray_dataset **out)
{
    char yaml[LERAY_PATH_MAX + 2048];
    leray_config *cfg;
    leray_status status;

    *out = NULL;
    snprintf(yaml, sizeof yaml, "path: %s\n%s%s", path,
             strstr(keys, "inputs:") ? "" : "inputs: u, v, a\n", keys);
    LERAY_TRY(leray_config_from_section("data", yaml, leray_dataset_well.keys, &cfg));
    status = leray_dataset_create_type(&leray_dataset_well, cfg, "data", out);
    leray_config_destroy(&cfg);
    return status;
}

/* Whether `at` is this frame of the fields u and v. */
static inline void w_check_frame(const float *at, int trajectory, int step)
{
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < W_POINTS; i++)
            assert_true(at[f * W_POINTS + i] == w_value(trajectory, step, f, i));
}

#endif
