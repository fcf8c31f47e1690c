/* tests/plugin/parts.c - a loss, a data set and a sampler from outside, on the installed headers alone. With
   -DMARK="FILE" it writes a file when it is loaded; other macros make plugins that are refused. */
#include <leray/impl/mem.h>
#include <leray/impl/ops.h>
#include <leray/impl/plugin.h>
#include <math.h>
#include <stdio.h>

/* ---- mean |p - t| ------------------------------------------------------------------------- */

static leray_status apply(const leray_loss *self, leray_tape *tape, leray_tensor *prediction,
                          leray_tensor *target, leray_tensor *weight, leray_tensor **scalar)
{
    (void)self;
    return leray_op_mean_power(tape, prediction, target, weight, 1, scalar);
}

static const leray_loss_type absolute = {
    .summary = "mean absolute error", .size = sizeof(leray_loss), .apply = apply};

/* ---- waves w = sin(2 pi (x - t) + i), that move by a quarter of their length from frame to frame -- */

typedef struct settings {
    int64_t n, count;
} settings;

static const leray_key rows[] = {
    LERAY_KEY_INT(settings, n, "n", "16", 4, 4096, "1", "points"),
    LERAY_KEY_INT(settings, count, "count", "8", 1, 1e6, "1", "waves"),
};

static leray_status read_frame(leray_trajectories *self, int trajectory, int frame, int n,
                               const int *channel, float *out)
{
    int points = self->grid.axis[0].n;

    (void)n, (void)channel; /* there is one */
    for (int x = 0; x < points; x++)
        out[x] = (float)sin(6.283185307179586 * (1.0 * x / points - 0.25 * frame) + trajectory);
    return LERAY_OK;
}

static double time_of(const leray_trajectories *self, int trajectory, int frame)
{
    (void)self, (void)trajectory;
    return 0.25 * frame;
}

static void fini(leray_trajectories *self) { (void)self; }

static const leray_trajectories_type waves_trajectories = {read_frame, time_of, fini};

static leray_status fill(leray_trajectories *t, const settings *s)
{
    leray_grid grid = leray_grid_periodic(1, (int[]){(int)s->n}, (double[]){1});

    t->type = &waves_trajectories;
    t->source = "waves";
    t->provenance = "";
    t->n = (int)s->count;
    LERAY_TRY(leray_grid_copy(&grid, &t->grid));
    LERAY_TRY(leray_channels_add(&t->channels, "w", "1", true));
    LERAY_TRY(LERAY_ALLOC(&t->frames, (size_t)t->n));
    for (int i = 0; i < t->n; i++) t->frames[i] = 5;
    return LERAY_OK;
}

static leray_status open_waves(const void *set, const leray_config *cfg, const char *section,
                               leray_trajectories **out)
{
    leray_status status;

    (void)cfg, (void)section;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->type = &waves_trajectories;
    status = fill(*out, set);
    if (status) leray_trajectories_destroy(out);
    return status;
}

static void windows(const void *set, const leray_trajectories *trajectories,
                    leray_window_settings *out)
{
    (void)set, (void)trajectories;
    out->history = out->every = out->lead = out->window = 1;
}

static const leray_dataset_type waves = {
    .name = "waves",
    .summary = "waves that move",
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(settings),
    .open = open_waves,
    .windows = windows,
};

/* ---- middles of n equal parts, the same in every direction --------------------------------- */

static void point(const leray_sampler *self, int i, double *x)
{
    for (int k = 0; k < self->d; k++) x[k] = (i + 0.5) / self->n;
}

static const leray_sampler_type middles = {
    .name = "middles", .summary = "middles of equal parts", .max_dimension = 64, .point = point};

/* ---- the plugin ---------------------------------------------------------------------------- */

#ifdef MARK
__attribute__((constructor)) static void mark(void)
{
    FILE *file = fopen(MARK, "w");

    if (file) fclose(file);
}
#endif

#ifdef OTHER_VERSION
#undef LERAY_BUILT_FOR
#define LERAY_BUILT_FOR "Leray 9.8.7, headers 0123456789ab"
#endif
#ifndef LOSS_NAME
#define LOSS_NAME "absolute"
#endif
#ifdef NO_APPLY
static const leray_loss_type empty = {.summary = "nothing", .size = sizeof(leray_loss)};
#define LOSS empty
#else
#define LOSS absolute
#endif
#ifdef TWO_TYPES
#define ALSO &middles
#else
#define ALSO NULL
#endif

static const leray_component components[] = {
    {.name = "waves",      .dataset = &waves},
    {                 .name = "middles", .sampler = &middles                 },
    { .name = LOSS_NAME,     .loss = &LOSS,                      .sampler = ALSO},
};
#ifndef NO_ENTRY
LERAY_PLUGIN(components)
#else
extern const leray_component *nobody_looks_here(void);
const leray_component *nobody_looks_here(void) { return components; }
#endif
