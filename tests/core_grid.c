/* tests/core_grid.c - points, weights, checks, copies and JSON of grids. */
#include "data_files.h"

#include "core/grid.h"

static leray_axis axis_of(int n, leray_points points, leray_boundary both, double start,
                          double length)
{
    return (leray_axis){
        .n = n, .points = points, .boundary = {both, both},
                .start = start, .length = length
    };
}

static leray_axis axis_at(int n, const double *x, leray_boundary both, double start, double length)
{
    leray_axis axis = axis_of(n, LERAY_AT_COORDINATES, both, start, length);

    axis.coordinates = x;
    return axis;
}

/* ---- points ----------------------------------------------------------------------------- */

static void points_lie_where_they_are_said_to(void **state)
{
    static const double x[] = {4, 2.5, 1.25, 1};
    leray_grid grid = {.ndim = 3};

    (void)state;
    grid.axis[0] = axis_of(4, LERAY_AT_VERTICES, LERAY_PERIODIC, 1, 2);
    grid.axis[1] = axis_of(5, LERAY_AT_VERTICES, LERAY_WALL, 1, 2);
    grid.axis[2] = axis_of(4, LERAY_AT_CENTRES, LERAY_PERIODIC, 1, 2);
    assert_ok(leray_grid_check(&grid));
    assert_int_equal(leray_grid_points(&grid), 80);
    for (int j = 0; j < 4; j++) {
        assert_true(leray_grid_coordinate(&grid, 0, j) == 1 + 0.5 * j);
        assert_true(leray_grid_coordinate(&grid, 2, j) == 1.25 + 0.5 * j);
    }
    for (int j = 0; j < 5; j++) assert_true(leray_grid_coordinate(&grid, 1, j) == 1 + 0.5 * j);
    grid.axis[2] = axis_at(4, x, LERAY_OPEN, 1, 3);
    assert_ok(leray_grid_check(&grid));
    for (int j = 0; j < 4; j++) assert_true(leray_grid_coordinate(&grid, 2, j) == x[j]);
    assert_true(leray_grid_spacing(&grid, 0) == 0.5 && leray_grid_spacing(&grid, 1) == 0.5);
}

static void axes_have_names(void **state)
{
    leray_grid box = leray_grid_periodic(2, (int[]){2, 3}, (double[]){1, 1});
    leray_grid sphere = {.kind = LERAY_SPHERE, .ndim = 3};

    (void)state;
    assert_string_equal(leray_grid_axis_name(&box, 0), "y");
    assert_string_equal(leray_grid_axis_name(&box, 1), "x");
    assert_string_equal(leray_grid_axis_unit(&box, 1), "1");
    assert_string_equal(leray_grid_axis_name(&sphere, 1), "latitude");
    assert_string_equal(leray_grid_axis_name(&sphere, 2), "longitude");
    sphere.axis[0].name = "level", sphere.axis[0].unit = "hPa";
    assert_string_equal(leray_grid_axis_name(&sphere, 0), "level");
    assert_string_equal(leray_grid_axis_unit(&sphere, 0), "hPa");
}

