/* perf/stream.c - time of a frame's way from a solver to the store that batches are made from, against its floor.

   One client thread runs a solver whose fields do not change, so that nothing but the way itself is timed: the
   doubles of the solver become the floats of a message (read 8 bytes, written 4 for each real), and the reader copies
   those into its store (read 4, written 4). Both work at the same time: the floor is the longer of the two, 12
   bytes over the bandwidth of this machine, on one thread; a large cache that keeps the doubles of a solver at
   rest may do better. A batch copies a frame one more time for each sample that holds it. One JSON object per line;
   median of several runs. */
#include "bench.h"

#include "core/frame.h"
#include "core/threads.h"
#include "online/stream.h"

#include <stdio.h>
#include <string.h>

enum { SIMULATIONS = 8, FRAMES = 32, AXES = LERAY_AXES, REPEATS = 9 };

typedef struct still_settings {
    leray_ints n;
} still_settings;

static const leray_key keys[] = {LERAY_KEY_INTS(still_settings, n, "n", NULL, 1, 4096, "1", "")};

/* A solver at rest. */
typedef struct still {
    leray_solver base;
    leray_grid grid;
    double *values;
    leray_frame_field field;
} still;

static leray_status init(leray_solver *base, const leray_config *cfg, const char *section)
{
    static const double length[AXES] = {1, 1, 1};
    const leray_ints *n = &((const still_settings *)base->settings)->n;
    still *s = (still *)base;
    int shape[AXES];

    (void)cfg, (void)section;
    for (int a = 0; a < n->count && a < AXES; a++) shape[a] = (int)n->value[a];
    s->grid = leray_grid_periodic(n->count, shape, length);
    LERAY_TRY(LERAY_ALLOC(&s->values, leray_grid_points(&s->grid)));
    s->field = (leray_frame_field){"u", "1", s->values};
    return LERAY_OK;
}

static void fini(leray_solver *base) { leray_mem_free(((still *)base)->values); }

static leray_status start(leray_solver *base)
{
    (void)base;
    return LERAY_OK;
}

static leray_status step(leray_solver *base, double dt)
{
    (void)base, (void)dt;
    return LERAY_OK;
}

static void frame(leray_solver *base, leray_frame *out)
{
    still *s = (still *)base;

    out->grid = &s->grid;
    out->nfields = 1;
    out->field = &s->field;
}

static const leray_solver_type type = {
    .name = "still",
    .summary = "",
    .size = sizeof(still),
    .keys = {keys, 1},
    .settings_size = sizeof(still_settings),
    .init = init,
    .fini = fini,
    .start = start,
    .step = step,
    .frame = frame,
};

/* Milliseconds of a frame; `store` has room for all frames of a simulation, as a reservoir would. */
static leray_status run(const leray_ensemble *e, float *store, size_t size, double *ms)
{
    leray_stream *stream;
    double began = 0;
    leray_status status;

    LERAY_TRY(leray_stream_create(e, 1, &stream));
    status = leray_stream_start(stream, 0);
    for (int i = 0; i < SIMULATIONS && !status; i++)
        for (int k = 0; k < FRAMES && !status; k++) {
            const char *reason;
            bool failed;

            status =
                leray_stream_take(stream, i, k, NULL, store + (size_t)k * size, &failed, &reason);
            if (i == 0) began = leray_clock(); /* the first simulation warms up */
        }
    *ms = 1e3 * (leray_clock() - began) / ((SIMULATIONS - 1) * FRAMES);
    leray_stream_destroy(&stream);
    return status;
}

static leray_status measure(const char *name, const char *n, double bandwidth)
{
    leray_ensemble e = {.solver = &type};
    double ms[REPEATS] = {0}, floor;
    char yaml[64];
    leray_config *cfg;
    size_t size = 0;
    float *store = NULL;
    leray_solver *solver;
    leray_frame f;
    leray_status status;

    snprintf(yaml, sizeof yaml, "{n: %s}", n);
    LERAY_TRY(leray_config_from_section("solver", yaml, type.keys, &cfg));
    e.cfg = cfg;
    e.settings = (leray_ensemble_settings){
        .simulations = SIMULATIONS, .frames = FRAMES, .clients = 1, .interval = 1};
    status = leray_ensemble_solver(&e, &solver);
    if (!status) {
        leray_solver_frame(solver, &f);
        size = leray_frame_points(&f);
        leray_solver_destroy(&solver);
        status = LERAY_ALLOC(&store, FRAMES * size);
    }
    for (int i = 0; i < REPEATS && !status; i++) status = run(&e, store, size, &ms[i]);
    floor = 12e3 * (double)size / bandwidth;
    if (!status)
        printf("{\"name\":\"stream_%s\",\"threads\":2,\"ours_ms\":%.5f,\"floor_ms\":%.5f}\n", name,
               bench_median(REPEATS, ms), floor);
    leray_mem_free(store);
    leray_config_destroy(&cfg);
    return status;
}

int main(void)
{
    double bandwidth = 0;
    leray_status status;

    leray_threads_set(1);
    status = bench_bandwidth(&bandwidth);
    if (!status) status = measure("64x64", "[64, 64]", bandwidth);
    if (!status) status = measure("512x512", "[512, 512]", bandwidth);
    if (!status) status = measure("64x64x64", "[64, 64, 64]", bandwidth);
    if (status) fprintf(stderr, "%s\n", leray_error_message());
    return status != LERAY_OK;
}
