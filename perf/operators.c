/* perf/operators.c - training step, inference and memory of models, beside their floor and PyTorch.

     perf_operators [PATTERN]          all cases whose name contains it, on 1 and 2 threads
     perf_operators --one CASE THREADS    our part of one line (what the above starts)

   A training step is forward, relative L2, backward, AdamW on the same batch again and again;
   inference is forward alone. One JSON object per line:

     {"name", "threads", "ours_ms", "floor_ms", "infer_ms", "rss_mib", "peer", "peer_ms",
      "peer_infer_ms", "peer_rss_mib", ..}

   Times are medians of warm steps; each program runs by itself, ours first and last around the
   peer (before_ms, after_ms; ours_ms is the latter). rss_mib is the largest resident memory of
   the process, libraries included. floor_ms is the time of the multiply-adds at the rate of a large
   matrix product measured here, plus that of the unavoidable traffic (each activation and gradient
   written once and read once, five sweeps of AdamW) at the measured bandwidth of a triad. peer_ms
   is null where PyTorch is missing (tools/deps.sh perf). Run it in the root of the source. */
#include "bench.h"

#include "core/config.h"
#include "core/threads.h"
#include "operators/loss.h"
#include "operators/model.h"
#include "operators/optimizer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define STEPS 9
#define CHANNELS 3

#define LERAY_MODEL(id) extern const leray_model_type leray_model_##id;
#include "operators/models.def"
#undef LERAY_MODEL
extern const leray_loss_type leray_loss_relative_l2;
extern const leray_optimizer_type leray_optimizer_adamw;

typedef struct bench_case {
    const char *name;
    const leray_model_type *type;
    const char *deck, *peer; /* peer: arguments of perf/peers/operators_torch.py; NULL: none */
    leray_extents grid;
    int batch, width, modes, layers;
    double (*flops)(const struct bench_case *c); /* of a step */
    double fields;                               /* of `width` channels that a step keeps */
} bench_case;

/* ---- multiply-adds ---------------------------------------------------------------------- */

/* Forward transform of one field to its kept modes: along x, then along the slower axes with
   the symmetric trick of tensor/algorithms/transform.h. */
static double transform_flops(const bench_case *c)
{
    int last = c->grid.ndim - 1, m = c->modes;
    double rows = (double)leray_extents_points(&c->grid) / c->grid.n[last];
    double total = rows * c->grid.n[last] * 2. * m * 2, columns = 2. * m;

    for (int a = last - 1; a >= 0; a--) {
        int n = c->grid.n[a];

        rows /= n;
        total += rows * ((m + 1.) * (n / 2 + 1) + m * ((n - 1) / 2)) * columns * 2;
        columns *= 2. * m;
    }
    return total;
}

/* Forward, and twice that backward. */
static double fno_flops(const bench_case *c)
{
    double points = (double)c->batch * (double)leray_extents_points(&c->grid), modes = c->modes;
    double w = c->width, images = c->batch * w, hidden = 128;

    for (int a = 0; a + 1 < c->grid.ndim; a++) modes *= 2. * c->modes;
    return c->layers * (4 * images * transform_flops(c) + 3 * modes * 8 * c->batch * w * w +
                        3 * points * 2 * w * w) +
           3 * points * 2 * (w * hidden + hidden) + 2 * points * 2 * CHANNELS * w;
}

static double t1_flops(const bench_case *c)
{
    double modes = 1, w = c->width, hidden = 128, image = (double)leray_extents_points(&c->grid);

    for (int a = 0; a < c->grid.ndim; a++) modes *= c->modes;
    return c->batch * (3 * c->layers * modes * 2 * (w * w + w * c->modes * c->grid.ndim) +
                       3 * modes * 2 * (w * hidden + hidden) + 2 * CHANNELS * image * 2 * c->modes);
}

/* Two 3 x 3 convolutions per level down and up; up also from twice the channels and by 2 x 2. */
static double unet_flops(const bench_case *c)
{
    double points = (double)c->batch * (double)leray_extents_points(&c->grid), w = c->width, total;

    total = points * 9 * (CHANNELS * w + w * w) * 2;
    for (int l = 1; l <= c->layers; l++) {
        double fine = points / pow(4, l - 1), coarse = points / pow(4, l), v = w * pow(2, l);

        total += coarse * 9 * (v / 2 * v + v * v) * 2;
        total += fine * 2 * v / 2 * v + fine * 9 * (v * v / 2 + v / 2 * v / 2) * 2;
    }
    return 3 * total;
}