static void even_and_periodic_axes_are_known(void **state)
{
    static const double even[] = {0, 1, 2, 3}, uneven[] = {0, 1, 2, 4}, falling[] = {3, 2, 1, 0};
    static const double nearly[] = {0, 1 + 5e-7, 2, 3}, off[] = {0, 1 + 5e-6, 2, 3};
    double single[4];
    leray_grid grid = {.ndim = 1};

    (void)state;
    for (int j = 0; j < 4; j++) single[j] = (double)(0.1f * (float)(j + 30));
    grid.axis[0] = axis_at(4, even, LERAY_OPEN, 0, 3);
    assert_true(leray_grid_is_even(&grid, 0) && !leray_grid_is_periodic(&grid, 0));
    assert_true(leray_grid_spacing(&grid, 0) == 1); /* whether the axis ends there or beyond */
    grid.axis[0] = axis_at(4, even, LERAY_OPEN, -0.5, 4);
    assert_true(leray_grid_spacing(&grid, 0) == 1);
    grid.axis[0] = axis_at(4, falling, LERAY_OPEN, 0, 3);
    assert_true(leray_grid_is_even(&grid, 0));
    grid.axis[0] = axis_at(4, uneven, LERAY_OPEN, 0, 4);
    assert_false(leray_grid_is_even(&grid, 0));
    grid.axis[0] = axis_at(4, nearly, LERAY_OPEN, 0, 3);
    assert_true(leray_grid_is_even(&grid, 0));
    grid.axis[0] = axis_at(4, off, LERAY_OPEN, 0, 3);
    assert_false(leray_grid_is_even(&grid, 0));
    grid.axis[0] = axis_at(4, single, LERAY_OPEN, 3, 1);
    assert_true(leray_grid_is_even(&grid, 0));
    grid.axis[0] = axis_at(4, even, LERAY_PERIODIC, 0, 4);
    assert_true(leray_grid_is_even(&grid, 0) && leray_grid_is_periodic(&grid, 0));
    grid.axis[0] = axis_at(4, even, LERAY_PERIODIC, 0, 5); /* the seam is 2 wide */
    assert_false(leray_grid_is_even(&grid, 0));
}

static void what_needs_other_points_is_refused(void **state)
{
    static const double uneven[] = {0, 1, 2, 4};
    leray_grid grid = leray_grid_periodic(2, (int[]){4, 4}, (double[]){1, 1});

    (void)state;
    assert_ok(leray_grid_need_periodic(&grid, "a transform"));
    grid.axis[0] = axis_of(4, LERAY_AT_CENTRES, LERAY_WALL, 0, 1);
    assert_ok(leray_grid_need_even(&grid, "a transform"));
    assert_fails(leray_grid_need_periodic(&grid, "a transform"), LERAY_ERR_UNSUPPORTED,
                 "a transform needs a periodic grid, and the boundary along y is wall");
    grid.axis[0] = axis_at(4, uneven, LERAY_OPEN, 0, 4);
    assert_fails(leray_grid_need_even(&grid, "a stencil"), LERAY_ERR_UNSUPPORTED,
                 "a stencil needs evenly spaced points, and those along y are 1 to 2 apart");
    assert_fails(leray_grid_need_periodic(&grid, "a stencil"), LERAY_ERR_UNSUPPORTED,
                 "evenly spaced");
}

/* ---- weights ---------------------------------------------------------------------------- */

static void even_points_weigh_one(void **state)
{
    leray_grid grid = leray_grid_periodic(2, (int[]){3, 4}, (double[]){2, 5});
    double w[12];

    (void)state;
    assert_int_equal(leray_grid_fill_weights(&grid, NULL), 1);
    grid.axis[0] = axis_of(3, LERAY_AT_CENTRES, LERAY_WALL, 0, 2);
    assert_int_equal(leray_grid_fill_weights(&grid, w), 1);
    for (int i = 0; i < 12; i++) assert_true(w[i] == 1);
}

/* Walls at vertices: the end points stand for half a cell. Uneven points: as far as half way. */
static void points_weigh_what_they_stand_for(void **state)
{
    static const double x[] = {7, 4, 2, 1};             /* on [0, 8] */
    static const double cells[] = {2.5, 2.5, 1.5, 1.5}; /* 5.5 to 8, 3 to 5.5, 1.5 to 3, 0 to 1.5 */
    static const double halves[] = {0.25, 0.5, 0.5, 0.5, 0.25}; /* of 2 */
    leray_grid grid = {.ndim = 2};
    double w[20];

    (void)state;
    grid.axis[0] = axis_of(5, LERAY_AT_VERTICES, LERAY_WALL, 1, 2);
    grid.axis[1] = axis_at(4, x, LERAY_OPEN, 0, 8);
    assert_int_equal(leray_grid_fill_weights(&grid, w), 0);
    for (int i = 0; i < 20; i++)
        assert_close(w[i] * (2 * 8 / 20.0), halves[i / 4] * cells[i % 4], 1e-14);
}

