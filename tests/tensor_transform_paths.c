/* tests/tensor_transform_paths.c - the transforms of tensor/algorithms/transform.h against their definition
   with every choice of products and fast transforms per axis, in both precisions; that they
   allocate nothing once planned; lines that do not share rounding errors; and what the rule
   chooses. */
#include "check.h"

#include "tensor/algorithms/transform.h"
#include <leray/impl/rng.h>

#include <complex.h>

#define TWO_PI 6.283185307179586476925
#define CHANNELS 2
#define MAX 2048 /* points of one channel */

/* Of z, y, x; an axis that is not there has n = 1, m = 0. */
typedef struct grid {
    int dims, n[3], m[3];
} grid;

/* Odd and even extents, all modes of the grid and few of them; runs of modes that the kernels take
   together, and what is left of them; more columns than are transposed together. */
static const grid grids[] = {
    {1, {1, 1, 8},   {0, 0, 5}  },
    {1, {1, 1, 9},   {0, 0, 2}  },
    {1, {1, 1, 34},  {0, 0, 18} },
    {1, {1, 1, 1},   {0, 0, 1}  },
    {1, {1, 1, 2},   {0, 0, 2}  },
    {2, {1, 6, 8},   {0, 3, 5}  },
    {2, {1, 7, 5},   {0, 2, 3}  },
    {2, {1, 2, 40},  {0, 1, 9}  },
    {2, {1, 32, 33}, {0, 16, 17}},
    {2, {1, 35, 20}, {0, 9, 10} },
    {3, {4, 6, 8},   {2, 3, 5}  },
    {3, {5, 3, 18},  {1, 1, 9}  },
};
#define N_GRIDS ((int)(sizeof grids / sizeof grids[0]))

static double x[CHANNELS * MAX], hat[2 * CHANNELS * MAX];

static int points(const grid *g) { return g->n[0] * g->n[1] * g->n[2]; }
static int rows(const grid *g, int axis) { return g->m[axis] ? 2 * g->m[axis] : 1; }
static int modes(const grid *g) { return rows(g, 0) * rows(g, 1) * g->m[2]; }

/* 2 pi k j / n of mode `mode` and point `point`, both in row-major order. */
static double theta(const grid *g, int mode, int point)
{
    double sum = 0;

    for (int axis = 2; axis >= 0; axis--) {
        int size = axis == 2 ? g->m[2] : rows(g, axis), n = g->n[axis];
        int row = mode % size, k = axis < 2 && 2 * row >= size && size > 1 ? row - size : row;

        sum += (double)(k * (point % n)) / n;
        mode /= size, point /= n;
    }
    return TWO_PI * sum;
}

/* The factor a(kx) of the inverse. */
static double twice(const grid *g, int mode)
{
    int kx = mode % g->m[2];

    return kx == 0 || 2 * kx == g->n[2] ? 1 : 2;
}

static double complex sum_over_points(const grid *g, const double *f, int mode)
{
    double complex s = 0;

    for (int j = 0; j < points(g); j++) s += f[j] * cexp(-I * theta(g, mode, j));
    return s;
}

/* Of modes [mode, re | im, channels], with a(kx) or without. */
static double sum_over_modes(const grid *g, const double *f_hat, int channel, int point, bool a)
{
    double s = 0;

    for (int k = 0; k < modes(g); k++) {
        const double *f = f_hat + 2 * CHANNELS * k + channel;
        double complex z = (f[0] + I * f[CHANNELS]) * cexp(I * theta(g, k, point));

        s += (a ? twice(g, k) : 1) * creal(z);
    }
    return s;
}

/* A planned transform, and its arrays in its own precision. */
typedef struct subject {
    const grid *g;
    leray_tape *tape;
    leray_transform t;
    void *f, *f_hat, *a, *lines, *other, *work, *room;
} subject;

/* Bit i of `fast`: axis i. */
static subject start(const grid *g, leray_dtype dtype, int fast, bool ortho)
{
    subject s = {.g = g};
    size_t r = leray_dtype_size(dtype);
    int from = 3 - g->dims;

    assert_ok(leray_tape_create(dtype, &s.tape));
    assert_ok(leray_transform_plan(&s.t, dtype, g->dims, g->n + from, g->m + from, ortho));
    for (int i = 0; i < 3; i++) s.t.fast[i] = i >= from && fast >> i & 1;
    assert_ok(leray_transform_init(&s.t, s.tape));
    assert_ok(leray_mem_alloc(&s.f, CHANNELS * (size_t)points(g), r));
    assert_ok(leray_mem_alloc(&s.f_hat, 2 * CHANNELS * (size_t)modes(g), r));
    assert_ok(leray_mem_alloc(&s.a, CHANNELS * leray_transform_columns(&s.t), r));
    assert_ok(leray_mem_alloc(&s.lines, CHANNELS * leray_transform_lines(&s.t), r));
    assert_ok(leray_mem_alloc(&s.other, CHANNELS * leray_transform_lines(&s.t), r));
    assert_ok(leray_mem_alloc(&s.work, leray_transform_work(&s.t) + 1, r));
    assert_ok(leray_mem_alloc(&s.room, leray_transform_room(&s.t) + 1, r));
    return s;
}