/* ---- cases ------------------------------------------------------------------------------ */

static const bench_case cases[] = {
    {"fno2d_16_w32_m8_b20",
     &leray_model_fno,
     "width: 32, modes: 8, layers: 4, grid: false",  "fno --grid 16,16 --width 32 --modes 8 --batch 20",
     {2, {16, 16}},
     20, 32,
     8,  4,
     fno_flops,  10},
    {"fno2d_64_w32_m12_b20",
     &leray_model_fno,
     "width: 32, modes: 12, layers: 4, grid: false", "fno --grid 64,64 --width 32 --modes 12 --batch 20",
     {2, {64, 64}},
     20, 32,
     12, 4,
     fno_flops,  10},
    {"fno2d_64_w64_m16_b20",
     &leray_model_fno,
     "width: 64, modes: 16, layers: 4, grid: false", "fno --grid 64,64 --width 64 --modes 16 --batch 20",
     {2, {64, 64}},
     20, 64,
     16, 4,
     fno_flops,  10},
    {"fno2d_256_w32_m16_b4",
     &leray_model_fno,
     "width: 32, modes: 16, layers: 4, grid: false", "fno --grid 256,256 --width 32 --modes 16 --batch 4",
     {2, {256, 256}},
     4,  32,
     16, 4,
     fno_flops,  10},
    {"fno3d_64x64x40_w20_m8_b10",
     &leray_model_fno,
     "width: 20, modes: 8, layers: 4, grid: false",  "fno --grid 64,64,40 --width 20 --modes 8 --batch 10",
     {3, {64, 64, 40}},
     10, 20,
     8,  4,
     fno_flops,  10},
    {"unet_64_w32_l4_b8",
     &leray_model_unet,
     "width: 32, levels: 4",                         "unet --grid 64,64 --width 32 --levels 4 --batch 8",
     {2, {64, 64}},
     8,  32,
     0,  4,
     unet_flops, 30},
    {"t1_64_w32_m12_b20",
     &leray_model_t1,
     "width: 32, modes: 12, layers: 4, grid: false", NULL,
     {2, {64, 64}},
     20, 32,
     12, 4,
     t1_flops,   0 },
    {"t1_64_w32_m24_b20",
     &leray_model_t1,
     "width: 32, modes: 24, layers: 4, grid: false", NULL,
     {2, {64, 64}},
     20, 32,
     24, 4,
     t1_flops,   0 },
    {"t1_256_w32_m16_b4",
     &leray_model_t1,
     "width: 32, modes: 16, layers: 4, grid: false", NULL,
     {2, {256, 256}},
     4,  32,
     16, 4,
     t1_flops,   0 },
    {"t1_256_w32_m32_b4",
     &leray_model_t1,
     "width: 32, modes: 32, layers: 4, grid: false", NULL,
     {2, {256, 256}},
     4,  32,
     32, 4,
     t1_flops,   0 },
};

#define N_CASES ((int)(sizeof cases / sizeof cases[0]))

/* ---- ours ------------------------------------------------------------------------------- */

typedef struct bench {
    const bench_case *c;
    leray_config *cfg;
    leray_model *model;
    leray_loss *loss;
    leray_optimizer *optimizer;
    leray_tape *tape;
    float *x, *target; /* [batch, CHANNELS or 1, grid..] */
} bench;

