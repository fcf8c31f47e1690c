/* data/metrics.c - see data/metrics.h. */
#include "data/metrics.h"

#include "core/fft.h"
#include "core/grid.h"
#include "core/mem.h"

#include <complex.h>
#include <math.h>

typedef struct sums { /* over samples; one for all channels together and one per channel */
    double rel_l2, rel_hs, baseline; /* of ratios, over samples with a truth that is not 0 */
    double error2, truth2, max_error;
    long n_zero;
} sums;

typedef struct norms { /* of one sample; squares are means over points */
    double error2, truth2, baseline2, error_hs, truth_hs, max_error;
} norms;

struct leray_metrics {
    leray_metrics_settings settings;
    leray_grid grid;
    size_t points;
    double *share;   /* [points] weights, whose mean is 1 where they count; NULL: all 1 */
    int extended[3]; /* of the Sobolev norm */
    leray_fft *fft;  /* of one channel on the extended grid; NULL: no such norm */
    double *field;
    double complex *spectrum;
    double *weight; /* per coefficient: multiplicity times (alpha + |2 pi k/L|^2)^s */
    bool has_baseline;
    long n;
    sums *sum;   /* [1 + channels] */
    norms *norm; /* [1 + channels], scratch */
};

/* ---- the Sobolev norm ---- */

/* Half of the spectrum is kept along the last axis: the other half has the same moduli. */
static void fill_weights(leray_metrics *m)
{
    const leray_metrics_settings *s = &m->settings;
    int last = m->grid.ndim - 1, half = m->extended[last] / 2 + 1;
    size_t n = leray_fft_coefficients(m->fft);

    for (size_t i = 0; i < n; i++) {
        size_t rest = i / (size_t)half;
        int k = (int)(i % (size_t)half);
        double k2 = 0, multiplicity = k == 0 || 2 * k == m->extended[last] ? 1 : 2;

        for (int axis = last; axis >= 0; axis--) {
            double length = m->extended[axis] * leray_grid_spacing(&m->grid, axis), wave;

            if (axis < last) {
                k = (int)(rest % (size_t)m->extended[axis]);
                rest /= (size_t)m->extended[axis];
                if (2 * k > m->extended[axis]) k -= m->extended[axis];
            }
            wave = 6.283185307179586 * k / length;
            k2 += wave * wave;
        }
        m->weight[i] = multiplicity * pow(s->alpha + k2, s->s);
    }
}

/* Points of an axis with its even continuation: vertices at the ends are not repeated. */
static int extend(const leray_grid *grid, int axis)
{
    int n = grid->axis[axis].n;

    if (leray_grid_is_periodic(grid, axis)) return n;
    if (grid->axis[axis].points == LERAY_AT_VERTICES) return n > 1 ? 2 * (n - 1) : 1;
    return 2 * n;
}

/* Where point i of the extended grid lies in the given one: mirrored along axes that are not
   periodic. */
static size_t source(const leray_metrics *m, size_t i)
{
    size_t at = 0, stride = 1;

    for (int axis = m->grid.ndim - 1; axis >= 0; axis--) {
        size_t n = (size_t)m->grid.axis[axis].n, j = i % (size_t)m->extended[axis];
        size_t end = m->grid.axis[axis].points == LERAY_AT_VERTICES ? 2 * n - 2 : 2 * n - 1;

        i /= (size_t)m->extended[axis];
        at += (j < n ? j : end - j) * stride;
        stride *= n;
    }
    return at;
}

static double sobolev2(leray_metrics *m, const float *a, const float *b)
{
    size_t n = m->fft ? leray_fft_points(m->fft) : 0;
    size_t coefficients = m->fft ? leray_fft_coefficients(m->fft) : 0;
    double sum = 0;

    if (!m->fft) return NAN;
    for (size_t i = 0; i < n; i++) {
        size_t at = source(m, i);

        m->field[i] = (double)a[at] - (b ? (double)b[at] : 0);
    }
    leray_fft_forward(m->fft, m->field, m->spectrum);
    for (size_t i = 0; i < coefficients; i++) {
        double re = creal(m->spectrum[i]), im = cimag(m->spectrum[i]);

        sum += m->weight[i] * (re * re + im * im);
    }
    return sum;
}

/* ---- create and destroy ---- */

