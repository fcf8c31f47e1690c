/* tests/core_fft.c - exact transforms, Parseval, alignment of sizes, and plans shared on disk. */
#include "check.h"

#include "core/fft.h"
#include "core/file.h"
#include <leray/impl/rng.h>

#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TWO_PI 6.283185307179586477

static char folder[] = "/tmp/leray-fft-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("XDG_CACHE_HOME", folder, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return leray_dir_remove(folder) == LERAY_OK ? 0 : -1;
}

typedef struct field {
    leray_fft *fft;
    size_t points, coefficients;
    double *x, *back;
    double complex *x_hat;
} field;

static field make_field(int ndim, const int *n, int howmany)
{
    field f = {0};

    assert_ok(leray_fft_create(ndim, n, howmany, &f.fft));
    f.points = leray_fft_points(f.fft);
    f.coefficients = leray_fft_coefficients(f.fft);
    assert_ok(LERAY_ALLOC(&f.x, f.points * (size_t)howmany));
    assert_ok(LERAY_ALLOC(&f.back, f.points * (size_t)howmany));
    assert_ok(LERAY_ALLOC(&f.x_hat, f.coefficients * (size_t)howmany));
    return f;
}

static void free_field(field *f)
{
    leray_mem_free(f->x_hat);
    leray_mem_free(f->back);
    leray_mem_free(f->x);
    leray_fft_destroy(&f->fft);
}

static void fill(field *f, size_t n, uint32_t simulation)
{
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, simulation, 0);

    for (size_t i = 0; i < n; i++) f->x[i] = leray_rng_normal(&rng);
}

static const struct {
    int ndim, n[3], howmany;
} shapes[] = {
    {1, {1},         1},
    {1, {2},         3},
    {1, {15},        1},
    {1, {64},        5},
    {2, {8, 8},      1},
    {2, {9, 7},      2},
    {2, {1, 6},      1},
    {2, {6, 1},      4},
    {2, {64, 96},    1},
    {3, {4, 6, 8},   2},
    {3, {5, 3, 7},   1},
    {3, {16, 16, 9}, 1},
};
#define NSHAPES (sizeof shapes / sizeof shapes[0])

/* cos and sin of one mode give its coefficient: 1/2 and -i/2. */
static void sines_are_exact(void **state)
{
    int n[] = {12, 20};
    field f = make_field(2, n, 2);

    (void)state;
    assert_int_equal(f.points, 240);
    assert_int_equal(f.coefficients, 132);
    for (int j = 0; j < 12; j++)
        for (int i = 0; i < 20; i++) {
            double angle = TWO_PI * (-5 * j / 12.0 + 3 * i / 20.0);

            f.x[20 * j + i] = 1.5 + 3 * cos(angle);
            f.x[240 + 20 * j + i] = 4 * sin(angle);
        }
    leray_fft_forward(f.fft, f.x, f.x_hat);
    for (size_t i = 0; i < 264; i++) {
        double complex want = i == 0                  ? 1.5
                              : i == 7 * 11 + 3       ? 1.5
                              : i == 132 + 7 * 11 + 3 ? -2 * I
                                                      : 0;

        assert_close(cabs(f.x_hat[i] - want), 0, 1e-14); /* the angles are rounded */
    }
    leray_fft_forward_raw(f.fft, f.x, f.x_hat);
    assert_close(creal(f.x_hat[0]), 360, 1e-13);
    free_field(&f);
}

static void there_and_back(void **state)
{
    (void)state;
    for (size_t s = 0; s < NSHAPES; s++) {
        field f = make_field(shapes[s].ndim, shapes[s].n, shapes[s].howmany);
        size_t all = f.points * (size_t)shapes[s].howmany;
        double worst = 0;

        fill(&f, all, (uint32_t)s);
        memcpy(f.back, f.x, all * sizeof *f.x);
        leray_fft_forward(f.fft, f.x, f.x_hat);
        assert_memory_equal(f.back, f.x, all * sizeof *f.x); /* forward keeps its input */
        leray_fft_inverse(f.fft, f.x_hat, f.back);
        for (size_t i = 0; i < all; i++) worst = fmax(worst, fabs(f.back[i] - f.x[i]));
        assert_at_most(worst, 1e-14);
        free_field(&f);
    }
}

/* mean x^2 = sum |x_k|^2, both halves counted. */
static void parseval(void **state)
{
    (void)state;
    for (size_t s = 0; s < NSHAPES; s++) {
        field f = make_field(shapes[s].ndim, shapes[s].n, shapes[s].howmany);
        size_t all = f.points * (size_t)shapes[s].howmany;
        int last = shapes[s].n[shapes[s].ndim - 1], columns = last / 2 + 1;
        double mean = 0, sum = 0;

        fill(&f, all, (uint32_t)s);
        leray_fft_forward(f.fft, f.x, f.x_hat);
        for (size_t i = 0; i < all; i++) mean += f.x[i] * f.x[i] / (double)f.points;
        for (size_t i = 0; i < f.coefficients * (size_t)shapes[s].howmany; i++) {
            int k = (int)(i % (size_t)columns);

            sum += (k == 0 || 2 * k == last ? 1 : 2) * creal(f.x_hat[i] * conj(f.x_hat[i]));
        }
        assert_close(sum / mean, 1, 1e-14);
        free_field(&f);
    }
}

