/* leray/config.h - a deck: an experiment described by sections of keys, in YAML. */
#ifndef LERAY_CONFIG_H
#define LERAY_CONFIG_H

#include <leray/status.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_config leray_config;

/* Reads the deck at `path`, applies n overrides "key.path=value" in order, and checks every
   key against the tables of the components it names. The value of an override is YAML, but for a
   key of type text: that takes the characters after the first `=` as they are, unless they are
   one YAML scalar in quotes.
   Errors: CONFIG (with file:line:column, the allowed range, the nearest known key), IO,
   MEMORY. On failure *out is NULL. */
LERAY_API LERAY_NODISCARD leray_status leray_config_open(const char *path, int n,
                                                         const char *const *overrides,
                                                         leray_config **out);

/* The same from text; `source` is the file name that errors give. */
LERAY_API LERAY_NODISCARD leray_status leray_config_open_text(const char *source, const char *text,
                                                              int n, const char *const *overrides,
                                                              leray_config **out);

/* Sets one key of an opened deck, over whatever the deck and the overrides said of it, and checks
   the deck again; on failure the deck is as before. A text is taken as it is, any UTF-8 of less
   than 1024 bytes: paths need no quoting. A key that the deck must have, such as data.path, can
   stand there as "" until it is set. Not while something made from this deck is at work.
   Errors: CONFIG (as open), MEMORY. */
LERAY_API LERAY_NODISCARD leray_status leray_config_set_text(leray_config *cfg, const char *key,
                                                             const char *value);
LERAY_API LERAY_NODISCARD leray_status leray_config_set_int(leray_config *cfg, const char *key,
                                                            int64_t value);
LERAY_API LERAY_NODISCARD leray_status leray_config_set_real(leray_config *cfg, const char *key,
                                                             double value);
LERAY_API LERAY_NODISCARD leray_status leray_config_set_bool(leray_config *cfg, const char *key,
                                                             int value);
LERAY_API LERAY_NODISCARD leray_status leray_config_set_ints(leray_config *cfg, const char *key,
                                                             int n, const int *values);

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
