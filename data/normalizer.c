/* data/normalizer.c - see data/normalizer.h. */
#include "data/normalizer.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

const char *const leray_normalizer_kinds[] = {"none", "mean-std", "min-max", NULL};

typedef struct leray_normalizer_sums {
    bool *log;
    double *shift, *scale;         /* [channels] */
    double *mean, *m2, *min, *max; /* [channels]; m2 = sum of (x - mean)^2 */
    double *numbers;               /* the six arrays above in one block */
} leray_normalizer_sums;

static leray_status init(leray_normalizer *n, leray_normalizer_kind kind, int channels,
                         const bool *log_flags)
{
    leray_normalizer_sums *s;
    size_t count = (size_t)channels;
    double *at;

    n->kind = kind, n->channels = channels;
    LERAY_TRY(LERAY_ALLOC(&n->sums, 1));
    s = n->sums;
    LERAY_TRY(LERAY_ALLOC(&s->log, count));
    LERAY_TRY(LERAY_ALLOC(&s->numbers, 6 * count));
    at = s->numbers;
    s->shift = at, s->scale = at + count, s->mean = at + 2 * count;
    s->m2 = at + 3 * count, s->min = at + 4 * count, s->max = at + 5 * count;
    for (size_t c = 0; c < count; c++) {
        s->log[c] = log_flags && log_flags[c];
        s->scale[c] = 1;
        s->min[c] = INFINITY, s->max[c] = -INFINITY;
    }
    n->log = s->log, n->shift = s->shift, n->scale = s->scale;
    return LERAY_OK;
}

leray_status leray_normalizer_create(leray_normalizer_kind kind, int channels, const bool *log,
                                     leray_normalizer **out)
{
    leray_status status;

    *out = NULL;
    LERAY_CHECK(kind >= LERAY_NORMALIZER_NONE && kind <= LERAY_NORMALIZER_MIN_MAX, LERAY_ERR_ARG,
                "normaliser kind %d, allowed: 0 to 2", (int)kind);
    LERAY_CHECK(channels >= 0 && channels <= 1 << 24, LERAY_ERR_ARG,
                "%d channels, allowed: 0 to %d", channels, 1 << 24);
    LERAY_TRY(LERAY_ALLOC(out, 1));
    status = init(*out, kind, channels, log);
    if (status) leray_normalizer_destroy(out);
    return status;
}

void leray_normalizer_destroy(leray_normalizer **normalizer)
{
    leray_normalizer *n = *normalizer;

    if (!n) return;
    if (n->sums) {
        leray_mem_free(n->sums->numbers);
        leray_mem_free(n->sums->log);
    }
    leray_mem_free(n->sums);
    leray_mem_free(n);
    *normalizer = NULL;
}

static double map(const leray_normalizer *n, int c, float x)
{
    return n->log[c] ? log((double)x) : (double)x;
}

static bool counts(const float *mask, size_t i) { return !mask || mask[i] != 0; }

static leray_status check(const leray_normalizer *n, const float *x, size_t points,
                          const float *mask)
{
    for (int c = 0; c < n->channels; c++)
        for (size_t i = 0; i < points; i++)
            LERAY_CHECK(!counts(mask, i) || isfinite(map(n, c, x[(size_t)c * points + i])),
                        LERAY_ERR_DATA, "channel %d, point %zu: %g is not %s", c, i,
                        (double)x[(size_t)c * points + i],
                        n->log[c] ? "positive, as a logarithm needs" : "finite");
    return LERAY_OK;
}

/* Two passes over the sample, in which `new` points count, then Chan's merge with what went before. */
static void observe_channel(leray_normalizer *n, int c, const float *x, size_t points,
                            const float *mask, double new)
{
    leray_normalizer_sums *s = n->sums;
    double sum = 0, m2 = 0, mean, delta, old = n->count;

    for (size_t i = 0; i < points; i++) {
        double z;

        if (!counts(mask, i)) continue;
        z = map(n, c, x[i]);
        sum += z;
        s->min[c] = fmin(s->min[c], z), s->max[c] = fmax(s->max[c], z);
    }
    mean = sum / new;
    for (size_t i = 0; i < points; i++) {
        double z = counts(mask, i) ? map(n, c, x[i]) - mean : 0;

        m2 += z * z;
    }
    delta = mean - s->mean[c];
    s->mean[c] += delta * new / (old + new);
    s->m2[c] += m2 + delta * delta * old * new / (old + new);
}

