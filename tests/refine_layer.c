/* tests/refine_layer.c - one last layer for several trajectories: what it adds is what its weights give,
   and a layer that is known to be missing is found. */
#include "refine_tools.h"

#include "operators_make.h"
#include "refine/layer.h"

#define TWO_PI 6.283185307179586476925
static const char forced[] = "{n: 32, nu: 2e-3, forcing: {type: fno, amplitude: 0.1}, "
                             "initial: {alpha: 2.5, tau: 7}, dt: 0.02, cfl: 0.5}";

enum { GIVEN = 2, FRAMES = 12, ALL = GIVEN + FRAMES, N = 32, SETS = 3, L = 3, EVERY = 14 };
enum { MT = 3, MY = 7, MX = 8, MODES = 2 * MT * 2 * MY * MX };

static const leray_refine_settings usual = {.modes = 6,
                                            .order = 6,
                                            .alpha = 1,
                                            .levels = 2,
                                            .steps = 10,
                                            .iterations = 200,
                                            .tolerance = 1e-3,
                                            .residual = 1e-7};

typedef struct set {
    flow f;
    leray_refiner *refiner[SETS];
    leray_layer *layer;
    float truth[SETS][ALL * N * N], values[SETS][ALL * N * N], found[FRAMES * N * N];
    float entered[SETS][2 * L * N * N];
    double weight[2 * MODES], bias[2 * MODES], added[FRAMES * N * N];
    double complex v[MODES];
} set;

static int wave_of(int a, int n) { return a < n ? a : a - 2 * n; }

/* v^ (kt, ky, kx) of what enters, by its sum. */
static void analyse(const float *entered, double complex *v)
{
    for (int a = 0; a < 2 * MT; a++)
        for (int b = 0; b < 2 * MY; b++)
            for (int c = 0; c < MX; c++) {
                double complex sum = 0;

                for (int p = 0; p < 2 * L * N * N; p++) {
                    double phase = wave_of(a, MT) * (p / (N * N)) / (2. * L) +
                                   wave_of(b, MY) * (p / N % N) / (double)N +
                                   c * (p % N) / (double)N;

                    if (entered[p] != 0) sum += entered[p] * cexp(-TWO_PI * I * phase);
                }
                v[(a * 2 * MY + b) * MX + c] = sum / (2. * L * N * N);
            }
}

/* Re sum over kt, ky, kx of (W v^ + b) exp(..), kx > 0 twice: what the layer adds. */
static void synthesize(set *s, int k)
{
    analyse(s->entered[k], s->v);
    for (int p = 0; p < FRAMES * N * N; p++) s->added[p] = 0;
    for (int i = 0; i < MODES; i++) {
        double complex z = (s->weight[2 * i] + I * s->weight[2 * i + 1]) * s->v[i] +
                           s->bias[2 * i] + I * s->bias[2 * i + 1];
        int kt = wave_of(i / (2 * MY * MX), MT), ky = wave_of(i / MX % (2 * MY), MY), kx = i % MX;

        if (cabs(z) == 0) continue;
        for (int p = 0; p < FRAMES * N * N; p++) {
            double phase = kt * (p / (N * N) + 1.) / (2. * FRAMES) + ky * (p / N % N) / (double)N +
                           kx * (p % N) / (double)N;

            s->added[p] += (kx > 0 ? 2 : 1) * creal(z * cexp(TWO_PI * I * phase));
        }
    }
}

/* Smooth fields of a few modes, other ones for each trajectory and step; zero in the second half. */
static void make_entered(set *s)
{
    for (int k = 0; k < SETS; k++)
        for (int p = 0; p < (L + 1) * N * N; p++) {
            double y = TWO_PI * (p / N % N) / N, x = TWO_PI * (p % N) / N;
            int i = p / (N * N);

            s->entered[k][p] =
                (float)(cos(x - 2 * y + i + 2 * k) + 0.7 * sin(2 * x + y + i * (k + 1)) +
                        0.5 * cos(3 * y + 0.4 * i * i - k) + 0.3 * sin(4 * x - 3 * y + i - k));
        }
}

