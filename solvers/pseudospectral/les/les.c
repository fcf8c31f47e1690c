/* solvers/pseudospectral/les/les.c - the list of models, their keys and widths; see les.h. */
#include "solvers/pseudospectral/les/les.h"

#include <math.h>
#include <stdio.h>

#define LERAY_LES(id, name) extern const leray_les_type leray_les_##id;
#include "solvers/pseudospectral/les/les.def"
#undef LERAY_LES

#define LERAY_LES(id, name) &leray_les_##id,
static const leray_les_type *const types[] = {
#include "solvers/pseudospectral/les/les.def"
};
#undef LERAY_LES

#define LERAY_LES(id, name) name,
const char *const leray_les_names[] = {"none",
#include "solvers/pseudospectral/les/les.def"
                                       NULL};
#undef LERAY_LES

/* ---- keys -------------------------------------------------------------------------------- */

static const struct {
    unsigned use;
    const char *name;
} keys[] = {
    {LERAY_LES_USES_CONSTANT,   "les.constant"    },
    {LERAY_LES_USES_WIDTH,      "les.width"       },
    {LERAY_LES_USES_FILTER,     "les.filter"      },
    {LERAY_LES_USES_RATIO,      "les.filter_ratio"},
    {LERAY_LES_USES_SIMILARITY, "les.similarity"  },
    {LERAY_LES_USES_SLOPE,      "les.slope"       },
};

leray_status leray_les_check(const leray_les_settings *settings, const leray_config *cfg,
                             const char *section)
{
    unsigned uses = settings->type ? types[settings->type - 1]->uses : 0;
    double ratio = settings->filter_ratio;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *where = leray_config_where(cfg, section, keys[i].name);
        char range[64];

        if (uses & keys[i].use) continue;
        LERAY_CHECK(!*where, LERAY_ERR_CONFIG, "%s.%s%s: les.type = %s does not use it", section,
                    keys[i].name, where, leray_les_names[settings->type]);
        snprintf(range, sizeof range, "parameters.%s", keys[i].name);
        LERAY_CHECK(!leray_config_has(cfg, range), LERAY_ERR_CONFIG,
                    "%s: les.type = %s does not use %s", range, leray_les_names[settings->type],
                    keys[i].name);
    }
    LERAY_CHECK(!(uses & LERAY_LES_USES_FILTER) || ratio == 0 || ratio > 1, LERAY_ERR_CONFIG,
                "%s.les.filter_ratio = %g%s: a test filter is wider than Delta: (1, 16], or 0 for "
                "the default",
                section, ratio, leray_config_where(cfg, section, "les.filter_ratio"));
    return LERAY_OK;
}

/* ---- life -------------------------------------------------------------------------------- */

/* Geometric mean of pi/k_c over the axes, k_c = 2 pi top/L being the largest wavenumber kept. */
static double default_width(const leray_box *box)
{
    double volume = 1;

    for (int a = 0; a < 3; a++)
        volume *= box->length[a] / (2.0 * (box->top[a] > 0 ? box->top[a] : 1));
    return cbrt(volume);
}

void leray_les_update(leray_les *les)
{
    const leray_les_settings *s = les->settings;

    les->width = s->width > 0 ? s->width : default_width(les->box);
    les->constant = s->constant > 0 ? s->constant : les->type->constant;
    les->ratio = s->filter_ratio > 0 ? s->filter_ratio : les->type->ratio;
}

leray_status leray_les_create(const leray_les_settings *settings, const leray_box *box,
                              leray_les **out)
{
    const leray_les_type *type;
    leray_les *les;
    leray_status status = LERAY_OK;

    *out = NULL;
    if (!settings->type) return LERAY_OK;
    type = types[settings->type - 1];
    LERAY_TRY(leray_mem_alloc(&les, 1, type->size));
    les->type = type;
    les->settings = settings;
    les->box = box;
    leray_les_update(les);
    if (type->init) status = type->init(les);
    if (status) {
        leray_les_destroy(&les);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = les;
    return LERAY_OK;
}

void leray_les_destroy(leray_les **les)
{
    if (!*les) return;
    if ((*les)->type->fini) (*les)->type->fini(*les);
    leray_mem_free(*les);
    *les = NULL;
}
