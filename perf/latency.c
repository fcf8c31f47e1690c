/* perf/latency.c - time of one prediction by include/leray/model.h, beside its floor and PyTorch.

     perf_latency [CALLS]     one thread, a batch of one: FNO, 64 x 64, width 32, 12 modes, 4 layers

   The model is made here, by a step of training, and read from its file. A call checks its input, normalises,
   predicts, goes back to units, checks its output. One JSON object:

     {"name", "threads", "before_ms", "ours_ms", "best_ms", "first_ms", "floor_ms", "floor_flops_ms",
      "floor_bytes_ms", "fft_ms", "gflops", "gbytes", "peer", "peer_infer_ms", "neuralop_infer_ms", ..}

   ours_ms is the median of CALLS (401) calls, before_ms the same before the peer ran; best_ms the shortest and
   first_ms the first one, which makes the workspace. floor_ms is the time of the multiply-adds at the rate of a large
   matrix product measured here, plus that of the traffic (the weights read once, each activation written once
   and read once) at the bandwidth of a triad in memory; what stays in a cache is faster. fft_ms is what
   FFTW takes for as many real transforms of 64 x 64 points in double precision as there are fields before
   and behind the layers, for comparison, since ours computes the kept modes alone. The peer is the model
   alone, in inference mode. null where PyTorch is missing (tools/deps.sh perf). Run it in the root of the source. */
#include "bench.h"

#include "core/fft.h"
#include "core/threads.h"
#include <leray/leray.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define N 64
#define WIDTH 32
#define MODES 12
#define LAYERS 4
#define HIDDEN 128
#define GIVEN 3 /* frames; the peer's channels */
#define MOST 100000

static const char flow[] = "solver: {type: ns2d, n: 64, dt: 0.05, cfl: 1}\n"
                           "ensemble: {simulations: 2, frames: 4, interval: 0.5}\n";
static const char learn[] = "data: {type: well, path: \"\", history: 3}\n"
                            "model: {type: fno, width: 32, modes: 12, layers: 4, grid: false}\n"
                            "train: {batch: 2, epochs: 1}\n";

/* Makes FOLDER/model.safetensors. */
static leray_status make_model(const char *folder)
{
    leray_run_options options = {.folder = folder, .fresh = 1};
    leray_report report = {NULL, NULL};
    leray_config *cfg = NULL;
    char path[256];
    leray_status status = leray_config_open_text("latency.c", flow, 0, NULL, &cfg);

    snprintf(path, sizeof path, "%s/ensemble.h5", folder);
    if (!status) status = leray_run_generate(cfg, &options, &report);
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    if (!status) status = leray_config_open_text("latency.c", learn, 0, NULL, &cfg);
    if (!status) status = leray_config_set_text(cfg, "data.path", path);
    options.fresh = 0;
    if (!status) status = leray_run_train(cfg, &options, &report);
    leray_report_free(&report);
    leray_config_destroy(&cfg);
    return status;
}

/* ---- floor ------------------------------------------------------------------------------ */

/* One field to its kept modes or back: along x, then along y with the symmetric trick of
   tensor/algorithms/transform.h, as perf/operators.c counts. */
static double transform_flops(void)
{
    return N * N * 2. * MODES * 2 +
           ((MODES + 1.) * (N / 2 + 1) + MODES * ((N - 1) / 2)) * 2. * MODES * 2;
}

static double flops(void)
{
    double points = N * N, w = WIDTH, modes = 2. * MODES * MODES;

    return LAYERS * (2 * w * transform_flops() + modes * 8 * w * w + points * 2 * w * w) +
           points * 2 * (GIVEN * w + w * HIDDEN + HIDDEN);
}

static double bytes(void)
{
    double points = N * N, w = WIDTH, modes = 2. * MODES * MODES;
    double weights = LAYERS * (modes * 2 * w * w + w * w + w) + GIVEN * w + w * HIDDEN + 2 * HIDDEN;

    return sizeof(float) * (weights + 2 * points * (GIVEN + (1 + LAYERS) * w + HIDDEN + 1));
}

typedef struct transforms {
    leray_fft *fft;
    double *x;
    double complex *x_hat;
} transforms;

static void transform_all(void *context)
{
    transforms *t = context;

    for (int l = 0; l < LAYERS; l++) {
        leray_fft_forward_raw(t->fft, t->x, t->x_hat);
        leray_fft_inverse(t->fft, t->x_hat, t->x);
    }
}