static leray_status begin(bench *b)
{
    leray_problem problem = {
        .channels_in = CHANNELS,
        .channels_out = 1,
        .grid = leray_grid_periodic(b->c->grid.ndim, b->c->grid.n, (double[]){1, 1, 1}),
    };
    size_t fields = (size_t)b->c->batch * leray_extents_points(&b->c->grid);
    char deck[512];
    leray_section sections[] = {
        {"model",     b->c->type->keys,           NULL},
        {"loss",      leray_loss_keys,            NULL},
        {"optimizer", leray_optimizer_adamw.keys, NULL},
        {"optimizer", leray_optimizer_keys,       NULL}
    };

    snprintf(deck, sizeof deck, "model: {%s}\noptimizer: {lr: 1e-3}\n", b->c->deck);
    LERAY_TRY(leray_config_parse_text("perf", deck, &b->cfg));
    LERAY_TRY(leray_config_resolve(b->cfg, 4, sections));
    LERAY_TRY(
        leray_model_create_type(b->c->type, b->cfg, "model", &problem, 1, LERAY_F32, &b->model));
    LERAY_TRY(leray_loss_create_type(&leray_loss_relative_l2, b->cfg, "loss", &b->loss));
    LERAY_TRY(leray_optimizer_create_type(&leray_optimizer_adamw, b->cfg, "optimizer", 1,
                                          leray_model_parameters(b->model), &b->optimizer));
    LERAY_TRY(leray_tape_create(LERAY_F32, &b->tape));
    LERAY_TRY(bench_draw(0, CHANNELS * fields, &b->x));
    return bench_draw(1, fields, &b->target);
}

static void end(bench *b)
{
    leray_mem_free(b->target);
    leray_mem_free(b->x);
    leray_tape_destroy(&b->tape);
    leray_optimizer_destroy(&b->optimizer);
    leray_loss_destroy(&b->loss);
    leray_model_destroy(&b->model);
    leray_config_destroy(&b->cfg);
}

static leray_status on_tape(bench *b, int channels, const float *value, leray_tensor **out)
{
    int shape[LERAY_TENSOR_DIMS] = {b->c->batch, channels};

    for (int a = 0; a < b->c->grid.ndim; a++) shape[2 + a] = b->c->grid.n[a];
    return leray_tape_input(b->tape, 2 + b->c->grid.ndim, shape, value, out);
}

/* A model that gives coefficients is compared with coefficients, as in training. */
static leray_status record(bench *b, leray_tensor **scalar)
{
    leray_tensor *x, *target, *y;

    leray_tape_reset(b->tape);
    LERAY_TRY(on_tape(b, CHANNELS, b->x, &x));
    LERAY_TRY(on_tape(b, 1, b->target, &target));
    LERAY_TRY(leray_model_forward(b->model, b->tape, x, &y));
    if (b->model->type->to) LERAY_TRY(b->model->type->to(b->model, b->tape, target, &target));
    return leray_loss_apply(b->loss, b->tape, y, target, scalar);
}

/* Times of the parts in ms: forward and loss, backward, optimizer. */
static leray_status step(bench *b, double part[3])
{
    leray_tensor *scalar;
    double t0 = leray_clock(), t1, t2;

    leray_parameters_zero_gradients(leray_model_parameters(b->model));
    LERAY_TRY(record(b, &scalar));
    t1 = leray_clock();
    LERAY_TRY(leray_tape_backward(b->tape, scalar));
    t2 = leray_clock();
    LERAY_TRY(leray_optimizer_step(b->optimizer, NULL, 1, NULL));
    part[0] = 1e3 * (t1 - t0), part[1] = 1e3 * (t2 - t1), part[2] = 1e3 * (leray_clock() - t2);
    return LERAY_OK;
}

/* As the trainer does: the memory of a step is known before the first. */
static leray_status measure_memory(bench *b)
{
    leray_tensor *scalar;

    leray_tape_set_measuring(b->tape, true);
    LERAY_TRY(record(b, &scalar));
    LERAY_TRY(leray_tape_backward(b->tape, scalar));
    leray_tape_reset(b->tape);
    leray_tape_set_measuring(b->tape, false);
    return LERAY_OK;
}

static leray_status time_training(bench *b, double *ms, double sum[3])
{
    double total[STEPS], part[3];

    for (int i = -2; i < STEPS; i++) {
        LERAY_TRY(step(b, part));
        for (int j = 0; i >= 0 && j < 3; j++) sum[j] += part[j] / STEPS;
        if (i >= 0) total[i] = part[0] + part[1] + part[2];
    }
    *ms = bench_median(STEPS, total);
    return LERAY_OK;
}

static leray_status time_inference(bench *b, double *ms)
{
    double total[STEPS];
    leray_tensor *x, *y;

    leray_tape_reset(b->tape);
    leray_tape_set_gradients(b->tape, false);
    for (int i = -2; i < STEPS; i++) {
        double t = leray_clock();

        leray_tape_reset(b->tape);
        LERAY_TRY(on_tape(b, CHANNELS, b->x, &x));
        LERAY_TRY(leray_model_predict(b->model, b->tape, x, &y));
        if (i >= 0) total[i] = 1e3 * (leray_clock() - t);
    }
    *ms = bench_median(STEPS, total);
    return LERAY_OK;
}

