/* tensor/algorithms/transform_fft.c - see tensor/algorithms/transform_fft.h. */
#include "tensor/algorithms/transform_fft.h"

#include "core/fft.h"

#define COLUMNS 8 /* complex columns that are transposed together */

static leray_status make_f32(const int key[4], void **out)
{
    leray_fft_lines_f32 *lines;

    LERAY_TRY(leray_fft_lines_f32_create(key[0], 1, &lines));
    *out = lines;
    return LERAY_OK;
}

static void destroy_f32(void *plan)
{
    leray_fft_lines_f32 *lines = plan;

    leray_fft_lines_f32_destroy(&lines);
}

static leray_status make_f64(const int key[4], void **out)
{
    leray_fft_lines *lines;

    LERAY_TRY(leray_fft_lines_create(key[0], 1, &lines));
    *out = lines;
    return LERAY_OK;
}

static void destroy_f64(void *plan)
{
    leray_fft_lines *lines = plan;

    leray_fft_lines_destroy(&lines);
}

leray_status leray_fft_axis_plan(leray_tape *tape, int n, const void **plan)
{
    static const char kind[] = "lines";
    bool single = leray_tape_dtype(tape) == LERAY_F32;
    void *object;

    *plan = NULL;
    LERAY_TRY(leray_tape_object(tape, kind, (int[4]){n}, single ? make_f32 : make_f64,
                                single ? destroy_f32 : destroy_f64, &object));
    *plan = object;
    return LERAY_OK;
}

/* Reals of n + 1 complex numbers, rounded up to 64 bytes. */
static size_t line_size(int n) { return (2 * (size_t)n + 2 + 15) / 16 * 16; }

/* The two ends of a transform and what a line without a partner is paired with; columns, and their
   at most n + 1 coefficients. */
size_t leray_fft_axis_room(int n) { return (3 + 2 * COLUMNS) * line_size(n); }

static void *at(const leray_fft_axis *axis, const void *p, size_t i)
{
    return leray_at(axis->dtype, p, i);
}

/* The parts of the room before the columns. */
typedef struct ends {
    void *z, *z_hat, *partner;
} ends;

static ends ends_of(const leray_fft_axis *axis, void *room)
{
    size_t line = line_size(axis->series.n);

    return (ends){room, at(axis, room, line), at(axis, room, 2 * line)};
}

/* Two lines; v and v_hat are NULL together. */
static void pair_forward(const leray_fft_axis *axis, const void *u, const void *v, void *u_hat,
                         void *v_hat, void *room)
{
    ends e = ends_of(axis, room);

    axis->kernels->interleave(axis->series.n, u, v, e.z);
    if (axis->dtype == LERAY_F32) leray_fft_lines_f32_forward_raw(axis->plan, e.z, e.z_hat);
    else leray_fft_lines_forward_raw(axis->plan, e.z, e.z_hat);
    axis->kernels->spectrum_to_series(&axis->series, e.z_hat, u_hat, v ? v_hat : e.partner);
}

static void pair_inverse(const leray_fft_axis *axis, const void *u_hat, const void *v_hat, void *u,
                         void *v, bool adds, void *room)
{
    ends e = ends_of(axis, room);

    if (!v) axis->kernels->fill(line_size(axis->series.n), 0, e.partner, false);
    axis->kernels->series_to_spectrum(&axis->series, u_hat, v ? v_hat : e.partner, e.z_hat);
    if (axis->dtype == LERAY_F32) leray_fft_lines_f32_inverse(axis->plan, e.z_hat, e.z);
    else leray_fft_lines_inverse(axis->plan, e.z_hat, e.z);
    axis->kernels->deinterleave(axis->series.n, e.z, u, v, adds);
}

/* Whether row i has a partner behind it. */
static bool has_partner(int i, int rows, int image) { return i + 1 < rows && (i + 1) % image != 0; }