/* Periodic: the first and the last point share what lies across the seam. */
static void the_seam_counts(void **state)
{
    static const double x[] = {0, 1, 3};
    static const double cells[] = {1.0, 1.5, 1.5}; /* of 4: seam from 3 to 4 */
    leray_grid grid = {.ndim = 1};
    double w[3];

    (void)state;
    grid.axis[0] = axis_at(3, x, LERAY_PERIODIC, 0, 4);
    assert_int_equal(leray_grid_fill_weights(&grid, w), 0);
    for (int i = 0; i < 3; i++) assert_close(w[i] * 4 / 3, cells[i], 1e-14);
}

static leray_grid sphere(int ny, int nx)
{
    leray_grid grid = {.kind = LERAY_SPHERE, .ndim = 2};

    grid.axis[0] = axis_of(ny, LERAY_AT_CENTRES, LERAY_POLE, -90, 180);
    grid.axis[1] = axis_of(nx, LERAY_AT_VERTICES, LERAY_PERIODIC, 0, 360);
    return grid;
}

/* Their mean is 1, so that 4 pi / points times one of them is its area: that of a belt between two
   latitudes is 2 pi times the difference of their sines. */
static void points_of_a_sphere_weigh_their_area(void **state)
{
    enum { NY = 9, NX = 4 };
    leray_grid grid = sphere(NY, NX);
    double w[NY * NX], area = 0, square = 0;

    (void)state;
    assert_ok(leray_grid_check(&grid));
    assert_int_equal(leray_grid_fill_weights(&grid, w), 0);
    for (int i = 0; i < NY * NX; i++) {
        double south = M_PI / 180 * (-90 + 20 * (i / NX)), north = south + M_PI / 9, s;
        double a = w[i] * 4 * M_PI / (NY * NX);

        assert_close(a, 2 * M_PI / NX * (sin(north) - sin(south)), 1e-13);
        area += a;
        s = (sin(north) + sin(south)) / 2; /* the mean of sin(latitude) over the belt */
        square += a * s * s;
    }
    assert_close(area, 4 * M_PI, 1e-13);
    for (int j = 0; j < NY;
         j++) { /* the mean square of a belt is more by the square of its height */
        double south = M_PI / 180 * (-90 + 20 * j), height = sin(south + M_PI / 9) - sin(south);

        square += 2 * M_PI * height * height * height / 12;
    }
    assert_close(square, 4 * M_PI / 3, 1e-13);
}

static void what_is_masked_weighs_nothing(void **state)
{
    static const unsigned char mask[] = {1, 0, 1, 1};
    static const double given[] = {1, 5, 2, 3};
    static const double want[] = {0.5, 0, 1, 1.5};
    leray_grid grid = leray_grid_periodic(1, (int[]){4}, (double[]){1});
    double w[4];

    (void)state;
    grid.mask = mask;
    assert_int_equal(leray_grid_fill_weights(&grid, w), 0);
    for (int i = 0; i < 4; i++) assert_true(w[i] == mask[i]);
    grid.weights = given;
    assert_int_equal(leray_grid_fill_weights(&grid, w), 0);
    for (int i = 0; i < 4; i++) assert_close(w[i], want[i], 1e-15);
}

/* ---- checks ----------------------------------------------------------------------------- */

