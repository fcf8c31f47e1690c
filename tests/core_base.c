/* tests/core_base.c - status, memory, random numbers, files, JSON, texts, ranks. */
#include "check.h"

#include "core/file.h"
#include "core/json.h"
#include "core/launch.h"
#include "core/number.h"
#include "core/provenance.h"
#include "core/text.h"
#include <leray/impl/rng.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- status ----------------------------------------------------------------------------- */

static leray_status raises(int x)
{
    LERAY_CHECK(x < 3, LERAY_ERR_DATA, "x = %d, below 3", x);
    return LERAY_OK;
}

static leray_status passes_up(int x)
{
    LERAY_TRY(raises(x));
    return LERAY_OK;
}

static void status_has_a_traceback(void **state)
{
    const char *first, *second;

    (void)state;
    assert_ok(passes_up(2));
    assert_fails(passes_up(7), LERAY_ERR_DATA, "x = 7, below 3");
    first = strstr(leray_error_message(), "core_base.c:");
    assert_non_null(first);
    second = strstr(first + 1, "core_base.c:");
    assert_non_null(second);
    assert_int_equal(leray_status_exit_code(LERAY_ERR_DATA), 3);
    assert_int_equal(leray_status_exit_code(LERAY_INTERRUPTED), 75);
    assert_string_equal(leray_status_text(LERAY_ERR_IO), "input/output failed");
}

/* ---- memory ----------------------------------------------------------------------------- */

static void memory_is_counted(void **state)
{
    double *x;
    char *y;
    long total = leray_mem_total();

    (void)state;
    assert_ok(LERAY_ALLOC(&x, 100));
    assert_int_equal((uintptr_t)x % 64, 0);
    for (int i = 0; i < 100; i++) assert_true(x[i] == 0);
    assert_int_equal(leray_mem_live(), 1);
    assert_int_equal(leray_mem_bytes(), 800);
    x[99] = 5;
    assert_ok(leray_mem_grow((void *)&x, 100, 200, sizeof *x));
    assert_true(x[99] == 5 && x[100] == 0 && leray_mem_peak() >= 1600);
    leray_mem_fail_at(2);
    assert_ok(LERAY_ALLOC(&y, 1));
    leray_mem_free(y);
    assert_fails(LERAY_ALLOC(&y, 1), LERAY_ERR_MEMORY, "cannot allocate 1 bytes");
    assert_null(y);
    assert_fails(leray_mem_alloc(&y, SIZE_MAX / 2, 4), LERAY_ERR_MEMORY, "overflow");
    leray_mem_free(x);
    assert_int_equal(leray_mem_live(), 0);
    assert_int_equal(leray_mem_total() - total, 3);
}

/* ---- random numbers --------------------------------------------------------------------- */

/* Known answer of Random123's kat_vectors: philox4x32-10, counter and key 0. */
static void philox_known_answer(void **state)
{
    static const uint32_t answer[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    leray_rng rng = leray_rng_make(0, LERAY_PURPOSE_TEST, 0, 0);

    (void)state;
    for (int i = 0; i < 4; i++) assert_int_equal(leray_rng_bits(&rng), answer[i]);
}

static void streams_differ_and_moments_hold(void **state)
{
    leray_rng a = leray_rng_make(1, LERAY_PURPOSE_TEST, 2, 3), b = a;
    leray_rng c = leray_rng_make(1, LERAY_PURPOSE_BATCH, 2, 3);
    const int n = 200000;
    double mean = 0, square = 0, fourth = 0, uniform = 0;
    int same = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        uint32_t x = leray_rng_bits(&a);

        assert_int_equal(x, leray_rng_bits(&b));
        same += x == leray_rng_bits(&c);
    }
    assert_int_equal(same, 0);
    for (int i = 0; i < n; i++) {
        double x = leray_rng_normal(&a), u = leray_rng_uniform(&b);

        assert_true(u >= 0 && u < 1);
        mean += x / n, square += x * x / n, fourth += x * x * x * x / n, uniform += u / n;
    }
    /* Four standard errors. */
    assert_close(mean, 0, 4 / sqrt(n));
    assert_close(square, 1, 4 * sqrt(2.0 / n));
    assert_close(fourth, 3, 4 * sqrt(96.0 / n) / 3);
    assert_close(uniform, 0.5, 4 / sqrt(12.0 * n));
}

static void below_is_uniform_and_shuffle_permutes(void **state)
{
    leray_rng rng = leray_rng_make(5, LERAY_PURPOSE_TEST, 0, 0);
    int count[7] = {0}, x[50], seen[50] = {0}, moved = 0;
    double chi = 0;

    (void)state;
    for (int i = 0; i < 70000; i++) count[leray_rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++) chi += (count[i] - 1e4) * (count[i] - 1e4) / 1e4;
    assert_at_most(chi, 22.5); /* 6 degrees of freedom, 0.1 % */
    for (int i = 0; i < 50; i++) x[i] = i;
    leray_rng_shuffle(&rng, 50, x);
    for (int i = 0; i < 50; i++) seen[x[i]]++, moved += x[i] != i;
    for (int i = 0; i < 50; i++) assert_int_equal(seen[i], 1);
    assert_true(moved > 30);
}

