/* leray/config.h - a deck: an experiment described by sections of keys, in YAML. */
#ifndef LERAY_CONFIG_H
#define LERAY_CONFIG_H

#include <leray/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_config leray_config;

/* Reads the deck at `path`, applies n overrides "key.path=value" in order, and checks every
   key against the tables of the components it names.
   Errors: CONFIG (with file:line:column, the allowed range, the nearest known key), IO,
   MEMORY. On failure *out is NULL. */
LERAY_API LERAY_NODISCARD leray_status leray_config_open(const char *path, int n,
                                                         const char *const *overrides,
                                                         leray_config **out);

/* The same from text; `source` is the file name that errors give. */
LERAY_API LERAY_NODISCARD leray_status leray_config_open_text(const char *source, const char *text,
                                                              int n, const char *const *overrides,
                                                              leray_config **out);

/* Accepts a pointer to NULL. */
LERAY_API void leray_config_destroy(leray_config **cfg);

/* The resolved deck, every key with its value, as YAML; `origins` adds where each value came
   from (file:line:column, command line, default) as comments. Release with leray_text_free. */
LERAY_API LERAY_NODISCARD leray_status leray_config_text(const leray_config *cfg, int origins,
                                                         char **out);

/* Frees a text that a leray function handed over. Accepts NULL. */
LERAY_API void leray_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
