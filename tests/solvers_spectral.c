/* tests/solvers_spectral.c - boxes, modes and the two passes, against direct sums. */
#include "spectral_tools.h"

static const int shapes[][3] = {
    {8,  8,  0 },
    {12, 10, 0 },
    {9,  14, 0 },
    {16, 7,  0 },
    {8,  8,  8 },
    {6,  9,  10},
    {7,  5,  12},
    {10, 12, 8 },
};
#define NSHAPES (sizeof shapes / sizeof shapes[0])

static void make_box(leray_box *box, const int *n, leray_truncation truncation)
{
    static const double length[] = {1.5, 2, 3};

    assert_ok(leray_box_init(box, n[2] ? 3 : 2, n, length, truncation, leray_comm_self()));
}

static void fill(void *self, const leray_column *c, double complex *const *in,
                 double complex *const *out)
{
    (void)in;
    for (int f = 0; f < 3; f++)
        for (int r = 0; r < c->n; r++)
            out[f][r] = coefficient(f, leray_box_wavenumber(self, 0, r), c->m, c->i);
}

static void compare(void *self, const leray_column *c, double complex *const *in,
                    double complex *const *out)
{
    const leray_box *b = self;

    (void)out;
    for (int f = 0; f < 3; f++)
        for (int r = 0; r < c->n; r++) {
            int s = leray_box_wavenumber(b, 0, r);
            double complex wanted = abs(s) <= c->top ? coefficient(f, s, c->m, c->i) : 0;

            assert_true(cabs(in[f][r] - wanted) < 1e-13);
        }
}

static void check_box(const int *n, leray_truncation truncation, bool single, int threads)
{
    leray_box box;
    leray_transforms *p;
    double *values[3], tolerance = single ? 3e-4 : 1e-11;
    size_t points;

    leray_threads_set(threads);
    make_box(&box, n, truncation);
    points = leray_box_points(&box);
    assert_ok(leray_transforms_create(&box, 5, single, &p));
    for (int f = 0; f < 3; f++) values[f] = test_malloc(points * sizeof(double));
    assert_ok(leray_transforms_to_grid(p, 3, fill, &box, values));
    for (size_t j = 0; j < points; j += 1 + points / 97) {
        int x = (int)(j % (size_t)box.n[2]), y = (int)(j / (size_t)box.n[2] % (size_t)box.n[1]);
        int z = (int)(j / (size_t)box.n[2] / (size_t)box.n[1]);

        for (int f = 0; f < 3; f++)
            assert_true(fabs(values[f][j] - direct(&box, f, z, y, x)) < tolerance);
    }
    if (!single)
        assert_ok(leray_transforms_from_grid(p, 3, (const double *const *)values, compare, &box));
    for (int f = 0; f < 3; f++) test_free(values[f]);
    leray_transforms_destroy(&p);
    leray_box_fini(&box);
    leray_threads_set(1);
}

static void fields_are_their_sums(void **state)
{
    (void)state;
    for (size_t i = 0; i < NSHAPES; i++)
        for (int t = 0; t <= (int)LERAY_NO_TRUNCATION; t++) {
            check_box(shapes[i], (leray_truncation)t, false, 1);
            check_box(shapes[i], (leray_truncation)t, true, 1);
        }
    check_box((int[]){48, 40, 36}, LERAY_TWO_THIRDS, false, 3);
}

/* Products of fields 0 and 1, averaged with those on the moved grid, are the convolution. */
typedef struct product_case {
    leray_box box;
    leray_modes half;
    bool moved;
    double worst;
} product_case;

static void fill_two(void *self, const leray_column *c, double complex *const *in,
                     double complex *const *out)
{
    (void)in;
    for (int f = 0; f < 2; f++)
        for (int r = 0; r < c->n; r++)
            out[f][r] = coefficient(f, leray_box_wavenumber(&((product_case *)self)->box, 0, r),
                                    c->m, c->i);
}

static void multiply(void *self, const leray_rows *rows, double *const *in, double *const *out)
{
    (void)self;
    for (int j = 0; j < rows->points; j++) out[0][j] = in[0][j] * in[1][j];
}