/* ---- files ------------------------------------------------------------------------------ */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/leray-core-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return leray_dir_remove(folder) != LERAY_OK;
}

static const char *in_folder(const char *name)
{
    static char path[LERAY_PATH_MAX];

    assert_ok(leray_path_join(folder, name, path));
    return path;
}

static void files_appear_whole(void **state)
{
    char path[LERAY_PATH_MAX], sum[LERAY_CHECKSUM_TEXT], again[LERAY_CHECKSUM_TEXT], *data;
    leray_output out;
    size_t size;

    (void)state;
    strcpy(path, in_folder("a.bin"));
    assert_ok(leray_file_write(path, "one", 3));
    assert_ok(leray_output_begin(path, &out));
    assert_ok(leray_file_append(out.temp_path, "half", 4));
    assert_ok(leray_file_read(path, &data, &size));
    assert_string_equal(data, "one");
    leray_mem_free(data);
    leray_output_abandon(&out);
    assert_false(leray_file_exists(out.temp_path));
    assert_ok(leray_file_write(path, "two!", 4));
    assert_ok(leray_file_append(path, "?", 1));
    assert_ok(leray_file_read(path, &data, &size));
    assert_int_equal(size, 5);
    assert_string_equal(data, "two!?");
    leray_checksum(data, size, sum);
    assert_ok(leray_checksum_file(path, again));
    assert_string_equal(sum, again);
    leray_mem_free(data);
    assert_fails(leray_file_write(in_folder("no/such/a"), "x", 1), LERAY_ERR_IO, "cannot write in");
    assert_fails(leray_file_read(in_folder("none"), &data, &size), LERAY_ERR_DATA, "cannot open");
    assert_int_equal(leray_mem_live(), 0);
}

static void names_in_a_folder_are_sorted(void **state)
{
    static const char *const made[] = {"step-20", "other", "step-3", "step-100", "ste", "step-"};
    char name[LERAY_PATH_MAX], (*names)[LERAY_NAME_MAX];
    int n;

    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        snprintf(name, sizeof name, "list/%s", made[i]);
        if (i == 0) assert_ok(leray_dir_create(in_folder("list")));
        assert_ok(leray_file_write(in_folder(name), "", 0));
    }
    assert_ok(leray_dir_names(in_folder("list"), "step-", &n, &names));
    assert_int_equal(n, 4);
    assert_string_equal(names[0], "step-");
    assert_string_equal(names[1], "step-100");
    assert_string_equal(names[2], "step-20");
    assert_string_equal(names[3], "step-3");
    leray_mem_free(names);
    assert_ok(leray_dir_names(in_folder("list"), "none", &n, &names));
    assert_int_equal(n, 0);
    assert_null(names);
    assert_ok(leray_dir_names(in_folder("no/such"), "", &n, &names));
    assert_int_equal(n, 0);
    assert_fails(leray_dir_names(in_folder("list/step-3"), "", &n, &names), LERAY_ERR_IO,
                 "cannot list");
    leray_mem_fail_at(1);
    assert_fails(leray_dir_names(in_folder("list"), "s", &n, &names), LERAY_ERR_MEMORY, "allocat");
    leray_mem_fail_at(0);
    assert_null(names);
    assert_int_equal(leray_mem_live(), 0);
}

/* XXH3-128 of the empty input, from the xxHash specification's test vectors. */
static void checksum_known_answer(void **state)
{
    char sum[LERAY_CHECKSUM_TEXT];

    (void)state;
    leray_checksum("", 0, sum);
    assert_string_equal(sum, "99aa06d3014798d86001c324468d497f");
}

