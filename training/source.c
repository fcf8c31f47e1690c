/* training/source.c - what all sources share. */
#include "training/source.h"

#include "core/mem.h"

void leray_source_destroy(leray_source **source)
{
    if (!*source) return;
    (*source)->type->fini(*source);
    leray_mem_free((*source)->mean);
    leray_sample_info_fini(&(*source)->info);
    leray_mem_free(*source);
    *source = NULL;
}
