/* tests/fuzz/override.c - any text as a command line's "key.path=value" on a small deck. */
#include "core/config.h"
#include "core/mem.h"

#include <stdlib.h>
#include <string.h>

static const char deck[] = "seed: 3\nsolver:\n  type: ns2d\n  forcing:\n    amplitude: 0.1\n"
                           "  sizes: [1, 2]\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    leray_config *cfg;
    char out[LERAY_TEXT_MAX], *text = malloc(size + 1);

    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (leray_config_parse_text("deck", deck, &cfg) != LERAY_OK) abort();
    if (leray_config_override(cfg, text) == LERAY_OK &&
        leray_config_peek(cfg, "solver.type", "none", out) == LERAY_OK &&
        strlen(out) >= LERAY_TEXT_MAX)
        abort();
    leray_config_destroy(&cfg);
    if (leray_mem_live() != 0) abort();
    free(text);
    return 0;
}
