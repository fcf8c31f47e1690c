/* core/config_value.h - one value: YAML text to the member of a settings struct. Private to
   core/config*.c. */
#ifndef LERAY_CORE_CONFIG_VALUE_H
#define LERAY_CORE_CONFIG_VALUE_H

#include "core/config.h"
#include "core/yaml.h"

typedef union leray_value {
    int64_t integer;
    double real;
    bool boolean;
    char text[LERAY_TEXT_MAX];
    int choice;
    leray_ints ints;
    leray_reals reals;
    leray_texts texts;
} leray_value;

/* Errors: CONFIG with `origin`, `path`, what was found and what is allowed. */
LERAY_NODISCARD leray_status leray_value_parse(const leray_key *key, const char *path,
                                               const char *origin, const leray_yaml_entry *entry,
                                               leray_value *out);
/* As YAML that parses back to the same value; free with leray_mem_free. */
LERAY_NODISCARD leray_status leray_value_text(const leray_key *key, const leray_value *value,
                                              char **out);
/* `text` as a scalar of YAML, in double quotes unless it is plain words, so that a reader gets the same
   bytes. Text of at most LERAY_TEXT_MAX - 1 bytes of UTF-8. */
#define LERAY_VALUE_TEXT (4 * LERAY_TEXT_MAX + 8)
void leray_value_quote(char out[LERAY_VALUE_TEXT], const char *text);
void leray_value_store(const leray_key *key, const leray_value *value, void *member);

#endif