/* Against the definition, term by term, in both directions. */
static void lines_are_dfts(void **state)
{
    static const int size[] = {1, 2, 7, 16, 30};
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, 99, 0);

    (void)state;
    for (size_t s = 0; s < sizeof size / sizeof size[0]; s++) {
        int n = size[s];
        leray_fft_lines *lines = NULL;
        double complex *x, *y, *z;

        assert_ok(leray_fft_lines_create(n, 3, &lines));
        assert_ok(LERAY_ALLOC(&x, 3 * (size_t)n));
        assert_ok(LERAY_ALLOC(&y, 3 * (size_t)n));
        assert_ok(LERAY_ALLOC(&z, 3 * (size_t)n));
        for (int i = 0; i < 3 * n; i++) x[i] = leray_rng_normal(&rng) + leray_rng_normal(&rng) * I;
        leray_fft_lines_forward_raw(lines, x, y);
        leray_fft_lines_inverse(lines, x, z);
        for (int i = 0; i < 3 * n; i++) {
            double complex forward = 0, inverse = 0;

            for (int j = 0; j < n; j++) {
                double complex e = cexp(TWO_PI * I * j * (i % n) / n);

                forward += conj(e) * x[i / n * n + j];
                inverse += e * x[i / n * n + j];
            }
            assert_close(cabs(y[i] - forward), 0, 1e-13 * n);
            assert_close(cabs(z[i] - inverse), 0, 1e-13 * n);
        }
        leray_mem_free(z), leray_mem_free(y), leray_mem_free(x);
        leray_fft_lines_destroy(&lines);
    }
}

/* In single precision, against those in double precision. */
static void single_lines_agree(void **state)
{
    static const int size[] = {1, 2, 7, 16, 30, 128};
    leray_rng rng = leray_rng_make(1, LERAY_PURPOSE_TEST, 98, 0);

    (void)state;
    for (size_t s = 0; s < sizeof size / sizeof size[0]; s++) {
        size_t n = (size_t)size[s], all = 3 * n;
        leray_fft_lines *lines = NULL;
        leray_fft_lines_f32 *single = NULL;
        double complex *x, *y;
        float complex *x32, *y32;

        assert_ok(leray_fft_lines_create(size[s], 3, &lines));
        assert_ok(leray_fft_lines_f32_create(size[s], 3, &single));
        assert_ok(LERAY_ALLOC(&x, all));
        assert_ok(LERAY_ALLOC(&y, all));
        assert_ok(LERAY_ALLOC(&x32, all));
        assert_ok(LERAY_ALLOC(&y32, all));
        for (size_t i = 0; i < all; i++) {
            x32[i] = (float)leray_rng_normal(&rng) + (float)leray_rng_normal(&rng) * I;
            x[i] = x32[i];
        }
        for (int inverse = 0; inverse < 2; inverse++) {
            if (inverse) leray_fft_lines_f32_inverse(single, x32, y32);
            else leray_fft_lines_f32_forward_raw(single, x32, y32);
            if (inverse) leray_fft_lines_inverse(lines, x, y);
            else leray_fft_lines_forward_raw(lines, x, y);
            for (size_t i = 0; i < all; i++) {
                assert_at_most(cabs(y[i] - y32[i]), 1e-6 * sqrt((double)n));
                assert_true(x32[i] == x[i]); /* the input is kept */
            }
        }
        leray_mem_free(y32), leray_mem_free(x32), leray_mem_free(y), leray_mem_free(x);
        leray_fft_lines_f32_destroy(&single);
        leray_fft_lines_destroy(&lines);
    }
}

static void wrong_arguments(void **state)
{
    int n[] = {4, 0}, huge[] = {65536, 65536};
    leray_fft *fft;
    leray_fft_lines *lines;
    leray_fft_lines_f32 *single;

    (void)state;
    assert_fails(leray_fft_create(0, n, 1, &fft), LERAY_ERR_ARG, "0 dimensions");
    assert_null(fft);
    assert_fails(leray_fft_create(4, n, 1, &fft), LERAY_ERR_ARG, "4 dimensions");
    assert_fails(leray_fft_create(2, n, 1, &fft), LERAY_ERR_ARG, "extent 0 of axis 1");
    assert_fails(leray_fft_create(1, n, 0, &fft), LERAY_ERR_ARG, "0 transforms");
    assert_fails(leray_fft_create(2, huge, 1, &fft), LERAY_ERR_ARG, "2^30");
    assert_fails(leray_fft_lines_create(0, 1, &lines), LERAY_ERR_ARG, "extent 0");
    assert_null(lines);
    assert_fails(leray_fft_lines_f32_create(4, 0, &single), LERAY_ERR_ARG, "0 transforms");
    assert_null(single);
}

