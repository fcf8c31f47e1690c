/* tests/les_bench.h - a sub-grid model at work on a given velocity, as in a flow. */
#ifndef LERAY_TESTS_LES_BENCH_H
#define LERAY_TESTS_LES_BENCH_H

#include "les_tools.h"

#define BENCH_SUMS 4096

/* A model, the velocity that it sees, and the stress that it makes of it. */
typedef struct bench {
    leray_les_settings settings;
    leray_box box;
    leray_transforms *transforms;
    leray_les *les;
    leray_modes u, tau;
    double sums[BENCH_SUMS], dissipation;
} bench;

static inline void velocity(void *self, const leray_column *c, double complex *const *in,
                            double complex *const *out)
{
    bench *b = self;

    assert_null(in);
    for (int a = 0; a < 3; a++)
        memcpy(out[a], leray_modes_load(&b->u, a, c->index, NULL), (size_t)c->n * sizeof *out[a]);
}

static inline void bench_open(bench *b, const leray_les_settings *settings, const int *n,
                              const double *length, bool single)
{
    const leray_les_type *type;
    int in, out;

    memset(b, 0, sizeof *b);
    b->settings = *settings;
    assert_ok(leray_box_init(&b->box, 3, n, length, LERAY_TWO_THIRDS, leray_comm_self()));
    b->les = make_les(&b->settings, &b->box);
    type = b->les->type;
    in = 3 + leray_les_gradient_fields(type) + type->inputs, out = 5 + type->products;
    assert_ok(leray_transforms_create(&b->box, in > out ? in : out, single, &b->transforms));
    assert_true(leray_transforms_pairs(b->transforms) <= BENCH_SUMS);
    b->les->transforms = b->transforms;
    assert_ok(leray_modes_init(&b->u, &b->box, 3, false));
    assert_ok(leray_modes_init(&b->tau, &b->box, 5, false));
}

static inline void bench_close(bench *b)
{
    leray_modes_fini(&b->tau);
    leray_modes_fini(&b->u);
    leray_transforms_destroy(&b->transforms);
    leray_les_destroy(&b->les);
    leray_box_fini(&b->box);
}

/* ---- what a flow does with a model ------------------------------------------------------- */

static inline void give(void *self, const leray_column *c, double complex *const *in,
                        double complex *const *out)
{
    bench *b = self;
    const leray_les_type *type = b->les->type;

    (void)in;
    velocity(b, c, NULL, out);
    leray_les_gradient_lines(type, c, out, out + 3);
    if (type->input) type->input(b->les, c, out, out + 3 + leray_les_gradient_fields(type));
}

static inline void stress(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    bench *b = self;

    for (int f = 0; f < 5; f++) memset(out[f], 0, (size_t)rows->points * sizeof *out[f]);
    b->sums[rows->index] = b->les->type->stress(
        b->les, rows->points, in, in + 3, in + 3 + leray_les_gradient_fields(b->les->type), out);
}

static inline void take(void *self, const leray_column *c, double complex *const *in,
                        double complex *const *out)
{
    bench *b = self;

    (void)out;
    if (b->les->type->combine) b->les->type->combine(b->les, c, in);
    for (int f = 0; f < 5; f++) leray_modes_store(&b->tau, f, c->index, in[f]);
}

static inline void bench_run(bench *b)
{
    const leray_les_type *type = b->les->type;
    int in = 3 + leray_les_gradient_fields(type) + type->inputs, out = 5 + type->products;
    leray_column_pass begin = {.work = give, .self = b, .out = in},
                      end = {.work = take, .self = b, .in = out};
    leray_row_pass rows = {.work = stress, .self = b, .in = in, .out = out};

    if (type->prepare) assert_ok(type->prepare(b->les, velocity, b));
    if (!type->stress) return;
    assert_ok(leray_transforms_columns(b->transforms, &begin));
    assert_ok(leray_transforms_rows(b->transforms, &rows));
    assert_ok(leray_transforms_columns(b->transforms, &end));
    b->dissipation = 0;
    for (int i = 0; i < leray_transforms_pairs(b->transforms); i++) b->dissipation += b->sums[i];
    b->dissipation /= (double)leray_box_points(&b->box);
}

/* ---- the velocity of tools/parity/les.py ------------------------------------------------- */

/* Of mode (z, y, x), as far as one half of the modes is concerned. */
static inline void curl(const bench *b, int sz, int sy, int sx, double factor, double complex u[3])
{
    double k[3], k2 = 0;
    double complex a[3];

    k[0] = TWO_PI * sx / b->box.length[2];
    k[1] = TWO_PI * sy / b->box.length[1];
    k[2] = TWO_PI * sz / b->box.length[0];
    for (int c = 0; c < 3; c++) k2 += k[c] * k[c];
    for (int c = 0; c < 3; c++) {
        double theta =
            1.7 * sz + 2.9 * sy + 4.3 * sx + 1.1 * c + 0.37 * sz * sy + 0.61 * sx * sy * (c + 1);

        a[c] = -factor * pow(k2, -1.2) * (cos(theta) + I * sin(theta));
    }
    for (int c = 0; c < 3; c++) {
        int p = (c + 1) % 3, q = (c + 2) % 3;

        u[c] = I * (k[p] * a[q] - k[q] * a[p]);
    }
}

static inline void fill(bench *b, double factor)
{
    for (int sz = -b->box.top[0]; sz <= b->box.top[0]; sz++)
        for (int sy = -b->box.top[1]; sy <= b->box.top[1]; sy++)
            for (int sx = 0; sx <= b->box.top[2]; sx++) {
                double complex u[3];

                if (!(sx > 0 || sy > 0 || (sy == 0 && sz > 0))) continue;
                curl(b, sz, sy, sx, factor, u);
                for (int c = 0; c < 3; c++) leray_modes_set(&b->u, c, sz, sy, sx, u[c]);
            }
}

/* Root of the sum of |x - y|^2 over all coefficients; y may be NULL. */
static inline double norm(const leray_modes *x, const leray_modes *y)
{
    double sum = 0;

    for (int f = 0; f < x->fields; f++)
        for (int c = 0; c < x->box->columns; c++) {
            const double complex *a = leray_modes_load(x, f, c, NULL);
            const double complex *b = y ? leray_modes_load(y, f, c, NULL) : NULL;

            for (int j = 0; j < x->box->rows[0]; j++) sum += pow(cabs(a[j] - (b ? b[j] : 0)), 2);
        }
    return sqrt(sum);
}

#endif