static void grids_that_cannot_be(void **state)
{
    static const double back[] = {0, 2, 1, 3}, twice[] = {0, 1, 1, 3}, nan_at[] = {0, NAN, 2, 3};
    static const double fine[] = {0, 1, 2, 3}, bad_weights[] = {1, -1, 1, 1};
    const leray_grid good = leray_grid_periodic(1, (int[]){4}, (double[]){3});
    leray_grid g = good;

    (void)state;
    assert_ok(leray_grid_check(&g));
    g.ndim = 0;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "0 axes, allowed: 1 to 3");
    g.ndim = 4;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "4 axes");
    g = good, g.kind = LERAY_SPHERE;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "a sphere has at least 2");
    g = good, g.axis[0].n = 0;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "axis x has 0 points");
    g = good, g.axis[0].length = 0;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "a finite length above 0");
    g = good, g.axis[0].start = INFINITY;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "axis x from inf");
    g = good, g.axis[0].boundary[1] = LERAY_WALL;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "axis x is periodic on one side only");
    g = good, g.axis[0].boundary[0] = (leray_boundary)7;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "boundary 7");
    g = good, g.axis[0].points = (leray_points)3;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "points 3");
    g = good, g.axis[0] = axis_at(4, NULL, LERAY_OPEN, 0, 3);
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "axis x has no coordinates");
    g.axis[0].coordinates = back;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "along x: 1 at point 2 does not go on");
    g.axis[0].coordinates = twice;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "1 at point 2 does not go on");
    g.axis[0].coordinates = nan_at;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "at point 1 does not go on");
    g.axis[0] = axis_at(4, fine, LERAY_OPEN, 0, 2.5);
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "coordinate 3 along x is not in [0, 2.5]");
    g = good, g.weights = bad_weights;
    assert_fails(leray_grid_check(&g), LERAY_ERR_ARG, "point 1 has the weight -1");
}

/* ---- coordinates of files --------------------------------------------------------------- */

static void coordinates_become_axes(void **state)
{
    static const leray_boundary periodic[2] = {LERAY_PERIODIC, LERAY_PERIODIC};
    static const leray_boundary open[2] = {LERAY_WALL, LERAY_OPEN};
    static const double even[] = {1, 1.5, 2, 2.5}, uneven[] = {1, 2, 4, 8},
                        falling[] = {3, 2, 1, 0};
    static const double back[] = {1, 2, 1.5, 3};
    leray_axis axis;
    leray_grid grid = {.ndim = 1};

    (void)state;
    assert_ok(leray_axis_of_coordinates("f", "x", "m", 4, even, periodic, &axis));
    assert_int_equal(axis.points, LERAY_AT_VERTICES);
    assert_true(axis.start == 1 && axis.length == 2);
    assert_ok(leray_axis_of_coordinates("f", "x", "m", 4, even, open, &axis));
    assert_int_equal(axis.points, LERAY_AT_CENTRES);
    assert_true(axis.start == 0.75 && axis.length == 2);
    assert_true(axis.boundary[0] == LERAY_WALL && axis.boundary[1] == LERAY_OPEN);
    assert_ok(leray_axis_of_coordinates("f", "x", "m", 4, uneven, open, &axis));
    assert_true(axis.points == LERAY_AT_COORDINATES && axis.coordinates == uneven);
    assert_true(axis.start == 1 && axis.length == 7);
    assert_ok(leray_axis_of_coordinates("f", "x", "m", 4, falling, open, &axis));
    assert_true(axis.points == LERAY_AT_COORDINATES && axis.start == -0.5 && axis.length == 4);
    grid.axis[0] = axis;
    assert_ok(leray_grid_check(&grid));
    assert_ok(leray_axis_of_coordinates("f", "x", "m", 4, falling, periodic, &axis));
    grid.axis[0] = axis;
    assert_ok(leray_grid_check(&grid));
    assert_true(axis.length == 4 && leray_grid_is_even(&grid, 0));
    assert_fails(leray_axis_of_coordinates("f.h5", "x", "m", 4, back, open, &axis), LERAY_ERR_DATA,
                 "f.h5: coordinates along x: 1.5 at point 2 does not go on from 2");
}

/* ---- copies ----------------------------------------------------------------------------- */

enum { NY = 3, NX = 4 };

