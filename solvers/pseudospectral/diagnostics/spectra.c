/* solvers/pseudospectral/diagnostics/spectra.c - spectra over shells of wavenumbers: rows are shells of width dk,
   in order. Shell s holds the modes with (s - 1/2) dk <= |k| < (s + 1/2) dk, |k| = |2 pi s_a/L_a| being physical,
   whatever the lengths of the box: s = round(|k|/dk). Counted from 0, the mean, to the largest |k| that is kept.

   Sums over the modes of a shell, both k and -k, divided by dk, so that the integral over k, that is
   the sum over the rows times dk, is the mean over the box:
       energy        E(k)    |u|^2/2
       dissipation   D(k)    viscous(k) |u|^2, which is 2 nu k^2 E(k) for Newton's viscosity
       transfer      T(k)    Re(u* . a), a the acceleration by the resolved nonlinear term
       flux          Pi(k)   -sum of T over the shells up to k, times dk: energy that leaves for larger k
       subgrid       T_s(k)  Re(u* . a_s), a_s that of the sub-grid model, where the flow has one
   and in two dimensions the same for the enstrophy, with |k|^2 before |u|^2 and u*.

   The transfer costs one right-hand side; the rest costs no transform. */
#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include "solvers/pseudospectral/diagnostics/mode_sums.h"

#include <math.h>

#define SHELLS_MAX 100000

typedef struct settings {
    double every, width;
    bool transfer;
} settings;

static const leray_key rows[] = {
    LERAY_DIAGNOSTIC_EVERY(settings),
    LERAY_KEY_REAL(settings, width, "width", "0", 0, 1e12, "1/length",
                   "width of a shell; 0: 2 pi over the longest side of the box"),
    LERAY_KEY_BOOL(settings, transfer, "transfer", "true",
                   "compute transfer and flux, too; this costs one right-hand side"),
};

/* ---- shells ----------------------------------------------------------------------------- */

typedef struct shells {
    double width;
    int count;
} shells;

static int shell_of(const shells *s, double k2) { return (int)(sqrt(k2) / s->width + 0.5); }

/* The corner of the kept modes, or the tip of the longest axis of their ellipsoid. */
static double largest_k2(const leray_box *box)
{
    double corner = 0, tip = 0;

    for (int a = 0; a < 3; a++) {
        double k = 6.283185307179586477 * box->top[a] / box->length[a];
        double axis = 6.283185307179586477 * box->n[a] / box->length[a];

        corner += k * k;
        if (box->n[a] > 1) tip = fmax(tip, 2.0 / 9 * axis * axis);
    }
    return box->truncation == LERAY_PHASE_SHIFT ? fmin(corner, tip) : corner;
}

/* width 0: the smallest wavenumber of the box, 2 pi / its longest side. */
static shells make_shells(const leray_box *box, double width)
{
    shells out = {.width = width};

    if (width == 0) {
        double longest = fmax(box->length[LERAY_BOX_SLOW], box->length[LERAY_BOX_X]);

        if (box->ndim == 3) longest = fmax(longest, box->length[LERAY_BOX_MIDDLE]);
        out.width = 6.283185307179586477 / longest;
    }
    /* Beyond the rounding of |k|^2, which must not lead to a shell too many. */
    out.count = shell_of(&out, largest_k2(box) * (1 + 1e-12)) + 1;
    return out;
}

/* ---- sums ------------------------------------------------------------------------------- */

/* Sums of a shell. */
enum {
    MODES,
    ENERGY,
    DISSIPATION,
    ENSTROPHY,
    TRANSFER,
    ENSTROPHY_TRANSFER,
    SUBGRID,
    ENSTROPHY_SUBGRID,
    SUMS
};

/* What a column shows of them. */
typedef enum part { NUMBER, WAVENUMBER, DENSITY, FLUX } part;
typedef enum need { ALWAYS, WITH_TRANSFER, WITH_SUBGRID } need;

