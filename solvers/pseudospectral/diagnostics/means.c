/* solvers/pseudospectral/diagnostics/means.c - one row of numbers about the whole flow, from its coefficients alone.

   <.> is the mean over the box, u the velocity without a uniform flow, w its curl:
       E = <|u|^2>/2     Z = <|w|^2>/2     P = <|grad w|^2>/2     H = <u . w>
       epsilon = sum of viscous(k) |u(k)|^2, which is 2 nu Z for Newton's viscosity
       chi     = sum of viscous(k) |k|^2 |u(k)|^2, 2 nu P
       u' = sqrt(2 E/d) in d dimensions
   Scales of isotropic flow (S. B. Pope, Turbulent Flows (2000), ch. 6; in two dimensions by the same
   definitions, f being the longitudinal correlation: L = int f dr, lambda^2 = u'^2/<(du/dx)^2>):
                         d = 2                      d = 3
       integral L        2/E int E(k)/k dk          3 pi/(4 E) int E(k)/k dk
       Taylor lambda     sqrt(4 E/Z)                sqrt(5 E/Z) = sqrt(15 nu u'^2/epsilon)
       dissipation       (nu^3/chi)^(1/6)           (nu^3/epsilon)^(1/4)
                         R. H. Kraichnan            A. N. Kolmogorov
   and u' L/nu, u' lambda/nu. What is not defined (no viscosity, a flow at rest) is NaN. Injection,
   sub-grid dissipation and the residuals of the budgets are statistics of the solver itself. */
#include "solvers/pseudospectral/diagnostics/diagnostic.h"
#include "solvers/pseudospectral/diagnostics/mode_sums.h"

#include <math.h>

#define PI 3.14159265358979324

typedef struct settings {
    double every;
} settings;

static const leray_key rows[] = {LERAY_DIAGNOSTIC_EVERY(settings)};

enum { PARTS, ENSTROPHY = 3, DISSIPATION, OVER_K, HELICITY, PALINSTROPHY, ENSTROPHY_LOSS, SUMS };

/* All that a row is made of. */
typedef struct numbers {
    int ndim;
    double sum[SUMS], nu, k_max;
    double energy, velocity, integral, taylor, smallest;
} numbers;

typedef struct column {
    const char *name, *unit;
    int ndim; /* 0: in two and in three dimensions */
    double (*value)(const numbers *x);
} column;

static void add_mode(int ndim, const leray_mode_lines *l, int r, double *sums)
{
    const leray_column *c = l->column;
    double k2 = leray_mode_k2(c, r), half = 0;

    for (int a = 0; a < ndim; a++) {
        double part = c->weight / 2 * leray_mode_product(1, l->vector + a, l->vector + a, r);

        sums[PARTS + a] += part;
        half += part;
    }
    sums[ENSTROPHY] += k2 * half;
    sums[PALINSTROPHY] += k2 * k2 * half;
    sums[DISSIPATION] += 2 * l->viscous[r] * half;
    sums[ENSTROPHY_LOSS] += 2 * k2 * l->viscous[r] * half;
    if (k2 > 0) sums[OVER_K] += half / sqrt(k2);
    if (ndim == 3) {
        double complex curl[3];

        leray_mode_curl(ndim, c, l->vector, r, curl);
        for (int a = 0; a < ndim; a++)
            sums[HELICITY] += c->weight * creal(conj(l->vector[a][r]) * curl[a]);
    }
}

static void add_column(void *self, const leray_mode_lines *lines, double *sums)
{
    (void)self;
    for (int r = 0; r < lines->column->n; r++)
        if (leray_mode_kept(lines->column, r)) add_mode(lines->ndim, lines, r, sums);
}

static double energy(const numbers *x) { return x->energy; }
static double energy_x(const numbers *x) { return x->sum[PARTS]; }
static double energy_y(const numbers *x) { return x->sum[PARTS + 1]; }
static double energy_z(const numbers *x) { return x->sum[PARTS + 2]; }
static double enstrophy(const numbers *x) { return x->sum[ENSTROPHY]; }
static double palinstrophy(const numbers *x) { return x->sum[PALINSTROPHY]; }
static double helicity(const numbers *x) { return x->sum[HELICITY]; }
static double dissipation(const numbers *x) { return x->sum[DISSIPATION]; }
static double enstrophy_loss(const numbers *x) { return x->sum[ENSTROPHY_LOSS]; }
static double velocity(const numbers *x) { return x->velocity; }
static double integral(const numbers *x) { return x->integral; }
static double taylor(const numbers *x) { return x->taylor; }
static double smallest(const numbers *x) { return x->smallest; }
static double resolution(const numbers *x) { return x->k_max * x->smallest; }
static double turnover(const numbers *x) { return x->integral / x->velocity; }
static double over_nu(const numbers *x, double y) { return x->nu > 0 ? y / x->nu : NAN; }
static double reynolds(const numbers *x) { return over_nu(x, x->velocity * x->integral); }
static double re_lambda(const numbers *x) { return over_nu(x, x->velocity * x->taylor); }