static void finish(subject *s)
{
    void *p[] = {s->f, s->f_hat, s->a, s->lines, s->other, s->work, s->room};

    for (size_t i = 0; i < sizeof p / sizeof p[0]; i++) leray_mem_free(p[i]);
    leray_tape_destroy(&s->tape);
}

static void *channel(const subject *s, void *p, size_t size, int c)
{
    return leray_at(s->t.dtype, p, size * (size_t)c);
}

static void forward(const subject *s, const void *table)
{
    const leray_transform *t = &s->t;
    size_t columns = leray_transform_columns(t), lines = leray_transform_lines(t);
    int all = CHANNELS * leray_transform_image_rows(t);

    assert_int_equal(leray_transform_x(t, table, all, s->f, s->a, s->room), 0);
    for (int c = 0; c < CHANNELS; c++)
        assert_int_equal(leray_transform_to_lines(t, channel(s, s->a, columns, c), s->work,
                                                  channel(s, s->lines, lines, c), s->room),
                         0);
    leray_transform_to_modes(t, CHANNELS, s->lines, s->other,
                             (leray_mode_block){s->f_hat, CHANNELS});
}

static void inverse(const subject *s, const void *table, bool adds)
{
    const leray_transform *t = &s->t;
    size_t columns = leray_transform_columns(t), lines = leray_transform_lines(t);
    int all = CHANNELS * leray_transform_image_rows(t);

    leray_transform_from_modes(t, CHANNELS, (leray_mode_block){s->f_hat, CHANNELS}, s->other,
                               s->lines);
    for (int c = 0; c < CHANNELS; c++)
        assert_int_equal(leray_transform_from_lines(t, channel(s, s->lines, lines, c), s->work,
                                                    channel(s, s->a, columns, c), s->room),
                         0);
    assert_int_equal(leray_transform_x_inverse(t, table, all, s->a, s->f, adds, s->room), 0);
}

static void store(const subject *s, const double *from, void *to, int n)
{
    for (int i = 0; i < n; i++)
        if (s->t.dtype == LERAY_F32) ((float *)to)[i] = (float)from[i];
        else ((double *)to)[i] = from[i];
}