static const struct column {
    const char *name, *unit;
    part part;
    int sum, ndim; /* ndim 0: in two and in three dimensions */
    need need;
} columns[] = {
    {"k",                  "1/length",        WAVENUMBER, 0,                  0, ALWAYS       },
    {"modes",              "1",               NUMBER,     MODES,              0, ALWAYS       },
    {"energy",             "length^3/time^2", DENSITY,    ENERGY,             0, ALWAYS       },
    {"dissipation",        "length^3/time^3", DENSITY,    DISSIPATION,        0, ALWAYS       },
    {"enstrophy",          "length/time^2",   DENSITY,    ENSTROPHY,          2, ALWAYS       },
    {"transfer",           "length^3/time^3", DENSITY,    TRANSFER,           0, WITH_TRANSFER},
    {"flux",               "length^2/time^3", FLUX,       TRANSFER,           0, WITH_TRANSFER},
    {"enstrophy_transfer", "length/time^3",   DENSITY,    ENSTROPHY_TRANSFER, 2, WITH_TRANSFER},
    {"enstrophy_flux",     "1/time^3",        FLUX,       ENSTROPHY_TRANSFER, 2, WITH_TRANSFER},
    {"subgrid",            "length^3/time^3", DENSITY,    SUBGRID,            0, WITH_SUBGRID },
    {"enstrophy_subgrid",  "length/time^3",   DENSITY,    ENSTROPHY_SUBGRID,  2, WITH_SUBGRID },
};
#define COLUMNS ((int)(sizeof columns / sizeof columns[0]))

typedef struct spectra {
    leray_diagnostic base;
    shells shells;
    int vectors; /* velocity, then accelerations */
    leray_mode_vector vector[3];
    leray_modes tendency, subgrid;
    leray_mode_sums modes;
    double *sums, *value; /* [shells, SUMS], [shells, columns] */
    int columns;
    const char *name[COLUMNS], *unit[COLUMNS];
    const struct column *column[COLUMNS];
} spectra;

static void add_mode(const spectra *s, const leray_mode_lines *l, int r, double *sums)
{
    double k2 = leray_mode_k2(l->column, r), w = l->column->weight, square, gain;

    sums += (size_t)shell_of(&s->shells, k2) * SUMS;
    square = w * leray_mode_product(l->ndim, l->vector, l->vector, r);
    sums[MODES] += w;
    sums[ENERGY] += square / 2;
    sums[ENSTROPHY] += k2 * square / 2;
    sums[DISSIPATION] += l->viscous[r] * square;
    for (int v = 1; v < s->vectors; v++) {
        int first = v == 1 ? TRANSFER : SUBGRID;

        gain = w * leray_mode_product(l->ndim, l->vector, l->vector + v * l->ndim, r);
        sums[first] += gain;
        sums[first + 1] += k2 * gain;
    }
}

static void add_column(void *self, const leray_mode_lines *lines, double *sums)
{
    for (int r = 0; r < lines->column->n; r++)
        if (leray_mode_kept(lines->column, r)) add_mode(self, lines, r, sums);
}

static void fill_table(spectra *s)
{
    double flux[COLUMNS] = {0}, dk = s->shells.width;

    for (int i = 0; i < s->shells.count; i++) {
        const double *sum = s->sums + (size_t)i * SUMS;
        double *value = s->value + (size_t)i * (size_t)s->columns;

        for (int c = 0; c < s->columns; c++) {
            double x = sum[s->column[c]->sum];

            flux[c] -= x;
            switch (s->column[c]->part) {
            case NUMBER: value[c] = x; break;
            case WAVENUMBER: value[c] = i * dk; break;
            case DENSITY: value[c] = x / dk; break;
            case FLUX: value[c] = flux[c]; break;
            }
        }
    }
}