void leray_fft_axis_rows(const leray_fft_axis *axis, int rows, int image, const void *x,
                         void *coefficients, size_t ld, void *room)
{
    size_t n = (size_t)axis->series.n;

    for (int i = 0, step; i < rows; i += step) {
        const void *u = at(axis, x, (size_t)i * n);
        void *u_hat = at(axis, coefficients, (size_t)i * ld);

        step = has_partner(i, rows, image) ? 2 : 1;
        pair_forward(axis, u, step == 2 ? at(axis, u, n) : NULL, u_hat,
                     step == 2 ? at(axis, u_hat, ld) : NULL, room);
    }
}

void leray_fft_axis_rows_inverse(const leray_fft_axis *axis, int rows, int image,
                                 const void *coefficients, size_t ld, void *x, bool adds,
                                 void *room)
{
    size_t n = (size_t)axis->series.n;

    for (int i = 0, step; i < rows; i += step) {
        const void *u_hat = at(axis, coefficients, (size_t)i * ld);
        void *u = at(axis, x, (size_t)i * n);

        step = has_partner(i, rows, image) ? 2 : 1;
        pair_inverse(axis, u_hat, step == 2 ? at(axis, u_hat, ld) : NULL, u,
                     step == 2 ? at(axis, u, n) : NULL, adds, room);
    }
}

/* Columns first .. first + count - 1 of one block: where its two parts start in an array of rows
   of `width`, and the transposed columns and coefficients, real and imaginary parts in turn. */
typedef struct some {
    int count;
    size_t re, im, width;
    size_t n, size; /* points and coefficients of a line */
    void *columns, *coefficients;
} some;

static some some_of(const leray_fft_axis *axis, int blocks, int half, int item, void *room)
{
    int groups = (half + COLUMNS - 1) / COLUMNS, first = item % groups * COLUMNS;
    size_t line = line_size(axis->series.n), block = (size_t)(item / groups) * 2 * (size_t)half;
    some s = {.count = half - first < COLUMNS ? half - first : COLUMNS};

    s.re = block + (size_t)first;
    s.im = s.re + (size_t)half;
    s.width = 2 * (size_t)blocks * (size_t)half;
    s.n = (size_t)axis->series.n;
    s.size = 2 * (size_t)axis->series.modes - 1;
    s.columns = at(axis, room, 3 * line);
    s.coefficients = at(axis, room, (3 + COLUMNS) * line);
    return s;
}

static int items_of(int blocks, int half) { return blocks * ((half + COLUMNS - 1) / COLUMNS); }

/* Rows of an array to lines of n, or back. */
static void take(const leray_fft_axis *axis, const some *s, size_t n, const void *array, void *to)
{
    axis->kernels->transpose((int)n, s->count, at(axis, array, s->re), s->width, to, 2 * n);
    axis->kernels->transpose((int)n, s->count, at(axis, array, s->im), s->width, at(axis, to, n),
                             2 * n);
}

static void put(const leray_fft_axis *axis, const some *s, size_t n, const void *from, void *array)
{
    axis->kernels->transpose(s->count, (int)n, from, 2 * n, at(axis, array, s->re), s->width);
    axis->kernels->transpose(s->count, (int)n, at(axis, from, n), 2 * n, at(axis, array, s->im),
                             s->width);
}

void leray_fft_axis_columns(const leray_fft_axis *axis, int blocks, int half, const void *a,
                            void *lines, void *room)
{
    for (int item = 0; item < items_of(blocks, half); item++) {
        some s = some_of(axis, blocks, half, item, room);

        take(axis, &s, s.n, a, s.columns);
        leray_fft_axis_rows(axis, 2 * s.count, 2, s.columns, s.coefficients, s.size, room);
        put(axis, &s, s.size, s.coefficients, lines);
    }
}

void leray_fft_axis_columns_inverse(const leray_fft_axis *axis, int blocks, int half,
                                    const void *lines, void *a, void *room)
{
    for (int item = 0; item < items_of(blocks, half); item++) {
        some s = some_of(axis, blocks, half, item, room);

        take(axis, &s, s.size, lines, s.coefficients);
        leray_fft_axis_rows_inverse(axis, 2 * s.count, 2, s.coefficients, s.size, s.columns, false,
                                    room);
        put(axis, &s, s.n, s.columns, a);
    }
}