static const column columns[] = {
    {"energy",                "length^2/time^2",     0, energy        },
    {"energy_x",              "length^2/time^2",     0, energy_x      },
    {"energy_y",              "length^2/time^2",     0, energy_y      },
    {"energy_z",              "length^2/time^2",     3, energy_z      },
    {"enstrophy",             "1/time^2",            0, enstrophy     },
    {"palinstrophy",          "1/(length^2 time^2)", 0, palinstrophy  },
    {"helicity",              "length/time^2",       3, helicity      },
    {"dissipation",           "length^2/time^3",     0, dissipation   },
    {"enstrophy_dissipation", "1/time^3",            2, enstrophy_loss},
    {"rms_velocity",          "length/time",         0, velocity      },
    {"integral_scale",        "length",              0, integral      },
    {"taylor_scale",          "length",              0, taylor        },
    {"kraichnan_scale",       "length",              2, smallest      },
    {"kolmogorov_scale",      "length",              3, smallest      },
    {"resolution",            "1",                   0, resolution    },
    {"turnover_time",         "time",                0, turnover      },
    {"reynolds_integral",     "1",                   0, reynolds      },
    {"reynolds_taylor",       "1",                   0, re_lambda     },
};
#define COLUMNS ((int)(sizeof columns / sizeof columns[0]))

typedef struct means {
    leray_diagnostic base;
    leray_mode_sums sums;
    int columns;
    const char *name[COLUMNS], *unit[COLUMNS];
    const column *column[COLUMNS];
    double value[COLUMNS];
} means;

static void derive(numbers *x)
{
    double e, z = x->sum[ENSTROPHY];

    x->energy = x->sum[PARTS] + x->sum[PARTS + 1] + x->sum[PARTS + 2];
    e = x->energy;
    x->velocity = sqrt(2 * e / x->ndim);
    x->integral = (x->ndim == 2 ? 2 : 3 * PI / 4) * x->sum[OVER_K] / e;
    x->taylor = sqrt((x->ndim == 2 ? 4 : 5) * e / z);
    if (x->nu <= 0) x->smallest = NAN;
    else if (x->ndim == 2) x->smallest = sqrt(x->nu) * pow(x->sum[ENSTROPHY_LOSS], -1.0 / 6);
    else x->smallest = pow(x->nu * x->nu * x->nu / x->sum[DISSIPATION], 0.25);
}

static leray_status measure(leray_diagnostic *base)
{
    means *m = (means *)base;
    const leray_spectral_view *view = base->view;
    const leray_mode_vector velocity_of = {leray_integrator_state(view->integrator),
                                           view->velocity};
    const leray_box *box = m->sums.box;
    numbers x = {.ndim = box->ndim, .k_max = INFINITY};

    LERAY_TRY(leray_mode_sums_run(&m->sums, &velocity_of, add_column, NULL, x.sum));
    x.nu = view->viscosity(view->self);
    for (int a = 0; a < 3; a++)
        if (box->n[a] > 1) x.k_max = fmin(x.k_max, 2 * PI * box->top[a] / box->length[a]);
    derive(&x);
    for (int i = 0; i < m->columns; i++) {
        double value = m->column[i]->value(&x);

        m->value[i] = isnan(value) ? NAN : value; /* 0/0 has a sign of its own */
    }
    return LERAY_OK;
}

static leray_status init(leray_diagnostic *base, const leray_config *cfg, const char *section)
{
    means *m = (means *)base;
    int ndim = leray_integrator_state(base->view->integrator)->box->ndim;

    (void)cfg, (void)section;
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].ndim != 0 && columns[i].ndim != ndim) continue;
        m->name[m->columns] = columns[i].name, m->unit[m->columns] = columns[i].unit;
        m->column[m->columns++] = &columns[i];
    }
    return leray_mode_sums_init(&m->sums, base->view, 1, SUMS);
}

static void fini(leray_diagnostic *base) { leray_mode_sums_fini(&((means *)base)->sums); }

static void table(leray_diagnostic *base, leray_measured *out)
{
    means *m = (means *)base;

    *out = (leray_measured){m->columns, 1, m->name, m->unit, m->value};
}

const leray_diagnostic_type leray_diagnostic_means = {
    .name = "means",
    .summary = "energy, enstrophy, dissipation, length scales and Reynolds numbers",
    .size = sizeof(means),
    .keys = {rows, sizeof rows / sizeof rows[0]},
    .settings_size = sizeof(settings),
    .init = init,
    .fini = fini,
    .measure = measure,
    .table = table,
};
