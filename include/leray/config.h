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
   key against the tables of the components it names. The value of an override is YAML; but for a
   key of type text it is all characters after the first `=`, and quotes around the whole value
   are removed. The shared objects in its key `plugins` are loaded first (leray/plugin.h): open no deck of
   somebody else's without a look at that key.
   Errors: CONFIG (with file:line:column, the allowed range, the nearest known key), IO,
   MEMORY. On failure *out is NULL. */
LERAY_API LERAY_NODISCARD leray_status leray_config_open(const char *path, int n,
                                                         const char *const *overrides,
                                                         leray_config **out);

/* The same from text; `source` is the file name that errors give. */
LERAY_API LERAY_NODISCARD leray_status leray_config_open_text(const char *source, const char *text,
                                                              int n, const char *const *overrides,
                                                              leray_config **out);

/* Sets one key of an opened deck, in place of its value in the deck and the overrides, and checks
   the deck again; on failure the deck is not changed. A text is any UTF-8 of less than 4096 bytes,
   without quoting. A required key, such as data.path, can be "" in the deck until it is set. Do not
   call it while an object made from this deck is in use.
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

/* The complete deck, every key with its value, as YAML; `origins` adds as comments where each value
   was set (file:line:column, command line, default). Release with leray_text_free. */
LERAY_API LERAY_NODISCARD leray_status leray_config_text(const leray_config *cfg, int origins,
                                                         char **out);

/* Frees a text that a leray function handed over. Accepts NULL. */
LERAY_API void leray_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