static leray_status time_transforms(double *ms)
{
    transforms t = {0};
    leray_status status = leray_fft_create(2, (int[]){N, N}, WIDTH, &t.fft);

    /* Of zeros: unscaled transforms of anything else would overflow, and take as long. */
    if (!status) status = LERAY_ALLOC(&t.x, (size_t)WIDTH * N * N);
    if (!status) status = LERAY_ALLOC(&t.x_hat, (size_t)WIDTH * N * (N / 2 + 1));
    if (!status) *ms = bench_best_ms(transform_all, &t);
    leray_mem_free(t.x_hat);
    leray_mem_free(t.x);
    leray_fft_destroy(&t.fft);
    return status;
}

/* ---- ours ------------------------------------------------------------------------------- */

typedef struct latency {
    leray_trained *model;
    float *x, *y;
    int calls;
    double *ms; /* [calls] */
    double first;
} latency;

static leray_status call(latency *l, double *ms)
{
    double began = leray_clock();
    leray_status status = leray_trained_predict(l->model, NULL, 1, l->x, NULL, l->y);

    *ms = 1e3 * (leray_clock() - began);
    return status;
}

static leray_status time_calls(latency *l, double *median)
{
    if (l->first == 0) LERAY_TRY(call(l, &l->first));
    for (int i = 0; i < 20; i++) LERAY_TRY(call(l, &l->ms[0]));
    for (int i = 0; i < l->calls; i++) LERAY_TRY(call(l, &l->ms[i]));
    *median = bench_median(l->calls, l->ms);
    return LERAY_OK;
}

static void ask_peer(char line[512])
{
    FILE *f = popen(BENCH_PEER "fno --grid 64,64 --width 32 --modes 12 "
                               "--batch 1 --threads 1 --steps 101 2>/dev/null",
                    "r");

    line[0] = '\0';
    if (f && !fgets(line, 512, f)) line[0] = '\0';
    if (f) pclose(f);
    line[strcspn(line, "\n")] = '\0';
    if (!line[0]) snprintf(line, 512, "\"peer\": null, \"peer_infer_ms\": null");
}

static leray_status measure(latency *l)
{
    double before, ours, rate = 1, bandwidth = 1, fft = 0, flops_ms, bytes_ms;
    char peer[512];

    LERAY_TRY(bench_draw(0, GIVEN * N * N, &l->x));
    LERAY_TRY(LERAY_ALLOC(&l->y, N * N));
    LERAY_TRY(LERAY_ALLOC(&l->ms, (size_t)l->calls));
    LERAY_TRY(time_calls(l, &before));
    ask_peer(peer);
    LERAY_TRY(time_calls(l, &ours));
    LERAY_TRY(time_transforms(&fft));
    LERAY_TRY(bench_flops(&rate));
    LERAY_TRY(bench_bandwidth(&bandwidth));
    flops_ms = 1e3 * flops() / rate, bytes_ms = 1e3 * bytes() / bandwidth;
    printf("{\"name\": \"predict_fno2d_64_w32_m12_b1\", \"threads\": 1, \"before_ms\": %.3f, "
           "\"ours_ms\": "
           "%.3f, \"best_ms\": %.3f, \"first_ms\": %.3f, \"floor_ms\": %.3f, \"floor_flops_ms\": "
           "%.3f, "
           "\"floor_bytes_ms\": %.3f, \"fft_ms\": %.3f, \"mflop\": %.1f, \"mbyte\": %.1f, "
           "\"gflops\": %.1f, "
           "\"gbytes\": %.1f, %s}\n",
           before, ours, l->ms[0], l->first, flops_ms + bytes_ms, flops_ms, bytes_ms, fft,
           1e-6 * flops(), 1e-6 * bytes(), 1e-9 * rate, 1e-9 * bandwidth, peer);
    return LERAY_OK;
}

static void end(latency *l, const char *folder)
{
    char command[64];

    leray_mem_free(l->ms);
    leray_mem_free(l->y);
    leray_mem_free(l->x);
    leray_trained_close(&l->model);
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command)) fprintf(stderr, "%s is left\n", folder);
}

int main(int argc, char **argv)
{
    latency l = {.calls = argc > 1 ? atoi(argv[1]) : 401};
    char folder[] = "/tmp/leray_latency_XXXXXX", path[64];
    leray_status status;

    if (l.calls < 1 || l.calls > MOST || !mkdtemp(folder)) return 2;
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    leray_set_verbosity(0);
    leray_threads_set(1);
    status = make_model(folder);
    leray_threads_set(1); /* a run sets its own */
    if (!status) status = leray_trained_open(path, &l.model);
    if (!status) status = measure(&l);
    end(&l, folder);
    if (status) fprintf(stderr, "%s: %s\n", leray_status_text(status), leray_error_message());
    return leray_status_exit_code(status);
}