/* The kernel drops the lock with its owner, however that ends. */
static void a_folder_has_one_owner(void **state)
{
    leray_lock lock;
    int pipe_ends[2], status;
    char byte;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(pipe_ends), 0);
    child = fork();
    if (child == 0) {
        if (leray_lock_take(folder, &lock) || write(pipe_ends[1], "x", 1) != 1) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
    assert_fails(leray_lock_take(folder, &lock), LERAY_ERR_BUSY, "belongs to a live run (pid ");
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_ok(leray_lock_take(folder, &lock));
    leray_lock_drop(&lock);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

/* ---- JSON ------------------------------------------------------------------------------- */

static void json_round_trip(void **state)
{
    leray_json *json, *list, *again;
    int64_t big;
    double x;
    char *text;

    (void)state;
    assert_ok(leray_json_object(&json));
    assert_ok(leray_json_array(&list));
    assert_ok(leray_json_set_int(list, NULL, 3));
    assert_ok(leray_json_set(json, "list", &list));
    assert_null(list);
    assert_ok(leray_json_set_int(json, "big", 9007199254740993));
    assert_ok(leray_json_set_real(json, "tenth", 0.1));
    assert_ok(leray_json_set_real(json, "bad", NAN));
    assert_ok(leray_json_text(json, 0, &text));
    assert_string_equal(text, "{\"list\": [3], \"big\": 9007199254740993, \"tenth\": "
                              "0.10000000000000001, \"bad\": null, \"bad_nonfinite\": \"nan\"}");
    assert_ok(leray_json_parse("t", text, strlen(text), &again));
    assert_ok(leray_json_get_int(again, "big", &big));
    assert_int_equal(big, 9007199254740993);
    assert_ok(leray_json_get_real(again, "tenth", &x));
    assert_true(x == 0.1);
    assert_ok(leray_json_get_real(again, "bad", &x));
    assert_true(isnan(x));
    assert_fails(leray_json_get_int(again, "none", &big), LERAY_ERR_DATA, "'none' is missing");
    assert_fails(leray_json_get_int(again, "tenth", &big), LERAY_ERR_DATA, "not an integer");
    leray_json_destroy(&again);
    assert_fails(leray_json_parse("file", "{\"a\": 1, \"a\": 2}", 16, &again), LERAY_ERR_DATA,
                 "file:1:");
    leray_mem_free(text);
    leray_json_destroy(&json);
}

/* ---- the rest --------------------------------------------------------------------------- */

static void texts_grow(void **state)
{
    leray_text text = {0};
    char *out;

    (void)state;
    for (int i = 0; i < 1000; i++) leray_text_add(&text, "%d,", i % 10);
    assert_ok(leray_text_finish(&text, &out));
    assert_int_equal(strlen(out), 2000);
    leray_mem_free(out);
}

static const char *claims(const char *name)
{
    return strcmp(name, "PMI_SIZE") == 0 ? "4" : strcmp(name, "MPI_LOCALNRANKS") == 0 ? "2" : NULL;
}

static const char *silence(const char *name)
{
    (void)name;
    return NULL;
}

static void launchers_are_seen(void **state)
{
    const char *variable;

    (void)state;
    assert_int_equal(leray_launch_claimed(claims, &variable), 4);
    assert_string_equal(variable, "PMI_SIZE");
    assert_int_equal(leray_launch_claimed(silence, &variable), 0);
    assert_null(variable);
}

static void provenance_names_everything(void **state)
{
    static const char *const want[] = {"version", "git",  "compiler", "flags",   "libraries",
                                       "host",    "time", "ranks",    "threads", "seed"};
    leray_json *json;

    (void)state;
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    assert_ok(leray_provenance_json(NULL, NULL, 7, 0, NULL, &json));
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        if (!leray_json_has(json, want[i])) fail_msg("provenance lacks '%s'", want[i]);
    const char *time;
    assert_ok(leray_json_get_text(json, "time", &time));
    assert_string_equal(time, "1970-01-01T00:00:00Z");
    leray_json_destroy(&json);
}

static void digits_that_count(void **state)
{
    static const struct {
        double x;
        int decimals;
        const char *text;
    } row[] = {
        {0.0117,    4, "0.0117"   },
        {0.10573,   4, "0.1057"   },
        {0.696,     3, "0.696"    },
        {1.6581,    3, "1.658"    },
        {67.8,      1, "67.8"     },
        {0.001023,  4, "0.00102"  },
        {0.0001,    4, "0.000100" },
        {0.00041,   3, "0.000410" },
        {0.0099996, 4, "0.01000"  },
        {0.04,      1, "0.0400"   },
        {1.234e-7,  4, "1.23e-07" },
        {1.5e8,     4, "1.50e+08" },
        {-0.002,    4, "-0.00200" },
        {0,         4, "0"        },
        {1234.5,    4, "1234.5000"},
    };
    char out[LERAY_DIGITS];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        assert_string_equal(leray_digits(row[i].x, row[i].decimals, out), row[i].text);
    assert_string_equal(leray_digits(NAN, 4, out), "nan");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_has_a_traceback),
        cmocka_unit_test(memory_is_counted),
        cmocka_unit_test(philox_known_answer),
        cmocka_unit_test(streams_differ_and_moments_hold),
        cmocka_unit_test(below_is_uniform_and_shuffle_permutes),
        cmocka_unit_test(files_appear_whole),
        cmocka_unit_test(names_in_a_folder_are_sorted),
        cmocka_unit_test(checksum_known_answer),
        cmocka_unit_test(a_folder_has_one_owner),
        cmocka_unit_test(json_round_trip),
        cmocka_unit_test(texts_grow),
        cmocka_unit_test(launchers_are_seen),
        cmocka_unit_test(provenance_names_everything),
        cmocka_unit_test(digits_that_count),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