/* With all that a grid can have, in arrays of the caller's. */
typedef struct full {
    leray_grid grid;
    double x[NX], weights[NY * NX];
    unsigned char mask[NY * NX];
    char name[8], unit[8];
} full;

static void make_full(full *f)
{
    memset(f, 0, sizeof *f);
    strcpy(f->name, "height"), strcpy(f->unit, "m");
    for (int i = 0; i < NX; i++) f->x[i] = 0.1 + i * i / 3.0;
    for (int i = 0; i < NY * NX; i++) f->weights[i] = 1 + i / 7.0, f->mask[i] = i != 5;
    f->grid = (leray_grid){.ndim = 2, .weights = f->weights, .mask = f->mask};
    f->grid.axis[0] = axis_of(NY, LERAY_AT_CENTRES, LERAY_WALL, 0.3, M_PI);
    f->grid.axis[0].boundary[1] = LERAY_OPEN;
    f->grid.axis[1] = axis_at(NX, f->x, LERAY_OPEN, 0.1, 3);
    f->grid.axis[1].name = f->name, f->grid.axis[1].unit = f->unit;
}

static void copies_own_what_they_have(void **state)
{
    full f, kept;
    leray_grid copy, zero = {0};
    leray_status status;

    (void)state;
    make_full(&f);
    make_full(&kept);
    assert_ok(leray_grid_check(&f.grid));
    assert_survives_failing_allocations(status, status = leray_grid_copy(&f.grid, &copy));
    memset(f.x, 0, sizeof f.x), memset(f.weights, 0, sizeof f.weights);
    memset(f.mask, 0, sizeof f.mask), memset(f.name, 0, sizeof f.name);
    memset(f.unit, 0, sizeof f.unit);
    assert_ok(leray_grid_check(&copy));
    assert_true(leray_grid_same(&copy, &kept.grid));
    assert_memory_equal(copy.axis[1].coordinates, kept.x, sizeof kept.x);
    assert_memory_equal(copy.weights, kept.weights, sizeof kept.weights);
    assert_memory_equal(copy.mask, kept.mask, sizeof kept.mask);
    assert_string_equal(copy.axis[1].name, "height");
    assert_string_equal(copy.axis[1].unit, "m");
    assert_null(copy.axis[0].name);
    leray_grid_fini(&copy);
    assert_memory_equal(&copy, &zero, sizeof zero);
    leray_grid_fini(&copy);
}

static void a_failed_copy_is_zero(void **state)
{
    full f;
    leray_grid copy, zero = {0};

    (void)state;
    make_full(&f);
    memset(&copy, 1, sizeof copy);
    leray_mem_fail_at(1);
    assert_int_equal(leray_grid_copy(&f.grid, &copy), LERAY_ERR_MEMORY);
    leray_mem_fail_at(0);
    assert_memory_equal(&copy, &zero, sizeof zero);
}

/* ---- two grids -------------------------------------------------------------------------- */

static void check_differ(const leray_grid *a, const leray_grid *b, const char *words)
{
    assert_false(leray_grid_same(a, b));
    assert_false(leray_grid_same(b, a));
    assert_fails(leray_grid_compare(a, "the data", b, "the model", LERAY_ERR_CONFIG),
                 LERAY_ERR_CONFIG, words);
}