static double element(const subject *s, const void *p, int i)
{
    return s->t.dtype == LERAY_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static void check_forward(const grid *g, leray_dtype dtype, int fast, bool ortho, double tolerance)
{
    subject s = start(g, dtype, fast, ortho);
    double root = sqrt(points(g)), scale = ortho ? 1 / root : 1 / (root * root);

    for (int doubled = 0; doubled < 2; doubled++) {
        double factor = doubled ? ortho ? 1 / root : 1 : scale;

        store(&s, x, s.f, CHANNELS * points(g));
        forward(&s, doubled ? s.t.doubled : s.t.scaled);
        for (int c = 0; c < CHANNELS; c++)
            for (int k = 0; k < modes(g); k++) {
                double a = doubled ? factor * twice(g, k) : factor;
                double complex want = a * sum_over_points(g, x + c * points(g), k);
                int at = 2 * CHANNELS * k + c;

                assert_at_most(fabs(element(&s, s.f_hat, at) - creal(want)),
                               tolerance * factor * root);
                assert_at_most(fabs(element(&s, s.f_hat, at + CHANNELS) - cimag(want)),
                               tolerance * factor * root);
            }
    }
    finish(&s);
}

static void check_inverse(const grid *g, leray_dtype dtype, int fast, bool ortho, double tolerance)
{
    subject s = start(g, dtype, fast, ortho);
    double root = sqrt(points(g)), scale = ortho ? 1 / root : 1 / (root * root);

    for (int doubled = 0; doubled < 2; doubled++)
        for (int adds = 0; adds < 2; adds++) {
            double factor = doubled ? ortho ? 1 / root : 1 : scale;

            store(&s, hat, s.f_hat, 2 * CHANNELS * modes(g));
            store(&s, x, s.f, CHANNELS * points(g));
            inverse(&s, doubled ? s.t.doubled : s.t.scaled, adds);
            for (int i = 0; i < CHANNELS * points(g); i++) {
                double want =
                    factor * sum_over_modes(g, hat, i / points(g), i % points(g), doubled);

                if (adds) want += x[i];
                assert_at_most(fabs(element(&s, s.f, i) - want),
                               tolerance * (factor * root + adds));
            }
        }
    finish(&s);
}

static void on_all_grids(void (*check)(const grid *, leray_dtype, int, bool, double))
{
    leray_rng rng = leray_rng_make(8, LERAY_PURPOSE_TEST, 0, 0);

    for (int i = 0; i < CHANNELS * MAX; i++) x[i] = leray_rng_normal(&rng);
    for (int i = 0; i < 2 * CHANNELS * MAX; i++) hat[i] = leray_rng_normal(&rng);
    for (int i = 0; i < N_GRIDS; i++)
        for (int fast = 0; fast < 8; fast++) {
            if (fast & ((1 << (3 - grids[i].dims)) - 1)) continue; /* an axis that is not there */
            assert_in_range(points(&grids[i]), 1, MAX);
            check(&grids[i], LERAY_F64, fast, false, 1e-13);
            check(&grids[i], LERAY_F64, fast, true, 1e-13);
            check(&grids[i], LERAY_F32, fast, false, 5e-6);
        }
}

static void test_forward(void **state)
{
    (void)state;
    on_all_grids(check_forward);
}

static void test_inverse(void **state)
{
    (void)state;
    on_all_grids(check_inverse);
}

/* The image of channel 1 does not touch a bit of channel 0, whose rows are of odd number: no line
   is paired with one of another image. */
static void test_images_are_apart(void **state)
{
    static const grid g = {
        2, {1, 5, 24},
         {0, 2, 13}
    };
    double first[2 * 120];

    (void)state;
    for (int large = 0; large < 2; large++) {
        subject s = start(&g, LERAY_F64, 6, false);

        for (int i = 0; i < 240; i++) x[i] = (i < 120 ? 1 : large ? 1e12 : 1) * sin(i);
        store(&s, x, s.f, 240);
        forward(&s, s.t.scaled);
        for (int k = 0; k < 2 * modes(&g); k++) {
            double y = element(&s, s.f_hat, CHANNELS * k);

            if (large) assert_true(y == first[k]);
            else first[k] = y;
        }
        inverse(&s, s.t.doubled, false);
        for (int i = 0; i < 120; i++) {
            double y = element(&s, s.f, i);

            if (large) assert_true(y == first[120 + i]);
            else first[120 + i] = y;
        }
        finish(&s);
    }
}

/* A second use of the same tape finds tables and plans there. */
static void test_planned_once(void **state)
{
    (void)state;
    for (int i = 0; i < N_GRIDS; i++) {
        subject s = start(&grids[i], LERAY_F32, 7, false);
        long allocations = leray_mem_total();

        assert_ok(leray_transform_init(&s.t, s.tape));
        forward(&s, s.t.scaled);
        inverse(&s, s.t.doubled, false);
        assert_int_equal(leray_mem_total(), allocations);
        finish(&s);
    }
}

static void test_failing_allocations(void **state)
{
    leray_dtype dtype[] = {LERAY_F32, LERAY_F64};
    int n[] = {4, 6, 8}, m[] = {2, 3, 5};

    (void)state;
    for (int d = 0; d < 2; d++) {
        leray_status status = LERAY_ERR_MEMORY;
        long live = leray_mem_live();

        for (long k = 1; status == LERAY_ERR_MEMORY; k++) {
            leray_transform t;
            leray_tape *tape;

            assert_ok(leray_tape_create(dtype[d], &tape));
            assert_ok(leray_transform_plan(&t, dtype[d], 3, n, m, false));
            for (int i = 0; i < 3; i++) t.fast[i] = true;
            leray_mem_fail_at(k);
            status = leray_transform_init(&t, tape);
            leray_mem_fail_at(0);
            leray_tape_destroy(&tape);
            assert_int_equal(leray_mem_live(), live);
        }
        assert_int_equal(status, LERAY_OK);
    }
}

/* The common small cases stay products; the large ones do not; a prime extent never leaves them. */
static void test_rule(void **state)
{
    (void)state;
    assert_false(leray_transform_is_fast(LERAY_LINES_PAIRED, 64, 12));
    assert_false(leray_transform_is_fast(LERAY_LINES_PAIRED, 256, 16));
    assert_true(leray_transform_is_fast(LERAY_LINES_PAIRED, 128, 64));
    assert_true(leray_transform_is_fast(LERAY_LINES_DOWN, 256, 64));
    assert_false(leray_transform_is_fast(LERAY_LINES_DOWN, 128, 64));
    assert_false(leray_transform_is_fast(LERAY_LINES_SINGLE, 1024, 16));
    assert_true(leray_transform_is_fast(LERAY_LINES_SINGLE, 1024, 512));
    for (int lines = 0; lines < 3; lines++)
        assert_false(leray_transform_is_fast((leray_lines)lines, 421, 200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_inverse),
        cmocka_unit_test(test_images_are_apart),
        cmocka_unit_test(test_planned_once),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
