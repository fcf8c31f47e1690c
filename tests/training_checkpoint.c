/* tests/training_checkpoint.c - generations on disk: whole or not there, whatever happens. */
#include "check.h"
#include "data_files.h"

#include "core/log.h"
#include "training/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define NUMBERS 50

/* Generation `step` holds NUMBERS floats step + i, an empty file and a JSON. */
static leray_status add_files(leray_checkpoint_writer *w, int step)
{
    float numbers[NUMBERS];
    leray_json *json;
    leray_status status;

    for (int i = 0; i < NUMBERS; i++) numbers[i] = (float)(step + i);
    LERAY_TRY(leray_checkpoint_add(w, "numbers.f32", numbers, sizeof numbers));
    LERAY_TRY(leray_checkpoint_add(w, "empty.f32", numbers, 0));
    LERAY_TRY(leray_json_object(&json));
    status = leray_json_set_int(json, "answer", step);
    if (!status) status = leray_checkpoint_add_json(w, "state.json", json);
    leray_json_destroy(&json);
    return status;
}

static leray_status write_generation(const char *run, int step)
{
    leray_checkpoint_writer w;
    leray_status status = leray_checkpoint_begin(run, step, &w);

    if (!status) status = add_files(&w, step);
    if (!status) status = leray_checkpoint_commit(&w);
    if (status) leray_checkpoint_abandon(&w);
    return status;
}

/* Opens the newest; -1 if there is none. */
static leray_status read_generation(const char *run, int *step)
{
    leray_checkpoint c;
    float numbers[NUMBERS];
    leray_json *json = NULL;
    int64_t answer = 0;
    bool found;
    leray_status status = leray_checkpoint_open(run, &c, &found);

    *step = -1;
    if (!status && found) {
        status = leray_checkpoint_load(&c, "numbers.f32", numbers, sizeof numbers);
        if (!status) status = leray_checkpoint_load(&c, "empty.f32", numbers, 0);
        if (!status) status = leray_checkpoint_read_json(&c, "state.json", &json);
        if (!status) status = leray_json_get_int(json, "answer", &answer);
        leray_json_destroy(&json);
        if (!status) assert_int_equal(answer, c.step);
        for (int i = 0; i < NUMBERS && !status; i++) assert_true(numbers[i] == (float)(answer + i));
        *step = (int)c.step;
    }
    leray_checkpoint_close(&c);
    return status;
}

static const char *fresh_run(void **state, char run[LERAY_PATH_MAX])
{
    assert_ok(leray_dir_remove(file_in(state, "run", run)));
    assert_ok(leray_dir_create(run));
    return run;
}

static const char *part_of(const char *run, int step, const char *name, char out[LERAY_PATH_MAX])
{
    char part[128];

    snprintf(part, sizeof part, "checkpoints/step-%012d%s%.60s", step, *name ? "/" : "", name);
    assert_ok(leray_path_join(run, part, out));
    return out;
}

static bool has(const char *run, int step, const char *suffix)
{
    char path[LERAY_PATH_MAX];

    part_of(run, step, "", path);
    strcat(path, suffix);
    return leray_file_exists(path);
}

static void overwrite(const char *path, const char *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* In place: to cut and write a file anew makes some file systems wait for the disk. */
static void flip(const char *path, size_t bit)
{
    FILE *file = fopen(path, "r+b");
    int c;

    assert_non_null(file);
    assert_int_equal(fseek(file, (long)(bit / 8), SEEK_SET), 0);
    c = fgetc(file);
    assert_int_equal(fseek(file, (long)(bit / 8), SEEK_SET), 0);
    assert_true(fputc(c ^ 1 << bit % 8, file) != EOF);
    assert_int_equal(fclose(file), 0);
}

static int entries(const char *run)
{
    char folder[LERAY_PATH_MAX];
    DIR *dir;
    int n = 0;

    assert_ok(leray_path_join(run, "checkpoints", folder));
    dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void test_two_generations(void **state)
{
    char run[LERAY_PATH_MAX];
    int step;

    fresh_run(state, run);
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, -1);
    for (int s = 8; s < 13; s++) { /* 9 -> 10 is where names sorted as texts would err */
        assert_ok(write_generation(run, s));
        assert_ok(read_generation(run, &step));
        assert_int_equal(step, s);
        assert_true(has(run, s, "") && (s == 8 || has(run, s - 1, "")));
        assert_false(has(run, s - 2, ""));
    }
    assert_ok(write_generation(run, 12)); /* again */
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, 12);
    assert_int_equal(entries(run), 2);
    assert_ok(leray_checkpoint_clear(run));
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, -1);
}

