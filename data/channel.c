/* data/channel.c - see data/channel.h. */
#include "data/channel.h"

#include "core/mem.h"
#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double leray_channel_level(const char *name, size_t *length)
{
    const char *at = strrchr(name, '@');
    char *end;
    double level;

    *length = strlen(name);
    if (!at || at == name || !at[1]) return NAN;
    level = leray_number_read(at + 1, &end);
    if (*end || !isfinite(level)) return NAN;
    *length = (size_t)(at - name);
    return level;
}

/* One block: name, unit, variable. */
leray_status leray_channels_add(leray_channels *list, const char *name, const char *unit,
                                bool time_varying)
{
    size_t n = strlen(name) + 1, u = strlen(unit) + 1, v;
    double level = leray_channel_level(name, &v);
    leray_channel *c;
    char *text;

    if (list->n == list->room) {
        int room = list->room ? 2 * list->room : 8;

        LERAY_TRY(
            leray_mem_grow(&list->item, (size_t)list->room, (size_t)room, sizeof *list->item));
        list->room = room;
    }
    LERAY_TRY(LERAY_ALLOC(&text, n + u + v + 1));
    c = &list->item[list->n++];
    *c = (leray_channel){.name = memcpy(text, name, n),
                         .unit = memcpy(text + n, unit, u),
                         .variable = memcpy(text + n + u, name, v),
                         .level = level,
                         .time_varying = time_varying};
    return LERAY_OK;
}

leray_status leray_channels_copy(const leray_channels *from, leray_channels *to)
{
    leray_status status = LERAY_OK;

    memset(to, 0, sizeof *to);
    for (int i = 0; i < from->n && !status; i++)
        status = leray_channels_add(to, from->item[i].name, from->item[i].unit,
                                    from->item[i].time_varying);
    if (status) leray_channels_fini(to);
    return status;
}

void leray_channels_fini(leray_channels *list)
{
    union {
        const char *in;
        char *out;
    } text;

    for (int i = 0; i < list->n; i++) {
        text.in = list->item[i].name; /* the head of the block */
        leray_mem_free(text.out);
    }
    leray_mem_free(list->item);
    memset(list, 0, sizeof *list);
}

int leray_channels_find(const leray_channels *list, const char *name)
{
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->item[i].name, name) == 0) return i;
    return -1;
}

const char *leray_channels_text(const leray_channels *list, size_t size, char *text)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; i < list->n && used < size; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", list->item[i].name);
    return text;
}
