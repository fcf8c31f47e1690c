/* tests/fixture.h - reads the files of numbers that tools/parity writes; common.py there
   describes them. */
#ifndef LERAY_TESTS_FIXTURE_H
#define LERAY_TESTS_FIXTURE_H

#include "check.h"

#include "core/file.h"

typedef struct fixture {
    char *file;
    size_t size;
} fixture;

static inline void fixture_open(fixture *f, const char *path)
{
    assert_ok(leray_file_read(path, &f->file, &f->size));
}

static inline void fixture_close(fixture *f) { leray_mem_free(f->file); }

/* The numbers of a record, NULL if there is none of this name. */
static inline const double *fixture_find(const fixture *f, const char *name, size_t *count)
{
    size_t at = 0;

    while (at < f->size) {
        int64_t n;

        assert_true(at + 40 <= f->size);
        memcpy(&n, f->file + at + 32, sizeof n);
        assert_true(n >= 0 && at + 40 + 8 * (size_t)n <= f->size);
        if (strncmp(f->file + at, name, 32) == 0) {
            *count = (size_t)n;
            return (const double *)(const void *)(f->file + at + 40);
        }
        at += 40 + 8 * (size_t)n;
    }
    return NULL;
}

#endif
