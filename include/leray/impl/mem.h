/* leray/impl/mem.h - memory of components: blocks are zeroed, aligned to 64 bytes and counted. */
#ifndef LERAY_IMPL_MEM_H
#define LERAY_IMPL_MEM_H

#include <leray/impl/error.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets *p, a pointer to any object type, to n zeroed elements of **p. */
#define LERAY_ALLOC(p, n) leray_mem_alloc((void *)(p), (n), sizeof **(p))

LERAY_API LERAY_NODISCARD leray_status leray_mem_alloc(void *p, size_t n, size_t size);
LERAY_API void leray_mem_free(void *p); /* accepts NULL */

/* A copy of `text`, to be freed with leray_mem_free. */
LERAY_API LERAY_NODISCARD leray_status leray_mem_text(const char *text, char **out);

/* Grows *p, which holds `old` elements of `size` bytes, to `n` elements; the new ones are
   zero. *p is unchanged on failure. */
LERAY_API LERAY_NODISCARD leray_status leray_mem_grow(void *p, size_t old, size_t n, size_t size);

#ifdef __cplusplus
}
#endif
#endif