leray_status leray_normalizer_observe(leray_normalizer *n, const float *x, size_t points,
                                      const float *mask)
{
    double new = 0;

    LERAY_TRY(check(n, x, points, mask));
    for (size_t i = 0; i < points; i++) new += counts(mask, i);
    if (new == 0) return LERAY_OK;
    for (int c = 0; c < n->channels; c++)
        observe_channel(n, c, x + (size_t)c * points, points, mask, new);
    n->count += new;
    return LERAY_OK;
}

/* Each channel has seen `count` values, and stands for repeats count of them from now on: m2 is kept
   per `count`. */
static void pool_channels(leray_normalizer *n, int first, int repeats, int stride)
{
    leray_normalizer_sums *s = n->sums;
    double mean = 0, m2 = 0, min = INFINITY, max = -INFINITY;

    for (int r = 0; r < repeats; r++) mean += s->mean[first + r * stride] / repeats;
    for (int r = 0; r < repeats; r++) {
        int c = first + r * stride;
        double delta = s->mean[c] - mean;

        m2 += (s->m2[c] + delta * delta * n->count) / repeats;
        min = fmin(min, s->min[c]), max = fmax(max, s->max[c]);
    }
    for (int c = first; c < first + repeats * stride; c += stride)
        s->mean[c] = mean, s->m2[c] = m2, s->min[c] = min, s->max[c] = max;
}

void leray_normalizer_pool(leray_normalizer *n, int first, int repeats, int stride)
{
    if (repeats < 2 || n->kind == LERAY_NORMALIZER_NONE) return;
    for (int c = 0; c < stride; c++) pool_channels(n, first + c, repeats, stride);
}

leray_status leray_normalizer_finish(leray_normalizer *n)
{
    leray_normalizer_sums *s = n->sums;

    if (n->kind == LERAY_NORMALIZER_NONE) return LERAY_OK;
    LERAY_CHECK(n->count > 0 || n->channels == 0, LERAY_ERR_DATA,
                "a %s normaliser has seen no sample", leray_normalizer_kinds[n->kind]);
    for (int c = 0; c < n->channels; c++) {
        bool moments = n->kind == LERAY_NORMALIZER_MEAN_STD;

        s->shift[c] = moments ? s->mean[c] : (s->max[c] + s->min[c]) / 2;
        s->scale[c] = moments ? sqrt(s->m2[c] / n->count) : (s->max[c] - s->min[c]) / 2;
        if (!(s->scale[c] > 1e-12 * fabs(s->shift[c])) || s->scale[c] < 1e-300) s->scale[c] = 1;
    }
    return LERAY_OK;
}

void leray_normalizer_apply(const leray_normalizer *n, const float *x, size_t points, float *z)
{
    for (int c = 0; c < n->channels; c++) {
        double shift = n->shift[c], inverse = 1 / n->scale[c];
        size_t first = (size_t)c * points;

        if (n->log[c])
            for (size_t i = first; i < first + points; i++)
                z[i] = x[i] > 0 ? (float)((log((double)x[i]) - shift) * inverse) : NAN;
        else
            for (size_t i = first; i < first + points; i++)
                z[i] = (float)(((double)x[i] - shift) * inverse);
    }
}

void leray_normalizer_invert(const leray_normalizer *n, const float *z, size_t points, float *x)
{
    for (int c = 0; c < n->channels; c++) {
        double shift = n->shift[c], scale = n->scale[c];
        size_t first = (size_t)c * points;

        for (size_t i = first; i < first + points; i++) {
            double y = (double)z[i] * scale + shift;

            x[i] = (float)(n->log[c] ? exp(y) : y);
        }
    }
}

/* ---- JSON ---- */

