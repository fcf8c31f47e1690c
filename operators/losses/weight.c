/* operators/losses/weight.c - see operators/losses/weight.h. */
#include "operators/losses/weight.h"

#include "core/mem.h"
#include "data/formats/npy.h"
#include "operators/losses/latitude.h"

#include <string.h>

static leray_status take_mask(leray_loss_weight *w, const leray_npy *npy)
{
    w->mask_grid.ndim = npy->rank;
    LERAY_CHECK(npy->rank >= 1 && npy->rank <= LERAY_AXES, LERAY_ERR_DATA,
                "the mask %s has %d dimensions, not one per axis of the grid, 1 to 3", w->mask_path,
                npy->rank);
    for (int a = 0; a < npy->rank; a++) w->mask_grid.n[a] = (int)npy->shape[a];
    LERAY_TRY(LERAY_ALLOC(&w->mask, npy->count));
    leray_npy_get_double(npy, 0, npy->count, w->mask);
    for (size_t i = 0; i < npy->count; i++)
        LERAY_CHECK(w->mask[i] >= 0, LERAY_ERR_DATA, "the mask %s holds %g: weights are at least 0",
                    w->mask_path, w->mask[i]);
    return LERAY_OK;
}

static leray_status read_mask(leray_loss_weight *w, const char *path)
{
    leray_npy npy;
    leray_status status;

    LERAY_TRY(leray_mem_text(path, &w->mask_path));
    LERAY_TRY(leray_npy_read(path, &npy));
    status = take_mask(w, &npy);
    leray_npy_fini(&npy);
    return status;
}

leray_status leray_loss_weight_create(const leray_loss_settings *settings, leray_loss_terms terms,
                                      const char *where, leray_loss_weight **out)
{
    bool points = settings->latitude != LERAY_LATITUDE_NONE || settings->mask[0];
    leray_status status = LERAY_OK;

    *out = NULL;
    LERAY_CHECK(terms == LERAY_LOSS_POINTS || !points, LERAY_ERR_CONFIG,
                "%s: latitude and mask weigh points, and this loss compares Fourier modes; leave "
                "them out, or take a loss over points",
                where);
    if (!points && settings->channels.count == 1 && settings->channels.value[0] == 1)
        return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->channels = settings->channels;
    (*out)->latitude = settings->latitude;
    (*out)->terms = terms;
    if (settings->mask[0]) status = read_mask(*out, settings->mask);
    if (status) leray_loss_weight_destroy(out);
    return status;
}

void leray_loss_weight_destroy(leray_loss_weight **weight)
{
    if (!*weight) return;
    leray_mem_free((*weight)->value);
    leray_mem_free((*weight)->share);
    leray_mem_free((*weight)->mask);
    leray_mem_free((*weight)->mask_path);
    leray_mem_free(*weight);
    *weight = NULL;
}

bool leray_loss_weighs_points(const leray_loss_weight *w)
{
    return w && (w->mask || w->share || w->latitude != LERAY_LATITUDE_NONE);
}

static leray_status accepts(const leray_loss_weight *w, int channels, const leray_extents *grid)
{
    char there[LERAY_EXTENTS_TEXT], here[LERAY_EXTENTS_TEXT];

    LERAY_CHECK(w->channels.count == 1 || w->channels.count == channels, LERAY_ERR_CONFIG,
                "the loss has %d weights of channels (key channels), the fields have %d channels",
                w->channels.count, channels);
    if (w->latitude != LERAY_LATITUDE_NONE)
        LERAY_TRY(leray_latitude_accepts((leray_latitude)w->latitude, grid));
    LERAY_CHECK(!w->mask || leray_extents_same(&w->mask_grid, grid), LERAY_ERR_CONFIG,
                "the mask %s is of %s points, the fields are of %s", w->mask_path,
                leray_extents_text(&w->mask_grid, there), leray_extents_text(grid, here));
    return LERAY_OK;
}