static double bytes_of_step(const bench_case *c, size_t parameters)
{
    double field =
        (double)c->batch * (double)leray_extents_points(&c->grid) * c->width * sizeof(float);

    return 2 * c->fields * field + 7. * (double)parameters * sizeof(float);
}

static leray_status measure(bench *b)
{
    double flops = 1, bandwidth = 1, ours = 0, infer = 0, sum[3] = {0}, flops_ms, bytes_ms;
    struct rusage usage;

    LERAY_TRY(begin(b));
    LERAY_TRY(measure_memory(b));
    LERAY_TRY(time_training(b, &ours, sum));
    getrusage(RUSAGE_SELF, &usage);
    LERAY_TRY(time_inference(b, &infer));
    LERAY_TRY(bench_flops(&flops));
    LERAY_TRY(bench_bandwidth(&bandwidth));
    flops_ms = 1e3 * b->c->flops(b->c) / flops;
    bytes_ms = 1e3 * bytes_of_step(b->c, leray_model_parameters(b->model)->count) / bandwidth;
    printf("\"ours_ms\": %.2f, \"floor_ms\": %.2f, \"floor_flops_ms\": %.2f, \"infer_ms\": %.2f, "
           "\"rss_mib\": %.0f, \"forward_ms\": %.2f, \"backward_ms\": %.2f, \"optimizer_ms\": "
           "%.2f, \"parameters\": %zu, \"tape_mib\": %.0f, \"gflops\": %.1f, \"gbytes\": %.1f\n",
           ours, flops_ms + bytes_ms, flops_ms, infer, (double)usage.ru_maxrss / 1024, sum[0],
           sum[1], sum[2], leray_model_parameters(b->model)->count,
           (double)leray_tape_peak(b->tape) / (1 << 20), 1e-9 * flops, 1e-9 * bandwidth);
    return LERAY_OK;
}

static int one(const char *name, int threads)
{
    bench b = {0};
    leray_status status = LERAY_ERR_NOT_FOUND;

    leray_threads_set(threads);
    for (int i = 0; i < N_CASES; i++)
        if (strcmp(cases[i].name, name) == 0) b.c = &cases[i];
    if (b.c) status = measure(&b);
    end(&b);
    if (status) fprintf(stderr, "%s: %s\n", leray_status_text(status), leray_error_message());
    return leray_status_exit_code(status);
}

/* ---- side by side ----------------------------------------------------------------------- */

/* The line that a command prints; "" if it fails. */
static void line_of(const char *command, char line[1024])
{
    FILE *f = popen(command, "r");

    line[0] = '\0';
    if (!f) return;
    if (!fgets(line, 1024, f)) line[0] = '\0';
    pclose(f);
    line[strcspn(line, "\n")] = '\0';
}

static void side_by_side(const char *self, const bench_case *c, int threads)
{
    char command[512], first[1024], last[1024], peer[1024] = "";
    double before = 0, after = 0;

    snprintf(command, sizeof command, "%s --one %s %d", self, c->name, threads);
    line_of(command, first);
    if (c->peer) {
        char call[512];

        snprintf(call, sizeof call, BENCH_PEER "%s --threads %d 2>/dev/null", c->peer, threads);
        line_of(call, peer);
    }
    line_of(command, last);
    sscanf(first, "\"ours_ms\": %lf", &before);
    sscanf(last, "\"ours_ms\": %lf", &after);
    printf("{\"name\": \"%s\", \"threads\": %d, \"before_ms\": %.2f, \"after_ms\": %.2f, %s, %s}\n",
           c->name, threads, before, after, last[0] ? last : "\"ours_ms\": null",
           peer[0] ? peer : "\"peer\": null, \"peer_ms\": null");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int threads = leray_threads_available() > 1 ? 2 : 1;

    if (argc == 4 && strcmp(argv[1], "--one") == 0) return one(argv[2], atoi(argv[3]));
    for (int i = 0; i < N_CASES; i++)
        for (int t = 1; t <= threads; t++)
            if (argc < 2 || strstr(cases[i].name, argv[1])) side_by_side(argv[0], &cases[i], t);
    return 0;
}