static double complex convolution(const leray_box *b, int s, int m, int i)
{
    double complex sum = 0;

    for (int i1 = -b->top[2]; i1 <= b->top[2]; i1++)
        for (int m1 = -b->top[1]; m1 <= b->top[1]; m1++)
            for (int s1 = -b->top[0]; s1 <= b->top[0]; s1++) {
                if (abs(i - i1) > b->top[2] || abs(m - m1) > b->top[1] || abs(s - s1) > b->top[0])
                    continue;
                if (kept(b, s1, m1, i1) && kept(b, s - s1, m - m1, i - i1))
                    sum += coefficient(0, s1, m1, i1) * coefficient(1, s - s1, m - m1, i - i1);
            }
    return sum;
}

static void take(void *self, const leray_column *c, double complex *const *in,
                 double complex *const *out)
{
    product_case *p = self;
    double complex buffer[64], *half = leray_modes_load(&p->half, 0, c->index, buffer);
    bool shifts = p->box.truncation == LERAY_PHASE_SHIFT;

    (void)out;
    if (shifts && !p->moved) {
        leray_modes_store(&p->half, 0, c->index, in[0]);
        return;
    }
    for (int r = 0; r < c->n; r++) {
        int s = leray_box_wavenumber(&p->box, 0, r);
        double complex product = shifts ? (in[0][r] + half[r]) / 2 : in[0][r], wanted = 0;

        if (abs(s) <= c->top) wanted = convolution(&p->box, s, c->m, c->i);
        p->worst = fmax(p->worst, cabs(product - wanted));
    }
}

static void products_have_no_aliases(void **state)
{
    (void)state;
    for (size_t i = 0; i < NSHAPES; i++)
        for (int t = 0; t < (int)LERAY_NO_TRUNCATION; t++) {
            product_case p = {0};
            leray_transforms *transforms;
            leray_row_pass rows = {multiply, NULL, 2, 1};

            make_box(&p.box, shapes[i], (leray_truncation)t);
            assert_ok(leray_transforms_create(&p.box, 2, false, &transforms));
            assert_ok(leray_modes_init(&p.half, &p.box, 1, false));
            for (int round = 0; round <= t; round++) {
                leray_column_pass out = {fill_two, &p, 0, 2, false, round == 1};
                leray_column_pass in = {take, &p, 1, 0, round == 1, false};

                p.moved = round == 1;
                assert_ok(leray_transforms_columns(transforms, &out));
                assert_ok(leray_transforms_rows(transforms, &rows));
                assert_ok(leray_transforms_columns(transforms, &in));
            }
            assert_true(p.worst < 1e-11);
            leray_modes_fini(&p.half);
            leray_transforms_destroy(&transforms);
            leray_box_fini(&p.box);
        }
}

static void modes_are_found(void **state)
{
    leray_box box;

    (void)state;
    make_box(&box, (int[]){9, 12, 10}, LERAY_TWO_THIRDS);
    assert_int_equal(box.top[0], 2);
    assert_int_equal(box.top[1], 3);
    assert_int_equal(box.top[2], 3);
    for (int single = 0; single < 2; single++) {
        leray_modes m;
        double complex line[16];

        assert_ok(leray_modes_init(&m, &box, 2, single));
        leray_modes_set(&m, 1, -2, 3, 0, 1 + 2 * I);
        leray_modes_set(&m, 1, 1, -1, -2, 3 + 4 * I);
        leray_modes_set(&m, 0, 5, 0, 0, 7);
        assert_true(leray_modes_get(&m, 1, 2, -3, 0) == 1 - 2 * I);
        assert_true(leray_modes_get(&m, 1, -1, 1, 2) == 3 - 4 * I);
        assert_true(leray_modes_get(&m, 0, 5, 0, 0) == 0);
        assert_true(leray_modes_load(&m, 1, leray_box_find(&box, 1, 2),
                                     line)[leray_box_row(&box, 0, -1)] == 3 - 4 * I);
        leray_modes_fini(&m);
    }
    leray_box_fini(&box);
}

static void bad_boxes_are_refused(void **state)
{
    leray_box box;
    double length[] = {1, 1, 1};

    (void)state;
    assert_fails(
        leray_box_init(&box, 4, (int[]){8, 8, 8}, length, LERAY_TWO_THIRDS, leray_comm_self()),
        LERAY_ERR_ARG, "4 dimensions");
    assert_fails(
        leray_box_init(&box, 2, (int[]){1, 8}, length, LERAY_TWO_THIRDS, leray_comm_self()),
        LERAY_ERR_ARG, "1 points");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_their_sums),
        cmocka_unit_test(products_have_no_aliases),
        cmocka_unit_test(modes_are_found),
        cmocka_unit_test(bad_boxes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
