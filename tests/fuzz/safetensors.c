/* tests/fuzz/safetensors.c - any bytes as a safetensors file: an error, or tensors inside it. */
#include "data/formats/safetensors.h"

#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    leray_safetensors *file;

    if (leray_safetensors_parse("fuzz", data, size, &file) != LERAY_OK) {
        if (file || leray_mem_live() != 0) abort();
        return 0;
    }
    for (int i = 0; i < leray_safetensors_count(file); i++) {
        const leray_safetensors_entry *e = leray_safetensors_at(file, i);
        const uint8_t *at = e->data;

        if (at < data || at + e->bytes > data + size) abort();
        if (leray_safetensors_find(file, e->name) == NULL) abort();
    }
    for (int i = 0; i < leray_safetensors_metadata_count(file); i++)
        if (strlen(leray_safetensors_metadata_at(file, i).value) > size) abort();
    leray_safetensors_destroy(&file);
    if (leray_mem_live() != 0) abort();
    return 0;
}
