/* core/mem.h - the only place that calls malloc and free (include/leray/impl/mem.h). Private.

   Live blocks and all allocations are counted, and a test can make the k-th allocation fail, so every
   error path can be driven. */
#ifndef LERAY_CORE_MEM_H
#define LERAY_CORE_MEM_H

#include "core/error.h"
#include <leray/impl/mem.h>

#include <stddef.h>

/* Counters, and the test hook: fail the k-th allocation from now; 0 turns it off. */
long leray_mem_live(void);    /* blocks */
long leray_mem_total(void);   /* allocations since the start of the process */
size_t leray_mem_bytes(void); /* bytes in live blocks */
size_t leray_mem_peak(void);  /* largest leray_mem_bytes so far */
void leray_mem_fail_at(long k);

#endif