/* Those of the grid before are forgotten, and the factors that were made with them. */
static leray_status take_share(leray_loss_weight *w, bool even, const leray_grid *grid)
{
    leray_mem_free(w->share);
    leray_mem_free(w->value);
    w->share = NULL, w->value = NULL;
    if (even) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&w->share, leray_grid_points(grid)));
    leray_grid_fill_weights(grid, w->share);
    w->share_grid = leray_grid_extents(grid);
    return LERAY_OK;
}

leray_status leray_loss_weight_prepare(leray_loss_weight **weight, leray_loss_terms terms,
                                       int channels, const leray_grid *grid)
{
    leray_extents extents = leray_grid_extents(grid);
    bool even = leray_grid_fill_weights(grid, NULL) || terms == LERAY_LOSS_CHANNELS;

    if (!*weight && even) return LERAY_OK;
    if (!*weight) {
        LERAY_TRY(LERAY_ALLOC(weight, 1));
        (*weight)->channels = (leray_reals){.count = 1, .value = {1}};
        (*weight)->terms = terms;
    }
    LERAY_CHECK(grid->kind != LERAY_SPHERE || (*weight)->latitude == LERAY_LATITUDE_NONE,
                LERAY_ERR_CONFIG,
                "latitude: %s, but the data carry their own latitudes, whose areas the loss takes "
                "already: leave the key out",
                leray_latitudes[(*weight)->latitude]);
    LERAY_TRY(accepts(*weight, channels, &extents));
    return take_share(*weight, even, grid);
}

static double channel_factor(const leray_loss_weight *w, int c)
{
    return w->channels.value[w->channels.count == 1 ? 0 : c];
}

static void put(leray_loss_weight *w, size_t i, double x)
{
    if (w->dtype == LERAY_F32) ((float *)w->value)[i] = (float)x;
    else ((double *)w->value)[i] = x;
}

static void fill(leray_loss_weight *w)
{
    const leray_extents *g = &w->made_grid;
    size_t points = leray_extents_points(g), nx;
    int ny;

    if (w->terms == LERAY_LOSS_CHANNELS) {
        for (int c = 0; c < w->made_channels; c++) put(w, (size_t)c, channel_factor(w, c));
        return;
    }
    nx = (size_t)g->n[g->ndim - 1];
    ny = g->ndim > 1 ? g->n[g->ndim - 2] : 1;
    for (int c = 0; c < w->made_channels; c++)
        for (size_t i = 0; i < points; i++) {
            double x = channel_factor(w, c) * leray_latitude_weight((leray_latitude)w->latitude, ny,
                                                                    (int)(i / nx % (size_t)ny));

            if (w->mask) x *= w->mask[i];
            if (w->share && leray_extents_same(&w->share_grid, g)) x *= w->share[i];
            put(w, (size_t)c * points + i, x);
        }
}

/* Makes the factors, unless they are those of the last field. */
static leray_status make(leray_loss_weight *w, leray_dtype dtype, int channels,
                         const leray_extents *grid)
{
    size_t n = (size_t)channels * (w->terms == LERAY_LOSS_POINTS ? leray_extents_points(grid) : 1);

    if (w->value && w->dtype == dtype && w->made_channels == channels &&
        leray_extents_same(&w->made_grid, grid))
        return LERAY_OK;
    LERAY_TRY(accepts(w, channels, grid));
    leray_mem_free(w->value);
    w->value = NULL;
    LERAY_TRY(leray_mem_alloc(&w->value, n, leray_dtype_size(dtype)));
    w->dtype = dtype;
    w->made_channels = channels;
    w->made_grid = *grid;
    fill(w);
    return LERAY_OK;
}

leray_status leray_loss_weight_tensor(leray_loss_weight *w, leray_tape *tape,
                                      const leray_tensor *field, leray_tensor **out)
{
    leray_extents grid = leray_extents_make(field->ndim - 2, field->shape + 2);
    int ndim = w->terms == LERAY_LOSS_POINTS ? field->ndim - 1 : 1;

    LERAY_TRY(make(w, leray_tape_dtype(tape), field->shape[1], &grid));
    return leray_tape_input(tape, ndim, field->shape + 1, w->value, out);
}
