/* tests/data_files.h - a folder for the files of one test program, and failing allocations. */
#ifndef LERAY_TESTS_DATA_FILES_H
#define LERAY_TESTS_DATA_FILES_H

#include "check.h"

#include "core/file.h"

#include <stdlib.h>

#define FIXTURES LERAY_SOURCE_DIR "/tests/fixtures/data/"

/* Group fixtures: *state is the folder's path. */
static inline int make_folder(void **state)
{
    char name[] = "/tmp/leray-test-XXXXXX";

    if (!mkdtemp(name)) return -1;
    *state = strdup(name);
    return *state ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    leray_status status = leray_dir_remove(*state);

    free(*state);
    return status == LERAY_OK ? 0 : -1;
}

static inline const char *file_in(void **state, const char *name, char out[LERAY_PATH_MAX])
{
    snprintf(out, LERAY_PATH_MAX, "%s/%s", (const char *)*state, name);
    return out;
}

/* Runs `call`, a statement that sets `status`, with the k-th allocation failing, for k = 1, 2, ..
   until it succeeds; each failure is MEMORY and leaves no block behind. */
#define assert_survives_failing_allocations(status, call)                        \
    do {                                                                         \
        long check_live_ = leray_mem_live();                                     \
        for (long check_k_ = 1;; check_k_++) {                                   \
            leray_mem_fail_at(check_k_);                                         \
            call;                                                                \
            leray_mem_fail_at(0);                                                \
            if ((status) == LERAY_OK) {                                          \
                assert_true(check_k_ > 1);                                       \
                break;                                                           \
            }                                                                    \
            if ((status) != LERAY_ERR_MEMORY)                                    \
                fail_msg("allocation %ld: %s", check_k_, leray_error_message()); \
            assert_int_equal(leray_mem_live(), check_live_);                     \
        }                                                                        \
    } while (0)

#endif