static leray_status check(const leray_metrics_settings *s)
{
    LERAY_CHECK(s->channels >= 1, LERAY_ERR_ARG, "%d channels, allowed: at least 1", s->channels);
    LERAY_CHECK(s->alpha >= 0, LERAY_ERR_ARG, "alpha %g, allowed: at least 0", s->alpha);
    return leray_grid_check(s->grid);
}

static leray_status init_sobolev(leray_metrics *m)
{
    bool possible = m->grid.kind == LERAY_BOX && !m->grid.mask && !m->settings.masked;

    for (int i = 0; i < m->grid.ndim; i++) {
        possible = possible && leray_grid_is_even(&m->grid, i);
        m->extended[i] = extend(&m->grid, i);
    }
    if (!possible) return LERAY_OK;
    LERAY_TRY(leray_fft_create(m->grid.ndim, m->extended, 1, &m->fft));
    LERAY_TRY(LERAY_ALLOC(&m->field, leray_fft_points(m->fft)));
    LERAY_TRY(LERAY_ALLOC(&m->spectrum, leray_fft_coefficients(m->fft)));
    LERAY_TRY(LERAY_ALLOC(&m->weight, leray_fft_coefficients(m->fft)));
    fill_weights(m);
    return LERAY_OK;
}

static leray_status init(leray_metrics *m, const leray_metrics_settings *settings)
{
    size_t channels = (size_t)settings->channels;

    LERAY_TRY(check(settings));
    m->settings = *settings;
    m->settings.grid = NULL;
    if (m->settings.alpha == 0) m->settings.alpha = 1;
    if (m->settings.s == 0) m->settings.s = 1;
    LERAY_TRY(leray_grid_copy(settings->grid, &m->grid));
    m->points = leray_grid_points(&m->grid);
    if (!leray_grid_fill_weights(&m->grid, NULL)) {
        LERAY_TRY(LERAY_ALLOC(&m->share, m->points));
        leray_grid_fill_weights(&m->grid, m->share);
    }
    LERAY_TRY(LERAY_ALLOC(&m->sum, 1 + channels));
    LERAY_TRY(LERAY_ALLOC(&m->norm, 1 + channels));
    return init_sobolev(m);
}

leray_status leray_metrics_create(const leray_metrics_settings *settings, leray_metrics **out)
{
    leray_status status;

    LERAY_TRY(LERAY_ALLOC(out, 1));
    status = init(*out, settings);
    if (status) leray_metrics_destroy(out);
    return status;
}

void leray_metrics_destroy(leray_metrics **metrics)
{
    leray_metrics *m = *metrics;

    if (!m) return;
    leray_mem_free(m->norm);
    leray_mem_free(m->sum);
    leray_mem_free(m->weight);
    leray_mem_free(m->spectrum);
    leray_mem_free(m->field);
    leray_fft_destroy(&m->fft);
    leray_mem_free(m->share);
    leray_grid_fini(&m->grid);
    leray_mem_free(m);
    *metrics = NULL;
}

/* ---- adding ---- */

/* Like fmax, but NaN wins. */
static double larger(double a, double b) { return a > b || isnan(a) ? a : b; }

static norms measure(leray_metrics *m, const float *p, const float *u, const float *b,
                     const float *mask)
{
    norms n = {0, 0, 0, 0, 0, 0};
    double all = 0;

    for (size_t i = 0; i < m->points; i++) {
        double e = (double)p[i] - (double)u[i], d = b ? (double)b[i] - (double)u[i] : 0;
        double w = (m->share ? m->share[i] : 1) * (mask && mask[i] == 0 ? 0 : 1);

        if (w == 0) continue;
        all += w;
        n.error2 += w * e * e;
        n.truth2 += w * (double)u[i] * (double)u[i];
        n.baseline2 += w * d * d;
        n.max_error = larger(n.max_error, fabs(e));
    }
    if (all > 0) n.error2 /= all, n.truth2 /= all, n.baseline2 /= all;
    n.error_hs = sobolev2(m, p, u);
    n.truth_hs = sobolev2(m, u, NULL);
    return n;
}