/* What a kill leaves behind before the rename: everything but the final name. */
static void test_unfinished_ones_are_ignored(void **state)
{
    char run[LERAY_PATH_MAX];
    leray_checkpoint_writer w;
    int step;

    fresh_run(state, run);
    assert_ok(leray_checkpoint_begin(run, 5, &w));
    assert_ok(add_files(&w, 5));
    leray_json_destroy(&w.files); /* and no abandon: the process is gone */
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, -1);

    assert_ok(write_generation(run, 3));
    assert_ok(leray_checkpoint_begin(run, 4, &w));
    assert_ok(add_files(&w, 4));
    leray_json_destroy(&w.files);
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, 3);
    assert_ok(write_generation(run, 6)); /* takes the remains away */
    assert_int_equal(entries(run), 2);
}

static void test_one_bit_anywhere(void **state)
{
    static const char *const names[] = {"manifest.json", "numbers.f32", "state.json"};
    char run[LERAY_PATH_MAX], path[LERAY_PATH_MAX], aside[LERAY_PATH_MAX], here[LERAY_PATH_MAX];
    int step, injuries = 0;

    fresh_run(state, run);
    assert_ok(write_generation(run, 1));
    assert_ok(write_generation(run, 2));
    leray_log_set_level(LERAY_LOG_QUIET);
    for (int n = 0; n < 3; n++) {
        struct stat info;
        size_t size;

        assert_int_equal(stat(part_of(run, 2, names[n], path), &info), 0);
        size = (size_t)info.st_size;
        for (size_t i = 0; i < 8 * size; i += n ? 7 : 1) { /* every bit of the manifest */
            flip(path, i);
            assert_ok(read_generation(run, &step));
            if (step != 1) fail_msg("bit %zu of %s: step %d is read", i, names[n], step);
            assert_true(has(run, 2, ".damaged") && !has(run, 2, ""));
            part_of(run, 2, "", here);
            strcat(strcpy(aside, here), ".damaged");
            assert_int_equal(rename(aside, here), 0);
            flip(path, i);
            injuries++;
        }
    }
    leray_log_set_level(LERAY_LOG_INFO);
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, 2);
    print_message("%d injuries found\n", injuries);
}

static void test_missing_and_truncated(void **state)
{
    static const char *const names[] = {"manifest.json", "numbers.f32", "state.json", "empty.f32"};
    char run[LERAY_PATH_MAX], path[LERAY_PATH_MAX], *data;
    size_t size;
    int step;

    leray_log_set_level(LERAY_LOG_QUIET);
    for (int n = 0; n < 8; n++) {
        fresh_run(state, run);
        assert_ok(write_generation(run, 1));
        assert_ok(write_generation(run, 2));
        part_of(run, 2, names[n % 4], path);
        assert_ok(leray_file_read(path, &data, &size));
        if (n < 4) assert_int_equal(remove(path), 0);
        else overwrite(path, data, size ? size / 2 : 0);
        if (n == 7) overwrite(path, "x", 1); /* the empty file, grown */
        leray_mem_free(data);
        assert_ok(read_generation(run, &step));
        assert_int_equal(step, 1);
        assert_true(has(run, 2, ".damaged"));
        assert_ok(write_generation(run, 2)); /* the run comes by again */
        assert_ok(read_generation(run, &step));
        assert_int_equal(step, 2);
    }
    leray_log_set_level(LERAY_LOG_INFO);
}

static void test_none_whole(void **state)
{
    char run[LERAY_PATH_MAX], path[LERAY_PATH_MAX];
    int step;

    fresh_run(state, run);
    assert_ok(write_generation(run, 1));
    assert_ok(write_generation(run, 2));
    overwrite(part_of(run, 1, "manifest.json", path), "{}", 2);
    overwrite(part_of(run, 2, "manifest.json", path), "{", 1);
    leray_log_set_level(LERAY_LOG_QUIET);
    assert_fails(read_generation(run, &step), LERAY_ERR_DATA, "start over with --fresh");
    /* And not from step 0 at the next attempt. */
    assert_fails(read_generation(run, &step), LERAY_ERR_DATA, "start over with --fresh");
    leray_log_set_level(LERAY_LOG_INFO);
    assert_ok(leray_checkpoint_clear(run));
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, -1);
}