static void grids_are_compared(void **state)
{
    static const double x[] = {0, 1, 2, 3}, moved[] = {0, 1.001, 2, 3};
    const leray_grid good = leray_grid_periodic(2, (int[]){4, 4}, (double[]){4, 4});
    leray_grid g = good, masked = good;
    unsigned char mask[16];

    (void)state;
    memset(mask, 1, sizeof mask);
    g.axis[0].length *= 1 + 1e-8;
    g.axis[1] = axis_at(4, x, LERAY_PERIODIC, 0, 4); /* the same points, told in another way */
    assert_true(leray_grid_same(&good, &g));
    assert_ok(leray_grid_compare(&good, "a", &g, "b", LERAY_ERR_CONFIG));
    g.axis[1].length = 5; /* and a wider seam */
    check_differ(&good, &g,
                 "axis x of the data goes from 0 over 4 (vertices), that of the model "
                 "from 0 over 5 (coordinates)");
    g.axis[1].length = 4, g.axis[1].coordinates = moved;
    check_differ(&good, &g, "axis x of the data goes from 0 over 4 (vertices), that of the model");
    g = good, g.axis[1].n = 5;
    check_differ(&good, &g, "axis x of the data has 4 points, that of the model 5");
    g = good, g.axis[0].length = 4.01;
    check_differ(&good, &g, "axis y of the data goes from 0 over 4");
    g = good, g.axis[0].boundary[0] = g.axis[0].boundary[1] = LERAY_WALL;
    check_differ(&good, &g, "the boundary along y is periodic in the data, and wall in the model");
    g = good, g.ndim = 1;
    check_differ(&good, &g, "the data has 2 dimensions, the model 1");
    g = good, g.kind = LERAY_SPHERE;
    check_differ(&good, &g, "the data is on a box, the model on a sphere");
    masked.mask = mask;
    assert_true(leray_grid_same(&good, &masked)); /* a mask of ones hides nothing */
    mask[7] = 0;
    check_differ(&good, &masked, "different masks");
}

/* ---- JSON ------------------------------------------------------------------------------- */

static leray_status read_text(const char *text, leray_grid *out)
{
    leray_json *json;
    leray_status status;

    memset(out, 0, sizeof *out);
    LERAY_TRY(leray_json_parse("grid", text, strlen(text), &json));
    status = leray_grid_from_json(json, out);
    leray_json_destroy(&json);
    return status;
}

static leray_status to_text(const leray_grid *grid, char **text)
{
    leray_json *json;
    leray_status status;

    *text = NULL;
    LERAY_TRY(leray_grid_to_json(grid, &json));
    status = leray_json_text(json, 0, text);
    leray_json_destroy(&json);
    return status;
}

static void json_keeps_every_bit(void **state)
{
    full f;
    leray_grid back;
    char *text;

    (void)state;
    make_full(&f);
    f.x[1] = 0.1 + 1e-12, f.x[2] = nextafter(2, 3);
    assert_ok(leray_grid_check(&f.grid));
    assert_ok(to_text(&f.grid, &text));
    assert_ok(read_text(text, &back));
    leray_mem_free(text);
    assert_int_equal(back.ndim, 2);
    assert_int_equal(back.kind, LERAY_BOX);
    for (int a = 0; a < 2; a++) {
        assert_int_equal(back.axis[a].n, f.grid.axis[a].n);
        assert_int_equal(back.axis[a].points, f.grid.axis[a].points);
        for (int s = 0; s < 2; s++)
            assert_int_equal(back.axis[a].boundary[s], f.grid.axis[a].boundary[s]);
        assert_memory_equal(&back.axis[a].start, &f.grid.axis[a].start, sizeof(double));
        assert_memory_equal(&back.axis[a].length, &f.grid.axis[a].length, sizeof(double));
    }
    assert_memory_equal(back.axis[1].coordinates, f.x, sizeof f.x);
    assert_string_equal(leray_grid_axis_name(&back, 0), "y");
    assert_string_equal(leray_grid_axis_name(&back, 1), "height");
    assert_string_equal(leray_grid_axis_unit(&back, 1), "m");
    assert_null(back.mask); /* of the data, not of a model */
    assert_null(back.weights);
    leray_grid_fini(&back);
}

static void json_of_a_sphere(void **state)
{
    leray_grid grid = sphere(3, 4), back;
    char *text;

    (void)state;
    assert_ok(to_text(&grid, &text));
    assert_ok(read_text(text, &back));
    leray_mem_free(text);
    assert_true(leray_grid_same(&grid, &back));
    assert_int_equal(back.axis[0].boundary[1], LERAY_POLE);
    leray_grid_fini(&back);
}