static leray_status fill_channel(const leray_normalizer *n, int c, leray_json *json)
{
    LERAY_TRY(leray_json_set_text(json, "map", n->log[c] ? "log" : "linear"));
    LERAY_TRY(leray_json_set_real(json, "shift", n->shift[c]));
    return leray_json_set_real(json, "scale", n->scale[c]);
}

static leray_status fill_channels(const leray_normalizer *n, leray_json *list)
{
    for (int c = 0; c < n->channels; c++) {
        leray_json *json;
        leray_status status;

        LERAY_TRY(leray_json_object(&json));
        status = fill_channel(n, c, json);
        if (status) leray_json_destroy(&json);
        else status = leray_json_set(list, NULL, &json);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}

static leray_status fill(const leray_normalizer *n, leray_json *json)
{
    leray_json *list;
    leray_status status;

    LERAY_TRY(leray_json_set_text(json, "kind", leray_normalizer_kinds[n->kind]));
    LERAY_TRY(leray_json_set_real(json, "count", n->count));
    LERAY_TRY(leray_json_array(&list));
    status = fill_channels(n, list);
    if (status) leray_json_destroy(&list);
    else status = leray_json_set(json, "channels", &list);
    return status;
}

leray_status leray_normalizer_to_json(const leray_normalizer *n, leray_json **out)
{
    leray_status status;

    LERAY_TRY(leray_json_object(out));
    status = fill(n, *out);
    if (status) leray_json_destroy(out);
    return status;
}

static leray_status read_channel(leray_normalizer *n, int c, const leray_json *json)
{
    const char *text;

    LERAY_TRY(leray_json_get_text(json, "map", &text));
    LERAY_CHECK(strcmp(text, "log") == 0 || strcmp(text, "linear") == 0, LERAY_ERR_DATA,
                "normaliser: channel %d has map '%s', allowed: linear, log", c, text);
    n->sums->log[c] = strcmp(text, "log") == 0;
    LERAY_TRY(leray_json_get_real(json, "shift", &n->sums->shift[c]));
    LERAY_TRY(leray_json_get_real(json, "scale", &n->sums->scale[c]));
    LERAY_CHECK(isfinite(n->shift[c]) && isfinite(n->scale[c]) && n->scale[c] > 0, LERAY_ERR_DATA,
                "normaliser: channel %d has shift %g, scale %g; the scale must be positive", c,
                n->shift[c], n->scale[c]);
    return LERAY_OK;
}

static leray_status read_channels(leray_normalizer *n, const leray_json *list)
{
    for (int c = 0; c < n->channels; c++) {
        leray_json *json;
        leray_status status;

        LERAY_TRY(leray_json_at(list, (size_t)c, &json));
        status = read_channel(n, c, json);
        leray_json_destroy(&json);
        LERAY_TRY(status);
    }
    return LERAY_OK;
}

static leray_status from_parts(const leray_json *json, const leray_json *list,
                               leray_normalizer **out)
{
    const char *kind;
    double count;
    int k = 0;
    leray_status status;

    LERAY_TRY(leray_json_get_text(json, "kind", &kind));
    LERAY_TRY(leray_json_get_real(json, "count", &count));
    while (leray_normalizer_kinds[k] && strcmp(kind, leray_normalizer_kinds[k]) != 0) k++;
    LERAY_CHECK(leray_normalizer_kinds[k], LERAY_ERR_DATA,
                "normaliser: kind '%s', allowed: none, mean-std, min-max", kind);
    LERAY_CHECK(leray_json_size(list) <= 1 << 24, LERAY_ERR_DATA, "normaliser: too many channels");
    LERAY_TRY(
        leray_normalizer_create((leray_normalizer_kind)k, (int)leray_json_size(list), NULL, out));
    (*out)->count = count;
    status = read_channels(*out, list);
    if (status) leray_normalizer_destroy(out);
    return status;
}

leray_status leray_normalizer_from_json(const leray_json *json, leray_normalizer **out)
{
    leray_json *list;
    leray_status status;

    *out = NULL;
    LERAY_TRY(leray_json_get(json, "channels", &list));
    status = from_parts(json, list, out);
    leray_json_destroy(&list);
    return status;
}
