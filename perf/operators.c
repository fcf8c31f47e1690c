/* perf/operators.c - the time of one training step of FNO-2D, beside its floor and PyTorch's.

   The step: forward, relative L2, backward, AdamW; width 32, 4 layers, projection 128, batch 20,
   3 input channels; on 64 x 64 with 12 modes per sign, and on 16 x 16 with 8, the shape of
   configs/operators/darcy16.yaml. One JSON object per line:

     {"name", "threads", "ours_ms", "floor_ms", "peer", "peer_ms", ..}

   ours_ms is the median of warm steps. floor_ms is the time of the step's multiply-adds at the
   rate of a large matrix product measured here, plus that of its unavoidable traffic (each
   activation and gradient written once and read once, five sweeps of AdamW) at the measured
   bandwidth of a triad. peer_ms is null where python3-torch is missing. Run it in the root of the
   source. */
#include "core/config.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/rng.h"
#include "core/threads.h"
#include "operators/loss.h"
#include "operators/model.h"
#include "operators/optimizer.h"
#include "tensor/kernels/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 15
#define WIDTH 32
#define LAYERS 4
#define HIDDEN 128
#define BATCH 20
#define CHANNELS 3

extern const leray_model_type leray_model_fno;
extern const leray_loss_type leray_loss_relative_l2;
extern const leray_optimizer_type leray_optimizer_adamw;

typedef struct bench {
    int n, modes; /* grid n x n */
    leray_config *cfg;
    leray_model *model;
    leray_loss *loss;
    leray_optimizer *optimizer;
    leray_tape *tape;
    float *x, *target; /* [BATCH, CHANNELS or 1, n, n] */
} bench;

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(int n, double *t)
{
    qsort(t, (size_t)n, sizeof *t, by_size);
    return t[n / 2];
}

static leray_status draw(uint32_t stream, size_t n, float **x)
{
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, stream, 0);

    LERAY_TRY(LERAY_ALLOC(x, n));
    for (size_t i = 0; i < n; i++) (*x)[i] = (float)leray_rng_normal(&rng);
    return LERAY_OK;
}

