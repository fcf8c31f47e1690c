/* core/checksum.c - XXH3, 128 bits, in hexadecimal. */
#include "core/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static void print(XXH128_hash_t hash, char out[LERAY_CHECKSUM_TEXT])
{
    snprintf(out, LERAY_CHECKSUM_TEXT, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

void leray_checksum(const void *data, size_t size, char out[LERAY_CHECKSUM_TEXT])
{
    print(XXH3_128bits(data, size), out);
}

leray_status leray_checksum_file(const char *path, char out[LERAY_CHECKSUM_TEXT])
{
    FILE *file = fopen(path, "rb");
    XXH3_state_t *state;
    char block[65536];
    size_t n;
    int failed;

    if (!file) LERAY_FAIL(LERAY_ERR_DATA, "cannot open %s: %s", path, strerror(errno));
    state = XXH3_createState();
    failed = !state || XXH3_128bits_reset(state) != XXH_OK;
    while (!failed && (n = fread(block, 1, sizeof block, file)) > 0)
        failed = XXH3_128bits_update(state, block, n) != XXH_OK;
    failed = failed || ferror(file);
    if (!failed) print(XXH3_128bits_digest(state), out);
    XXH3_freeState(state);
    fclose(file);
    LERAY_CHECK(!failed, LERAY_ERR_DATA, "cannot read %s", path);
    return LERAY_OK;
}
