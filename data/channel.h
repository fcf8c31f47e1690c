/* data/channel.h - the names of channels (include/leray/impl/trajectories.h). Private. */
#ifndef LERAY_DATA_CHANNEL_H
#define LERAY_DATA_CHANNEL_H

#include <leray/impl/trajectories.h>

/* Part of a channel's name: "variable@level" where what follows the last @ is a number; else the variable is
   the whole name. *length: bytes of the variable. Returns the level, NaN for none. */
double leray_channel_level(const char *name, size_t *length);

/* "a, b, c" cut to `size` bytes, for errors; returns text. */
const char *leray_channels_text(const leray_channels *list, size_t size, char *text);

#endif