static leray_status begin(bench *b)
{
    char deck[160];
    leray_section sections[] = {
        {"model",     leray_model_fno.keys,       NULL},
        {"optimizer", leray_optimizer_adamw.keys, NULL},
        {"optimizer", leray_optimizer_keys,       NULL}
    };

    snprintf(deck, sizeof deck,
             "model: {width: %d, modes: %d, layers: %d, projection: %d, grid: false}\n"
             "optimizer: {lr: 1e-3}\n",
             WIDTH, b->modes, LAYERS, HIDDEN);
    LERAY_TRY(leray_config_parse_text("perf", deck, &b->cfg));
    LERAY_TRY(leray_config_resolve(b->cfg, 3, sections));
    LERAY_TRY(leray_model_create_type(&leray_model_fno, b->cfg, "model", CHANNELS, 1, 1, LERAY_F32,
                                      &b->model));
    LERAY_TRY(leray_loss_create_type(&leray_loss_relative_l2, b->cfg, "loss", &b->loss));
    LERAY_TRY(leray_optimizer_create_type(&leray_optimizer_adamw, b->cfg, "optimizer",
                                          leray_model_parameters(b->model), &b->optimizer));
    LERAY_TRY(leray_tape_create(LERAY_F32, &b->tape));
    LERAY_TRY(draw(0, (size_t)BATCH * CHANNELS * (size_t)(b->n * b->n), &b->x));
    LERAY_TRY(draw(1, (size_t)BATCH * (size_t)(b->n * b->n), &b->target));
    return LERAY_OK;
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

/* Times of the parts in ms: forward and loss, backward, optimizer. */
static leray_status step(bench *b, double part[3])
{
    leray_tensor *x, *target, *y, *scalar;
    double t0 = leray_clock(), t1, t2;

    leray_parameters_zero_gradients(leray_model_parameters(b->model));
    leray_tape_reset(b->tape);
    LERAY_TRY(leray_tape_input(b->tape, 4, (int[]){BATCH, CHANNELS, b->n, b->n}, b->x, &x));
    LERAY_TRY(leray_tape_input(b->tape, 4, (int[]){BATCH, 1, b->n, b->n}, b->target, &target));
    LERAY_TRY(leray_model_forward(b->model, b->tape, x, &y));
    LERAY_TRY(leray_loss_apply(b->loss, b->tape, y, target, &scalar));
    t1 = leray_clock();
    LERAY_TRY(leray_tape_backward(b->tape, scalar));
    t2 = leray_clock();
    LERAY_TRY(leray_optimizer_step(b->optimizer, 1, NULL));
    part[0] = 1e3 * (t1 - t0), part[1] = 1e3 * (t2 - t1), part[2] = 1e3 * (leray_clock() - t2);
    return LERAY_OK;
}

/* Multiply-adds of a large matrix product per second, times two. */
static leray_status measure_flops(double *rate)
{
    const leray_kernels *k = leray_kernels_cpu(LERAY_F32);
    enum { n = 768 };
    float *a;
    double best = 1e9;

    LERAY_TRY(draw(2, 3 * n * n, &a));
    for (int i = 0; i < 6; i++) {
        double t = leray_clock();

        if (k->gemm('N', 'N', n, n, n, 1, a, n, a + n * n, n, 0, a + 2 * n * n, n)) best = 0;
        t = leray_clock() - t;
        if (t < best) best = t;
    }
    leray_mem_free(a);
    LERAY_CHECK(best > 0, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    *rate = 2.0 * n * n * n / best;
    return LERAY_OK;
}

/* Bytes per second of a = b + 3 c, counted as three per element. */
static leray_status measure_bandwidth(double *rate)
{
    enum { n = 1 << 23 };
    float *a, *b, *c;
    double best = 1e9;

    LERAY_TRY(LERAY_ALLOC(&a, 3 * (size_t)n));
    b = a + n, c = b + n;
    for (int i = 0; i < 6; i++) {
        double t = leray_clock();

#pragma omp parallel for schedule(static)
        for (int j = 0; j < n; j++) a[j] = b[j] + 3 * c[j];
        t = leray_clock() - t;
        if (t < best) best = t;
    }
    leray_mem_free(a);
    *rate = 3.0 * n * sizeof(float) / best;
    return LERAY_OK;
}

/* Forward, and twice that backward; a transform has the products of tensor/transform.h. */
static double flops_of_step(int n, int modes)
{
    double points = (double)BATCH * n * n, images = (double)BATCH * WIDTH;
    double along_y = (modes + 1.) * (n / 2 + 1) + modes * ((n - 1) / 2);
    double transform = images * 2 * (n * n * 2. * modes + along_y * 2 * modes);
    double mixing = 2. * modes * modes * 8 * BATCH * WIDTH * WIDTH;
    double map = points * 2 * WIDTH * WIDTH;
    double head = points * 2 * (WIDTH * HIDDEN + HIDDEN), lift = points * 2 * CHANNELS * WIDTH;

    return LAYERS * (4 * transform + 3 * mixing + 3 * map) + 3 * head + 2 * lift;
}

static double bytes_of_step(int n, size_t parameters)
{
    double field = (double)BATCH * n * n * WIDTH * sizeof(float);

    return 2 * 2 * (LAYERS + 1) * field + 7. * (double)parameters * sizeof(float);
}

/* The peer's own program; NaN where it did not run. */
static double peer_ms(const bench *b, int threads, char version[32])
{
    char command[256], line[256] = "";
    double ms = -1;
    FILE *f;

    snprintf(version, 32, "none");
    snprintf(
        command, sizeof command,
        "/usr/bin/python3 perf/peers/fno2d_torch.py --grid %d --modes %d --threads %d 2>/dev/null",
        b->n, b->modes, threads);
    f = popen(command, "r");
    if (!f) return ms;
    if (fgets(line, sizeof line, f))
        if (sscanf(line, "{\"version\": \"%31[^\"]\", \"ms\": %lf", version, &ms) != 2) ms = -1;
    pclose(f);
    return ms;
}

static leray_status measure(bench *b, int threads)
{
    double total[STEPS], part[3], sum[3] = {0}, flops = 1, bandwidth = 1, floor_ms, ours, peer;
    char version[32], peer_text[32] = "null";
    size_t parameters = leray_model_parameters(b->model)->count;

    leray_threads_set(threads);
    LERAY_TRY(measure_flops(&flops));
    LERAY_TRY(measure_bandwidth(&bandwidth));
    for (int i = -3; i < STEPS; i++) {
        LERAY_TRY(step(b, part));
        for (int j = 0; i >= 0 && j < 3; j++) sum[j] += part[j] / STEPS;
        if (i >= 0) total[i] = part[0] + part[1] + part[2];
    }
    floor_ms =
        1e3 * (flops_of_step(b->n, b->modes) / flops + bytes_of_step(b->n, parameters) / bandwidth);
    ours = median(STEPS, total);
    peer = peer_ms(b, threads, version);
    if (peer > 0) snprintf(peer_text, sizeof peer_text, "%.2f", peer);
    printf("{\"name\": \"fno2d_train_%d_w32_m%d_b20\", \"threads\": %d, \"ours_ms\": %.2f, "
           "\"floor_ms\": %.2f, \"peer\": \"pytorch-%s\", \"peer_ms\": %s, \"forward_ms\": %.2f, "
           "\"backward_ms\": %.2f, \"optimizer_ms\": %.2f, \"gflops\": %.1f, \"gbytes\": %.1f, "
           "\"tape_mib\": %.0f}\n",
           b->n, b->modes, threads, ours, floor_ms, version, peer_text, sum[0], sum[1], sum[2],
           1e-9 * flops, 1e-9 * bandwidth, (double)leray_tape_bytes(b->tape) / (1 << 20));
    fflush(stdout);
    return LERAY_OK;
}

static leray_status run(int n, int modes)
{
    bench b = {.n = n, .modes = modes};
    leray_status status = begin(&b);

    for (int threads = 1; !status && threads <= 2 && threads <= leray_threads_available();
         threads++)
        status = measure(&b, threads);
    end(&b);
    return status;
}

int main(void)
{
    leray_status status = run(64, 12);

    if (!status) status = run(16, 8);
    if (status) fprintf(stderr, "%s: %s\n", leray_status_text(status), leray_error_message());
    return leray_status_exit_code(status);
}