static void json_survives_failing_allocations(void **state)
{
    full f;
    leray_grid back;
    char *text;
    leray_status status;

    (void)state;
    make_full(&f);
    assert_survives_failing_allocations(status, status = to_text(&f.grid, &text));
    assert_survives_failing_allocations(status, status = read_text(text, &back));
    leray_grid_fini(&back);
    leray_mem_free(text);
}

static void the_older_list_is_read(void **state)
{
    leray_grid g;

    (void)state;
    assert_ok(read_text("[{\"points\": 6, \"length\": 0.1, \"periodic\": 0},"
                        " {\"points\": 8, \"length\": 6.5, \"periodic\": 1}]",
                        &g));
    assert_int_equal(g.ndim, 2);
    assert_true(g.axis[0].n == 6 && g.axis[0].length == 0.1 &&
                g.axis[0].points == LERAY_AT_CENTRES && g.axis[0].boundary[0] == LERAY_OPEN &&
                g.axis[0].boundary[1] == LERAY_OPEN);
    assert_true(g.axis[1].n == 8 && g.axis[1].length == 6.5 &&
                g.axis[1].points == LERAY_AT_VERTICES && leray_grid_is_periodic(&g, 1));
    leray_grid_fini(&g);
}

static void json_that_is_no_grid(void **state)
{
    static const char *const axis =
        "{\"kind\": \"%s\", \"axes\": [{\"name\": \"x\", \"unit\": \"1\", \"n\": %d, \"points\": "
        "\"%s\", \"first\": \"%s\", \"last\": \"periodic\", \"start\": 0, \"length\": 2, "
        "\"coordinates\": [0, 1]}]}";
    static const struct {
        const char *kind, *points, *first, *words;
        int n;
    } cases[] = {
        {"box",   "coordinates", "periodic", NULL,                         2       },
        {"torus", "vertices",    "periodic", "'kind' is 'torus'",          2       },
        {"box",   "edges",       "periodic", "'points' is 'edges'",        2       },
        {"box",   "vertices",    "moving",   "'first' is 'moving'",        2       },
        {"box",   "vertices",    "wall",     "periodic on one side only",  2       },
        {"box",   "coordinates", "periodic", "2 coordinates for 3 points", 3       },
        {"box",   "vertices",    "periodic", "an axis of 0 points",        0       },
        {"box",   "vertices",    "periodic", "an axis of 99999999 points", 99999999},
    };
    char text[512];
    leray_grid g;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, axis, cases[i].kind, cases[i].n, cases[i].points,
                 cases[i].first);
        if (cases[i].words) assert_fails(read_text(text, &g), LERAY_ERR_DATA, cases[i].words);
        else assert_ok(read_text(text, &g));
        leray_grid_fini(&g);
    }
    assert_fails(read_text("[]", &g), LERAY_ERR_DATA, "a grid of 0 axes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_lie_where_they_are_said_to),
        cmocka_unit_test(axes_have_names),
        cmocka_unit_test(even_and_periodic_axes_are_known),
        cmocka_unit_test(what_needs_other_points_is_refused),
        cmocka_unit_test(even_points_weigh_one),
        cmocka_unit_test(points_weigh_what_they_stand_for),
        cmocka_unit_test(the_seam_counts),
        cmocka_unit_test(points_of_a_sphere_weigh_their_area),
        cmocka_unit_test(what_is_masked_weighs_nothing),
        cmocka_unit_test(grids_that_cannot_be),
        cmocka_unit_test(coordinates_become_axes),
        cmocka_unit_test(copies_own_what_they_have),
        cmocka_unit_test(a_failed_copy_is_zero),
        cmocka_unit_test(grids_are_compared),
        cmocka_unit_test(json_keeps_every_bit),
        cmocka_unit_test(json_of_a_sphere),
        cmocka_unit_test(json_survives_failing_allocations),
        cmocka_unit_test(the_older_list_is_read),
        cmocka_unit_test(json_that_is_no_grid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
