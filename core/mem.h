/* core/mem.h - the only place that calls malloc and free. Private.

   Blocks are zeroed and aligned to 64 bytes. Live blocks and all allocations are counted,
   and a test can make the k-th allocation fail, so every error path can be driven. */
#ifndef LERAY_CORE_MEM_H
#define LERAY_CORE_MEM_H

#include "core/error.h"

#include <stddef.h>

/* Sets *p, a pointer to any object type, to n zeroed elements of **p. */
#define LERAY_ALLOC(p, n) leray_mem_alloc((void *)(p), (n), sizeof **(p))

LERAY_NODISCARD leray_status leray_mem_alloc(void *p, size_t n, size_t size);
void leray_mem_free(void *p); /* accepts NULL */

/* A copy of `text`, to be freed with leray_mem_free. */
LERAY_NODISCARD leray_status leray_mem_text(const char *text, char **out);

/* Grows *p, which holds `old` elements of `size` bytes, to `n` elements; the new ones are
   zero. *p is unchanged on failure. */
LERAY_NODISCARD leray_status leray_mem_grow(void *p, size_t old, size_t n, size_t size);

/* Counters, and the test hook: fail the k-th allocation from now; 0 turns it off. */
long leray_mem_live(void);    /* blocks */
long leray_mem_total(void);   /* allocations since the start of the process */
size_t leray_mem_bytes(void); /* bytes in live blocks */
size_t leray_mem_peak(void);  /* largest leray_mem_bytes so far */
void leray_mem_fail_at(long k);

#endif
