/* online/reservoir.c - what all reservoirs share: storage, settings, checkpoints. */
#include "online/reservoir.h"

#include "core/mem.h"

#include <string.h>

static const leray_key rows[] = {
    LERAY_KEY_INT(leray_reservoir_settings, capacity, "capacity", "1000", 1, 1e8, "samples",
                  "largest number of samples held"),
    LERAY_KEY_INT(leray_reservoir_settings, threshold, "threshold", "100", 1, 1e8, "samples",
                  "samples that must be there before the first batch is drawn"),
};
const leray_keys leray_reservoir_keys = {rows, (int)(sizeof rows / sizeof rows[0])};

static leray_status init(leray_reservoir *self, const leray_config *cfg, const char *section)
{
    leray_reservoir_settings s;

    LERAY_TRY(leray_config_read(cfg, section, leray_reservoir_keys, &s));
    LERAY_CHECK(s.threshold <= s.capacity, LERAY_ERR_CONFIG,
                "%s.threshold = %lld%s must be at most %s.capacity = %lld", section,
                (long long)s.threshold, leray_config_where(cfg, section, "threshold"), section,
                (long long)s.capacity);
    self->capacity = (int)s.capacity;
    self->threshold = (int)s.threshold;
    LERAY_TRY(LERAY_ALLOC(&self->id, (size_t)self->capacity));
    return LERAY_ALLOC(&self->seen, (size_t)self->capacity);
}

leray_status leray_reservoir_create_type(const leray_reservoir_type *type, const leray_config *cfg,
                                         const char *section, leray_reservoir **out)
{
    leray_reservoir *self;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&self, 1));
    self->type = type;
    status = init(self, cfg, section);
    if (status) leray_reservoir_destroy(&self);
    *out = self;
    return status;
}

void leray_reservoir_destroy(leray_reservoir **reservoir)
{
    if (!*reservoir) return;
    leray_mem_free((*reservoir)->seen);
    leray_mem_free((*reservoir)->id);
    leray_mem_free(*reservoir);
    *reservoir = NULL;
}

leray_status leray_reservoir_put(leray_reservoir *self, int64_t id, leray_rng *rng,
                                 int64_t *evicted)
{
    *evicted = -1;
    return self->type->put(self, id, rng, evicted);
}

int leray_reservoir_draw(leray_reservoir *self, leray_rng *rng, int n, bool draining, int64_t *id,
                         bool *removed)
{
    int drawn = 0;

    for (; drawn < n && self->count > 0; drawn++) {
        removed[drawn] = false;
        id[drawn] = self->type->draw(self, rng, draining, &removed[drawn]);
    }
    return drawn;
}

void leray_reservoir_clear(leray_reservoir *self) { self->count = self->unseen = 0; }

void leray_reservoir_remove(leray_reservoir *self, int i, bool keep_order)
{
    int last = self->count - 1;

    if (!self->seen[i]) self->unseen--;
    if (keep_order) {
        memmove(self->id + i, self->id + i + 1, (size_t)(last - i) * sizeof *self->id);
        memmove(self->seen + i, self->seen + i + 1, (size_t)(last - i) * sizeof *self->seen);
    } else {
        self->id[i] = self->id[last];
        self->seen[i] = self->seen[last];
    }
    self->count = last;
}

static leray_status fill_json(const leray_reservoir *self, leray_json *json)
{
    leray_json *ids, *seen;
    leray_status status;

    LERAY_TRY(leray_json_array(&ids));
    status = leray_json_array(&seen);
    for (int i = 0; i < self->count && !status; i++) {
        status = leray_json_set_int(ids, NULL, self->id[i]);
        if (!status) status = leray_json_set_int(seen, NULL, self->seen[i]);
    }
    if (!status) status = leray_json_set(json, "ids", &ids);
    if (!status) status = leray_json_set(json, "seen", &seen);
    leray_json_destroy(&ids);
    leray_json_destroy(&seen);
    return status;
}

leray_status leray_reservoir_to_json(const leray_reservoir *self, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill_json(self, *out);
    if (status) leray_json_destroy(out);
    return status;
}

static leray_status read_lists(leray_reservoir *self, const leray_json *ids, const leray_json *seen)
{
    size_t n = leray_json_size(ids);
    int64_t flag;

    LERAY_CHECK(n <= (size_t)self->capacity && leray_json_size(seen) == n, LERAY_ERR_DATA,
                "checkpoint: a reservoir of %zu samples does not fit capacity %d", n,
                self->capacity);
    leray_reservoir_clear(self);
    for (size_t i = 0; i < n; i++) {
        LERAY_TRY(leray_json_int_at(ids, i, &self->id[i]));
        LERAY_TRY(leray_json_int_at(seen, i, &flag));
        self->seen[i] = flag != 0;
        self->unseen += flag == 0;
        self->count++;
    }
    return LERAY_OK;
}

leray_status leray_reservoir_from_json(leray_reservoir *self, const leray_json *json)
{
    leray_json *ids = NULL, *seen = NULL;
    leray_status status = leray_json_get(json, "ids", &ids);

    if (!status) status = leray_json_get(json, "seen", &seen);
    if (!status) status = read_lists(self, ids, seen);
    leray_json_destroy(&ids);
    leray_json_destroy(&seen);
    return status;
}