/* Trajectories out of one flow at several times, from which `missing` layers are taken away. */
static set *make_set(bool missing)
{
    const leray_refine_shape shape = {
        {N, N},
        GIVEN, FRAMES, 0.15
    };
    set *s;

    assert_ok(LERAY_ALLOC(&s, 1));
    s->f = make_flow(forced, 3, 0.15, SETS * EVERY, 4);
    make_entered(s);
    if (missing) {
        draw(5, 2 * MODES, LERAY_F64, s->weight);
        draw(6, 2 * MODES, LERAY_F64, s->bias);
        for (int i = 0; i < MODES; i++) {
            int a = i / (2 * MY * MX), b = i / MX % (2 * MY), c = i % MX;
            bool low = (a < 2 || a == 2 * MT - 1) && (b < 3 || b > 2 * MY - 3) && c > 0 && c < 3;

            for (int p = 0; p < 2; p++)
                s->weight[2 * i + p] *= low ? 0.02 : 0, s->bias[2 * i + p] *= low ? 0.002 : 0;
        }
    }
    for (int k = 0; k < SETS; k++) {
        synthesize(s, k);
        for (int p = 0; p < ALL * N * N; p++) {
            s->truth[k][p] = (float)s->f.values[k * EVERY * N * N + p];
            s->values[k][p] = s->truth[k][p];
            if (p >= GIVEN * N * N) s->values[k][p] -= (float)s->added[p - GIVEN * N * N];
        }
        assert_ok(leray_refiner_create(&s->f.equation, &usual, &shape, &s->refiner[k]));
        assert_ok(leray_refiner_prepare(s->refiner[k]));
        assert_ok(leray_refiner_load(s->refiner[k], s->values[k]));
    }
    assert_ok(leray_layer_create(SETS, s->refiner, L, &s->layer));
    for (int k = 0; k < SETS; k++) leray_layer_enter(s->layer, k, s->entered[k], 1);
    return s;
}

static void free_set(set **s)
{
    leray_layer_destroy(&(*s)->layer);
    for (int k = 0; k < SETS; k++) leray_refiner_destroy(&(*s)->refiner[k]);
    free_flow(&(*s)->f);
    leray_mem_free(*s);
}

static double distance(const float *x, const float *y, size_t n)
{
    double sum = 0, size = 0;

    for (size_t i = 0; i < n; i++) {
        sum += pow((double)x[i] - y[i], 2);
        size += pow((double)y[i], 2);
    }
    return sqrt(sum / size);
}

/* A layer that was taken away from frames of the solver is found again. */
static void missing_layer_is_found(void **state)
{
    set *s = make_set(true);
    leray_refine_report report[SETS];

    (void)state;
    assert_ok(leray_layer_run(s->layer, NULL, NULL, report));
    for (int k = 0; k < SETS; k++) {
        const float *truth = s->truth[k] + GIVEN * N * N, *values = s->values[k] + GIVEN * N * N;
        double before = distance(values, truth, FRAMES * N * N), after;

        leray_refiner_store(s->refiner[k], s->found);
        after = distance(s->found, truth, FRAMES * N * N);
        printf("trajectory %d: %.3g -> %.3g, residual %.2g -> %.2g, %d steps\n", k, before, after,
               report[k].before.relative, report[k].after.relative, report[k].steps);
        assert_true(before > 0.02);
        assert_true(after < 2e-3 * before);
    }
    free_set(&s);
}

/* What the refiners hold is what a layer with the weights gives, here one with a mode more in x. */
static void weights_give_the_frames(void **state)
{
    set *s = make_set(true);
    leray_refine_report report[SETS];
    int modes[3];

    (void)state;
    leray_layer_modes(s->layer, modes);
    assert_int_equal(modes[0], L);
    assert_int_equal(modes[1], MY);
    assert_int_equal(modes[2], MX - 1);
    assert_ok(leray_layer_run(s->layer, NULL, NULL, report));
    memset(s->weight, 0, sizeof s->weight);
    memset(s->bias, 0, sizeof s->bias);
    leray_layer_add(s->layer, (int[]){MT, MY, MX}, s->weight, s->bias);
    for (int k = 0; k < SETS; k++) {
        float *w = s->values[k] + GIVEN * N * N;

        synthesize(s, k);
        for (int p = 0; p < FRAMES * N * N; p++) w[p] += (float)s->added[p];
        leray_refiner_store(s->refiner[k], s->found);
        assert_true(distance(s->found, w, FRAMES * N * N) < 1e-6);
    }
    free_set(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_layer_is_found),
        cmocka_unit_test(weights_give_the_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