static void allocations_may_fail(void **state)
{
    leray_status status = LERAY_ERR_MEMORY;
    int n[] = {6, 10};
    long live = leray_mem_live();

    (void)state;
    for (long k = 1; status == LERAY_ERR_MEMORY; k++) {
        leray_fft *fft;
        leray_fft_lines_f32 *lines = NULL;

        leray_mem_fail_at(k);
        status = leray_fft_create(2, n, 1, &fft);
        if (!status) status = leray_fft_lines_f32_create(10, 2, &lines);
        leray_mem_fail_at(0);
        leray_fft_lines_f32_destroy(&lines);
        leray_fft_destroy(&fft);
        assert_int_equal(leray_mem_live(), live);
    }
    assert_int_equal(status, LERAY_OK);
}

/* The bits of transforms whose size FFTW has many ways to compute. */
static void spectrum_bits(char out[LERAY_CHECKSUM_TEXT])
{
    int n[] = {120, 144};
    field f = make_field(2, n, 1);
    leray_fft_lines_f32 *lines;
    float complex *x, *y;

    assert_ok(leray_fft_lines_f32_create(1440, 1, &lines));
    assert_ok(LERAY_ALLOC(&x, 1440));
    assert_ok(LERAY_ALLOC(&y, 1440));
    fill(&f, f.points, 7);
    for (int i = 0; i < 1440; i++) x[i] = (float)f.x[i];
    leray_fft_lines_f32_forward_raw(lines, x, y);
    leray_fft_forward(f.fft, f.x, f.x_hat);
    memcpy(f.x_hat, y, 1440 * sizeof *y); /* in the place of as many bytes of the other */
    leray_checksum(f.x_hat, f.coefficients * sizeof *f.x_hat, out);
    leray_mem_free(y), leray_mem_free(x);
    leray_fft_lines_f32_destroy(&lines);
    free_field(&f);
}

/* The same in a new process, which plans by itself; `wisdom` NULL means the machine's cache. */
static void bits_elsewhere(const char *wisdom, char out[LERAY_CHECKSUM_TEXT])
{
    int fd[2], status;
    pid_t child;

    assert_int_equal(pipe(fd), 0);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        bool sent = !wisdom || leray_fft_use_wisdom(wisdom) == LERAY_OK;

        spectrum_bits(out);
        sent = sent && write(fd[1], out, LERAY_CHECKSUM_TEXT) == LERAY_CHECKSUM_TEXT;
        _exit(sent ? 0 : 1);
    }
    assert_int_equal(read(fd[0], out, LERAY_CHECKSUM_TEXT), LERAY_CHECKSUM_TEXT);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd[0]), close(fd[1]);
}

/* Runs first, before this process has plans that its children would inherit. */
static void processes_agree(void **state)
{
    char a[LERAY_CHECKSUM_TEXT], b[LERAY_CHECKSUM_TEXT], run[LERAY_PATH_MAX];

    (void)state;
    bits_elsewhere(NULL, a);
    for (int i = 0; i < 6; i++) {
        bits_elsewhere(NULL, b);
        assert_string_equal(a, b);
    }
    assert_ok(leray_path_join(folder, "run.wisdom", run));
    bits_elsewhere(run, b); /* a run's own file begins with the machine's plans */
    assert_string_equal(a, b);
    assert_true(leray_file_exists(run));
    assert_int_equal(setenv("XDG_CACHE_HOME", "/proc/no/such", 1), 0);
    for (int i = 0; i < 6; i++) { /* and carries them to where there is no cache */
        bits_elsewhere(run, b);
        assert_string_equal(a, b);
    }
    bits_elsewhere(NULL, b); /* which is no error either */
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
}

static void wrong_wisdom(void **state)
{
    char path[LERAY_PATH_MAX];

    (void)state;
    assert_ok(leray_path_join(folder, "wrong.wisdom", path));
    assert_ok(leray_file_write(path, "not wisdom", 10));
    assert_fails(leray_fft_use_wisdom(path), LERAY_ERR_DATA, path);
    assert_fails(leray_fft_use_wisdom("/proc/no/such/file"), LERAY_ERR_IO, "/proc/no/such");
    assert_fails(leray_fft_use_wisdom(""), LERAY_ERR_ARG, "wisdom file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_agree), cmocka_unit_test(sines_are_exact),
        cmocka_unit_test(there_and_back),  cmocka_unit_test(parseval),
        cmocka_unit_test(lines_are_dfts),  cmocka_unit_test(single_lines_agree),
        cmocka_unit_test(wrong_arguments), cmocka_unit_test(allocations_may_fail),
        cmocka_unit_test(wrong_wisdom),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
