/* core/mem.c - see core/mem.h. The size of a block is kept in the 64 bytes before it. */
#include "core/mem.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 64

static atomic_long live, total, countdown;
static atomic_size_t bytes, peak;

static int refused(void)
{
    return atomic_load(&countdown) != 0 && atomic_fetch_sub(&countdown, 1) == 1;
}

static void count(size_t size)
{
    size_t now = atomic_fetch_add(&bytes, size) + size, top = atomic_load(&peak);

    while (now > top && !atomic_compare_exchange_weak(&peak, &top, now)) continue;
    atomic_fetch_add(&live, 1);
    atomic_fetch_add(&total, 1);
}

leray_status leray_mem_alloc(void *p, size_t n, size_t size)
{
    char *block = NULL;
    void *none = NULL;

    memcpy(p, &none, sizeof none);
    LERAY_CHECK(size == 0 || n <= (SIZE_MAX - 2 * HEAD) / size, LERAY_ERR_MEMORY,
                "%zu * %zu bytes overflow", n, size);
    size *= n;
    if (!refused()) block = aligned_alloc(HEAD, HEAD + (size + HEAD - 1) / HEAD * HEAD);
    LERAY_CHECK(block, LERAY_ERR_MEMORY, "cannot allocate %zu bytes", size);
    memset(block, 0, HEAD + size);
    memcpy(block, &size, sizeof size);
    count(size);
    block += HEAD;
    memcpy(p, &block, sizeof block);
    return LERAY_OK;
}

void leray_mem_free(void *p)
{
    char *block = p;
    size_t size;

    if (!p) return;
    block -= HEAD;
    memcpy(&size, block, sizeof size);
    atomic_fetch_sub(&bytes, size);
    atomic_fetch_sub(&live, 1);
    free(block);
}

leray_status leray_mem_text(const char *text, char **out)
{
    size_t n = strlen(text) + 1;

    LERAY_TRY(LERAY_ALLOC(out, n));
    memcpy(*out, text, n);
    return LERAY_OK;
}

leray_status leray_mem_grow(void *p, size_t old, size_t n, size_t size)
{
    void *from, *to;

    memcpy(&from, p, sizeof from);
    LERAY_TRY(leray_mem_alloc(&to, n, size));
    if (from) memcpy(to, from, (old < n ? old : n) * size);
    leray_mem_free(from);
    memcpy(p, &to, sizeof to);
    return LERAY_OK;
}

long leray_mem_live(void) { return atomic_load(&live); }
long leray_mem_total(void) { return atomic_load(&total); }
size_t leray_mem_bytes(void) { return atomic_load(&bytes); }
size_t leray_mem_peak(void) { return atomic_load(&peak); }
void leray_mem_fail_at(long k) { atomic_store(&countdown, k); }