/* A future format is no damage that a flipped bit could explain, but neither can it be read. */
static void test_foreign_format(void **state)
{
    char run[LERAY_PATH_MAX], path[LERAY_PATH_MAX];
    static const char text[] = "{\"format\": 2, \"step\": 1, \"files\": {}}";
    int step;

    fresh_run(state, run);
    assert_ok(write_generation(run, 1));
    overwrite(part_of(run, 1, "manifest.json", path), text, sizeof text - 1);
    leray_log_set_level(LERAY_LOG_QUIET);
    assert_fails(read_generation(run, &step), LERAY_ERR_DATA, "is whole");
    leray_log_set_level(LERAY_LOG_INFO);
}

static void test_sizes_of_another_deck(void **state)
{
    char run[LERAY_PATH_MAX];
    leray_checkpoint c;
    float few[NUMBERS - 1];
    bool found;

    fresh_run(state, run);
    assert_ok(write_generation(run, 1));
    assert_ok(leray_checkpoint_open(run, &c, &found));
    assert_true(found);
    assert_fails(leray_checkpoint_load(&c, "numbers.f32", few, sizeof few), LERAY_ERR_DATA,
                 "200 bytes, not 196");
    assert_fails(leray_checkpoint_load(&c, "other.f32", few, sizeof few), LERAY_ERR_DATA,
                 "other.f32");
    leray_checkpoint_close(&c);
}

/* The file size limit stands for a full disk: write() fails half-way through a file. */
static void test_full_disk(void **state)
{
    char run[LERAY_PATH_MAX];
    struct rlimit was, tight;
    leray_status status = LERAY_OK;
    int step, failures = 0;

    fresh_run(state, run);
    assert_ok(write_generation(run, 1));
    assert_ok(write_generation(run, 2));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    for (rlim_t limit = 0; limit < 1000; limit += 40) {
        tight = was, tight.rlim_cur = limit;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        status = write_generation(run, 3);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
        if (!status) break;
        failures++;
        assert_int_equal(status, LERAY_ERR_IO);
        assert_non_null(strstr(leray_error_message(), "writing.tmp"));
        assert_non_null(strstr(leray_error_message(), strerror(EFBIG)));
        assert_int_equal(entries(run), 2);
        assert_ok(read_generation(run, &step));
        assert_int_equal(step, 2);
    }
    assert_int_equal(status, LERAY_OK);
    assert_true(failures > 5);
    assert_ok(read_generation(run, &step));
    assert_int_equal(step, 3);
}

static void test_folder_that_cannot_be_made(void **state)
{
    char file[LERAY_PATH_MAX], run[LERAY_PATH_MAX];

    overwrite(file_in(state, "file", file), "x", 1);
    assert_ok(leray_path_join(file, "run", run));
    assert_fails(write_generation(run, 1), LERAY_ERR_IO, "cannot create folder");
}

static leray_status write_and_read(const char *run)
{
    int step;
    leray_status status = write_generation(run, 2);

    /* A lack of memory is no damage: nothing may be set aside. */
    if (!status) status = read_generation(run, &step);
    return status;
}

static void test_allocation_failures(void **state)
{
    char run[LERAY_PATH_MAX];
    leray_status status;

    fresh_run(state, run);
    assert_ok(write_generation(run, 1));
    assert_survives_failing_allocations(status, status = write_and_read(run));
    assert_true(has(run, 1, "") && has(run, 2, ""));
    assert_false(has(run, 1, ".damaged") || has(run, 2, ".damaged"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_generations),
        cmocka_unit_test(test_unfinished_ones_are_ignored),
        cmocka_unit_test(test_one_bit_anywhere),
        cmocka_unit_test(test_missing_and_truncated),
        cmocka_unit_test(test_none_whole),
        cmocka_unit_test(test_foreign_format),
        cmocka_unit_test(test_sizes_of_another_deck),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_folder_that_cannot_be_made),
        cmocka_unit_test(test_allocation_failures),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
