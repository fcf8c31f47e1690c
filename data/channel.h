/* data/channel.h - one array over a grid: what it is called and what it is. Private. */
#ifndef LERAY_DATA_CHANNEL_H
#define LERAY_DATA_CHANNEL_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A field of one component, one component of a vector or a tensor, or one level of a variable. Texts are
   the holder's. */
typedef struct leray_channel {
    const char *name;     /* "velocity_x", "temperature@850" */
    const char *unit;     /* "" where unknown */
    const char *variable; /* what channels at several levels have in common: "temperature" */
    double level;         /* NaN: none */
    bool time_varying;
} leray_channel;

/* Part of a channel's name: "variable@level" where what follows the last @ is a number; else the variable is
   the whole name. *length: bytes of the variable. Returns the level, NaN for none. */
double leray_channel_level(const char *name, size_t *length);

/* A list that owns its texts. */
typedef struct leray_channels {
    int n, room;
    leray_channel *item; /* [n] */
} leray_channels;

/* Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_channels_add(leray_channels *list, const char *name,
                                                const char *unit, bool time_varying);
LERAY_NODISCARD leray_status leray_channels_copy(const leray_channels *from, leray_channels *to);
void leray_channels_fini(leray_channels *list);                        /* accepts a zeroed one */
int leray_channels_find(const leray_channels *list, const char *name); /* -1: none */

/* "a, b, c" cut to `size` bytes, for errors; returns text. */
const char *leray_channels_text(const leray_channels *list, size_t size, char *text);

#endif
