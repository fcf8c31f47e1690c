/* tensor/ops/norm.c - normalisation by groups of channels:

     y = gamma[c] (x - mean) / sqrt(variance + eps) + beta[c]

   with the (biased) moments of all channels of a group and all points, per sample; without gamma
   and beta they are 1 and 0. One group is the layer norm of many convolutional networks, as many
   groups as channels the instance norm. Wu & He 2018, arXiv:1803.08494, eq. 1 and 2.

   Planes (a channel of a sample) are summed up by one thread each and combined in order. With
   xhat the normalised field, h = gamma gy and <> the mean over a group,

     gx = (h - <h> - xhat <h xhat>) / sqrt(variance + eps). */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

#include <math.h>

typedef struct moments {
    double mean, scale; /* scale = 1 / sqrt(variance + eps) */
} moments;

typedef struct means {
    double h, hx; /* <h>, <h xhat> */
} means;

typedef struct norm {
    leray_node *node;
    const leray_kernels *k;
    leray_dtype dtype;
    int batch, channels, groups, size; /* channels of a group */
    size_t points;
    moments *saved; /* [batch, groups] */
    means *means;   /* [batch, groups] */
    double *sums;   /* [batch, channels, 2] */
} norm;

static leray_status shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    int groups = n->settings.integer[0];

    LERAY_CHECK(x->ndim >= 2, LERAY_ERR_ARG, "group_norm: needs [batch, channels, ..]");
    LERAY_CHECK(groups >= 1 && x->shape[1] % groups == 0, LERAY_ERR_ARG,
                "group_norm: %d groups do not divide %d channels", groups, x->shape[1]);
    LERAY_CHECK(n->settings.real[0] >= 0, LERAY_ERR_ARG, "group_norm: eps = %g is negative",
                n->settings.real[0]);
    LERAY_CHECK(n->n_inputs != 2, LERAY_ERR_ARG, "group_norm: gamma and beta go together");
    for (int i = 1; i < n->n_inputs; i++)
        LERAY_CHECK(n->in[i]->count == (size_t)x->shape[1], LERAY_ERR_ARG,
                    "group_norm: %zu numbers for %d channels", n->in[i]->count, x->shape[1]);
    *out = leray_shape_of(x);
    n->saved_size = (size_t)x->shape[0] * (size_t)groups * sizeof(moments);
    n->scratch_size = (size_t)x->shape[0] * (size_t)x->shape[1] * 2 * sizeof(double);
    n->scratch_size += 2 * n->saved_size;
    return LERAY_OK;
}

static leray_status set_up(norm *m, leray_node *n)
{
    const leray_tensor *x = n->in[0];
    char *p;

    *m = (norm){.node = n, .k = n->kernels, .dtype = x->dtype, .batch = x->shape[0]};
    m->channels = x->shape[1];
    m->groups = n->settings.integer[0];
    m->size = m->channels / m->groups;
    m->points = x->count / ((size_t)m->batch * (size_t)m->channels);
    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &p));
    m->saved = n->saved ? n->saved : (moments *)(void *)p;
    m->means = (means *)(void *)(p + n->saved_size);
    m->sums = (double *)(void *)(p + 2 * n->saved_size);
    return LERAY_OK;
}

static void *plane(const norm *m, const void *p, int i)
{
    return leray_at(m->dtype, p, (size_t)i * m->points);
}

static double gamma_of(const norm *m, int channel)
{
    return m->node->n_inputs == 1 ? 1
                                  : leray_number(m->dtype, m->node->in[1]->value, (size_t)channel);
}

static double beta_of(const norm *m, int channel)
{
    return m->node->n_inputs == 1 ? 0
                                  : leray_number(m->dtype, m->node->in[2]->value, (size_t)channel);
}

/* Moments of a group from the means of its planes and the variations about them. */
static moments combine(const norm *m, int group)
{
    const double *s = m->sums + 2 * (size_t)group * (size_t)m->size;
    double mean = 0, variation = 0, points = (double)m->points;

    for (int i = 0; i < m->size; i++) mean += s[2 * i] / m->size;
    for (int i = 0; i < m->size; i++)
        variation += s[2 * i + 1] + points * (s[2 * i] - mean) * (s[2 * i] - mean);
    return (moments){mean, 1 / sqrt(variation / (points * m->size) + m->node->settings.real[0])};
}