/* The tendency of the integrator holds a model's stress: the resolved part is the rest. */
static void separate(spectra *s)
{
    for (int i = 0; i < s->shells.count; i++) {
        double *sum = s->sums + (size_t)i * SUMS;

        sum[TRANSFER] -= sum[SUBGRID];
        sum[ENSTROPHY_TRANSFER] -= sum[ENSTROPHY_SUBGRID];
    }
}

static leray_status measure(leray_diagnostic *base)
{
    spectra *s = (spectra *)base;
    const leray_spectral_view *view = base->view;

    /* In this order the integrator keeps its products for the step that follows. */
    if (s->vectors > 2) LERAY_TRY(view->subgrid(view->self, &s->subgrid));
    if (s->vectors > 1) LERAY_TRY(leray_integrator_tendency(view->integrator, &s->tendency));
    LERAY_TRY(leray_mode_sums_run(&s->modes, s->vector, add_column, s, s->sums));
    if (!view->subgrid_is_source) separate(s);
    fill_table(s);
    return LERAY_OK;
}

static void choose_columns(spectra *s, int ndim)
{
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].ndim != 0 && columns[i].ndim != ndim) continue;
        if (s->vectors <= (int)columns[i].need) continue;
        s->name[s->columns] = columns[i].name, s->unit[s->columns] = columns[i].unit;
        s->column[s->columns++] = &columns[i];
    }
}

/* The vectors that sums are taken of. */
static leray_status init_vectors(spectra *s, bool transfer)
{
    const leray_spectral_view *view = s->base.view;
    const leray_modes *state = leray_integrator_state(view->integrator);

    s->vector[s->vectors++] = (leray_mode_vector){state, view->velocity};
    if (!transfer) return LERAY_OK;
    LERAY_TRY(leray_modes_init(&s->tendency, state->box, state->fields, state->single));
    s->vector[s->vectors++] = (leray_mode_vector){&s->tendency, view->acceleration};
    if (!view->subgrid) return LERAY_OK;
    LERAY_TRY(leray_modes_init(&s->subgrid, state->box, state->fields, state->single));
    s->vector[s->vectors++] = (leray_mode_vector){&s->subgrid, view->acceleration};
    return LERAY_OK;
}

static leray_status init(leray_diagnostic *base, const leray_config *cfg, const char *section)
{
    spectra *s = (spectra *)base;
    const settings *set = base->settings;
    const leray_box *box = leray_integrator_state(base->view->integrator)->box;

    s->shells = make_shells(box, set->width);
    LERAY_CHECK(s->shells.count <= SHELLS_MAX, LERAY_ERR_CONFIG,
                "%s.width = %g%s gives %d shells, more than %d: take a larger width", section,
                s->shells.width, leray_config_where(cfg, section, "width"), s->shells.count,
                SHELLS_MAX);
    LERAY_TRY(init_vectors(s, set->transfer));
    choose_columns(s, box->ndim);
    LERAY_TRY(LERAY_ALLOC(&s->sums, (size_t)s->shells.count * SUMS));
    LERAY_TRY(LERAY_ALLOC(&s->value, (size_t)s->shells.count * (size_t)s->columns));
    return leray_mode_sums_init(&s->modes, base->view, s->vectors, s->shells.count * SUMS);
}

static void fini(leray_diagnostic *base)
{
    spectra *s = (spectra *)base;

    leray_mode_sums_fini(&s->modes);
    leray_modes_fini(&s->tendency);
    leray_modes_fini(&s->subgrid);
    leray_mem_free(s->sums);
    leray_mem_free(s->value);
}

static void table(leray_diagnostic *base, leray_measured *out)
{
    spectra *s = (spectra *)base;

    *out = (leray_measured){s->columns, s->shells.count, s->name, s->unit, s->value};
}

const leray_diagnostic_type leray_diagnostic_spectra = {
    .name = "spectra",
    .summary = "energy, dissipation, transfer and flux over shells of wavenumbers",
    .size = sizeof(spectra),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(settings),
    .init = init,
    .fini = fini,
    .measure = measure,
    .table = table,
};