static void accumulate(sums *s, const norms *n)
{
    s->error2 += n->error2;
    s->truth2 += n->truth2;
    s->max_error = larger(s->max_error, n->max_error);
    if (n->truth2 > 0) {
        s->rel_l2 += sqrt(n->error2 / n->truth2);
        s->rel_hs += sqrt(n->error_hs / n->truth_hs);
        s->baseline += sqrt(n->baseline2 / n->truth2);
    } else {
        s->n_zero++;
    }
}

void leray_metrics_add(leray_metrics *m, const float *prediction, const float *truth,
                       const float *baseline, const float *mask)
{
    norms *all = &m->norm[0];

    *all = (norms){0, 0, 0, 0, 0, 0};
    for (int c = 0; c < m->settings.channels; c++) {
        size_t at = (size_t)c * m->points;
        norms *n = &m->norm[1 + c];

        *n = measure(m, prediction + at, truth + at, baseline ? baseline + at : NULL, mask);
        all->error2 += n->error2, all->truth2 += n->truth2, all->baseline2 += n->baseline2;
        all->error_hs += n->error_hs, all->truth_hs += n->truth_hs;
        all->max_error = larger(all->max_error, n->max_error);
    }
    for (int c = 0; c <= m->settings.channels; c++) accumulate(&m->sum[c], &m->norm[c]);
    m->has_baseline = baseline != NULL;
    m->n++;
}

/* ---- over ranks ---- */

#define SUMS_OF_A_ROW ((size_t)6)

static leray_status merge(leray_metrics *m, const leray_comm *comm, double *sum, double *top)
{
    size_t rows = 1 + (size_t)m->settings.channels;
    double *at = sum;

    *at++ = (double)m->n;
    *at++ = m->has_baseline;
    for (size_t i = 0; i < rows; i++) {
        const sums *s = &m->sum[i];

        *at++ = s->rel_l2, *at++ = s->rel_hs, *at++ = s->baseline;
        *at++ = s->error2, *at++ = s->truth2, *at++ = (double)s->n_zero;
        top[2 * i] = isnan(s->max_error); /* MPI's largest of some numbers and NaN may be any */
        top[2 * i + 1] = isnan(s->max_error) ? 0 : s->max_error;
    }
    LERAY_TRY(leray_comm_sum(comm, sum, 2 + rows * SUMS_OF_A_ROW));
    LERAY_TRY(leray_comm_max(comm, top, 2 * rows));
    m->n = (long)sum[0];
    m->has_baseline = sum[1] > 0;
    at = sum + 2;
    for (size_t i = 0; i < rows; i++) {
        sums *s = &m->sum[i];

        s->rel_l2 = *at++, s->rel_hs = *at++, s->baseline = *at++;
        s->error2 = *at++, s->truth2 = *at++, s->n_zero = (long)*at++;
        m->sum[i].max_error = top[2 * i] > 0 ? NAN : top[2 * i + 1];
    }
    return LERAY_OK;
}

leray_status leray_metrics_merge(leray_metrics *m, const leray_comm *comm)
{
    size_t rows = 1 + (size_t)m->settings.channels, sums_n = 2 + rows * SUMS_OF_A_ROW;
    double *work;
    leray_status status;

    if (leray_comm_size(comm) == 1) return LERAY_OK;
    LERAY_TRY(LERAY_ALLOC(&work, sums_n + 2 * rows));
    status = merge(m, comm, work, work + sums_n);
    leray_mem_free(work);
    return status;
}

bool leray_metrics_has_h1(const leray_metrics *m) { return m->fft != NULL; }

leray_metrics_result leray_metrics_get(const leray_metrics *m, int channel)
{
    const sums *s = &m->sum[channel + 1];
    double channels = channel < 0 ? m->settings.channels : 1;
    double ratios = m->n > s->n_zero ? (double)(m->n - s->n_zero) : NAN;
    double values = m->n > 0 ? (double)m->n * channels : NAN;

    return (leray_metrics_result){
        .n = m->n,
        .n_zero = s->n_zero,
        .rel_l2 = s->rel_l2 / ratios,
        .rel_l2_ratio_of_sums = s->truth2 > 0 ? sqrt(s->error2 / s->truth2) : NAN,
        .rel_h1 = s->rel_hs / ratios,
        .rmse = sqrt(s->error2 / values),
        .max_error = m->n > 0 ? s->max_error : NAN,
        .baseline_rel_l2 = m->has_baseline ? s->baseline / ratios : NAN,
    };
}