static leray_status forward(leray_node *n)
{
    norm m;
    int planes;

    LERAY_TRY(set_up(&m, n));
    planes = m.batch * m.channels;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < planes; i++) {
        const void *x = plane(&m, n->in[0]->value, i);

        m.sums[2 * i] = m.k->sum(m.points, x) / (double)m.points;
        m.sums[2 * i + 1] = m.k->variation(m.points, x, m.sums[2 * i]);
    }
    for (int g = 0; g < m.batch * m.groups; g++) m.saved[g] = combine(&m, g);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < planes; i++) {
        moments s = m.saved[i / m.size];
        double factor = s.scale * gamma_of(&m, i % m.channels);

        m.k->affine(m.points, factor, beta_of(&m, i % m.channels) - s.mean * factor,
                    plane(&m, n->in[0]->value, i), plane(&m, n->out->value, i));
    }
    return LERAY_OK;
}

/* d/dgamma (which = 1) or d/dbeta (0): sums over the samples of what the planes have. */
static void back_channels(norm *m, int input, int which)
{
    const leray_tensor *t = m->node->in[input];
    bool adds;

    if (!t->grad) return;
    adds = leray_node_adds(m->node, input);
    for (int c = 0; c < m->channels; c++) {
        double total = 0;

        for (int b = 0; b < m->batch; b++) total += m->sums[2 * (b * m->channels + c) + which];
        m->k->fill(1, total, leray_at(m->dtype, t->grad, (size_t)c), adds);
    }
}

/* <h> and <h xhat> of a group, from its planes. */
static means means_of(const norm *m, int group)
{
    double count = (double)m->points * m->size;
    means r = {0, 0};

    for (int j = group * m->size; j < (group + 1) * m->size; j++) {
        double gamma = gamma_of(m, j % m->channels);

        r.h += gamma * m->sums[2 * j] / count;
        r.hx += gamma * m->sums[2 * j + 1] / count;
    }
    return r;
}

/* gx of one plane. */
static void back_plane(const norm *m, int i, bool adds)
{
    leray_node *n = m->node;
    moments s = m->saved[i / m->size];
    means r = m->means[i / m->size];

    m->k->blend(m->points, s.scale * gamma_of(m, i % m->channels), plane(m, n->out->grad, i),
                -s.scale * s.scale * r.hx, plane(m, n->in[0]->value, i),
                s.scale * (s.scale * s.mean * r.hx - r.h), plane(m, n->in[0]->grad, i), adds);
}

static leray_status backward(leray_node *n)
{
    norm m;
    int planes;

    LERAY_TRY(set_up(&m, n));
    planes = m.batch * m.channels;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < planes; i++) {
        moments s = m.saved[i / m.size];
        const void *g = plane(&m, n->out->grad, i);

        m.sums[2 * i] = m.k->sum(m.points, g);
        m.sums[2 * i + 1] = s.scale * (m.k->dot(m.points, g, plane(&m, n->in[0]->value, i)) -
                                       s.mean * m.sums[2 * i]);
    }
    if (n->n_inputs == 3) {
        back_channels(&m, 1, 1);
        back_channels(&m, 2, 0);
    }
    if (n->in[0]->grad) {
        bool adds = leray_node_adds(n, 0);

        for (int g = 0; g < m.batch * m.groups; g++) m.means[g] = means_of(&m, g);
#pragma omp parallel for schedule(static)
        for (int i = 0; i < planes; i++) back_plane(&m, i, adds);
    }
    return LERAY_OK;
}

/* One group, some, and one per channel. */
static void sample(int i, leray_op_sample *s)
{
    static const int groups[] = {2, 1, 4};

    s->n_inputs = i < 2 ? 3 : 1;
    s->input[0] = (leray_shape){
        4, {2, 4, 3, 5}
    };
    s->input[1] = s->input[2] = (leray_shape){1, {4}};
    s->settings = (leray_op_settings){{1e-5}, {groups[i]}};
    s->low = -1, s->high = 1.5;
}

const leray_op leray_op_row_group_norm = {"group_norm", 1, 3, shapes, forward, backward, 3, sample};

leray_status leray_op_group_norm(leray_tape *tape, leray_tensor *x, leray_tensor *gamma,
                                 leray_tensor *beta, int groups, double eps, leray_tensor **out)
{
    leray_tensor *in[] = {x, gamma, beta};
    leray_op_settings settings = {{eps}, {groups}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_group_norm, gamma || beta ? 3 : 1, in,
                                &settings, out));
    return LERAY_OK;
}
