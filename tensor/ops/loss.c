/* tensor/ops/loss.c - how far a prediction p is from its target t, summed over points.

   With d = p - t, a weight w [channels, grid..] (1 where there is none) and sums over all that
   follows the batch,

     S_b = sum w f(d_b),   T_b = sum w f(t_b),   M = number of terms of one sum,

     mean_penalty     L = sum_b S_b / (batch M)
     relative_power   L = sum_b (S_b / T_b)^r / batch

   where f(x) = |x|^a with a >= 1, or Huber's f(x) = x^2 / 2 up to |x| = delta and
   delta (|x| - delta / 2) beyond. With A_b = dL/dS_b and C_b = dL/dT_b,

     dL/dp = A_b w f'(d),   dL/dt = C_b w f'(t) - A_b w f'(d),   dL/dw = sum_b A_b f(d) + C_b f(t).

   f'(0) is taken as 0 also for a = 1, and A_b as 0 where p = t. A sample whose T_b is 0 has no
   relative error: it adds 0 to the sum, and A_b = C_b = 0. Computed in double, in pieces that
   depend on the shape alone.

   Double holds the squares of all floats, but not their higher powers. For a != 2 a relative loss
   therefore sums f(d_b / D_b) and f(t_b / E_b), with D_b and E_b the largest |d_b| and |t_b| that
   have a weight, and puts (D_b / E_b)^(a r) before the ratio of the sums. */
#include "tensor/convert.h"
#include "tensor/ops/common.h"
#include <leray/impl/ops.h>

#include <math.h>

#define PIECE 1024

enum { POWER, HUBER }; /* settings.integer[0] */

typedef struct extent {
    int batch;
    size_t size; /* of one sample */
    long pieces; /* of one sample */
} extent;

static extent extent_of(const leray_node *n)
{
    extent e = {.batch = n->in[0]->shape[0]};

    e.size = n->in[0]->count / (size_t)e.batch;
    e.pieces = (long)((e.size + PIECE - 1) / PIECE);
    return e;
}

static size_t piece_size(const extent *e, long piece)
{
    size_t rest = e->size - (size_t)piece * PIECE;

    return rest < PIECE ? rest : PIECE;
}

/* What is kept of a sample; D and E of the file's first comment are 1 unless they are needed. */
typedef struct sums {
    double s, t, d_unit, t_unit;
} sums;

/* Factors of w f'(d / D), w f'(t / E) in the gradients of fields, and of f in that of the weight. */
typedef struct slopes {
    double d, t, d_weight, t_weight;
} slopes;

/* x becomes f(x). */
static void penalise(const leray_node *node, size_t n, double *x)
{
    double a = node->settings.real[0];

    if (node->settings.integer[0] == HUBER)
        for (size_t i = 0; i < n; i++) {
            double size = fabs(x[i]);

            x[i] = size <= a ? x[i] * x[i] / 2 : a * (size - a / 2);
        }
    else if (a == 2)
        for (size_t i = 0; i < n; i++) x[i] *= x[i];
    else
        for (size_t i = 0; i < n; i++) x[i] = a == 1 ? fabs(x[i]) : pow(fabs(x[i]), a);
}

/* x becomes f'(x). */
static void differentiate(const leray_node *node, size_t n, double *x)
{
    double a = node->settings.real[0];

    if (node->settings.integer[0] == HUBER)
        for (size_t i = 0; i < n; i++) x[i] = fmin(fmax(x[i], -a), a);
    else if (a == 2)
        for (size_t i = 0; i < n; i++) x[i] *= 2;
    else
        for (size_t i = 0; i < n; i++)
            x[i] = x[i] == 0 ? 0 : copysign(a == 1 ? 1 : a * pow(fabs(x[i]), a - 1), x[i]);
}

/* A piece of one sample: d = p - t, t and w as doubles. */
typedef struct block {
    double d[PIECE], t[PIECE], w[PIECE];
} block;

static void load_differences(const leray_node *n, size_t at, size_t size, block *k)
{
    leray_load(n->in[0]->dtype, n->in[0]->value, at, size, k->d);
    leray_load(n->in[1]->dtype, n->in[1]->value, at, size, k->t);
    for (size_t i = 0; i < size; i++) k->d[i] -= k->t[i];
}

static void divide(size_t n, double unit, double *x)
{
    if (unit == 1) return;
    for (size_t i = 0; i < n; i++) x[i] /= unit;
}

static void load_weights(const leray_node *n, size_t at, size_t size, block *k)
{
    if (n->n_inputs == 3) leray_load(n->in[2]->dtype, n->in[2]->value, at, size, k->w);
    else
        for (size_t i = 0; i < size; i++) k->w[i] = 1;
}

static leray_status loss_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *p = n->in[0];
    extent e;

    LERAY_CHECK(p->ndim >= 2 && leray_same_shape(p, n->in[1]), LERAY_ERR_ARG,
                "%s: prediction and target are not [batch, channels, ..] of one shape",
                n->op->name);
    if (n->n_inputs == 3) {
        bool fits = n->in[2]->ndim == p->ndim - 1;

        for (int i = 1; fits && i < p->ndim; i++) fits = n->in[2]->shape[i - 1] == p->shape[i];
        LERAY_CHECK(fits, LERAY_ERR_ARG,
                    "%s: the weight has not the shape [channels, grid..] of one sample",
                    n->op->name);
    }
    e = extent_of(n);
    *out = (leray_shape){1, {1}};
    n->saved_size = (size_t)e.batch * sizeof(sums);
    n->scratch_size =
        (size_t)e.batch * ((size_t)e.pieces * 2 * sizeof(double) + sizeof(sums) + sizeof(slopes));
    return LERAY_OK;
}

/* Scratch: two numbers per piece, then the sums, where the tape keeps none, and the slopes. */
typedef struct work {
    double *part; /* [batch, pieces, 2] */
    sums *sum;    /* [batch] */
    slopes *slope;
} work;

static leray_status work_of(leray_node *n, work *w)
{
    extent e = extent_of(n);
    sums *own;

    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &w->part));
    own = (sums *)(void *)(w->part + 2 * e.batch * e.pieces);
    w->sum = n->saved ? n->saved : own;
    w->slope = (slopes *)(void *)(own + e.batch);
    return LERAY_OK;
}

/* D and E of every sample; 1 where all is 0. */
static void find_units(leray_node *n, const work *w)
{
    extent e = extent_of(n);
    long items = e.batch * e.pieces;

#pragma omp parallel for schedule(static) if (items > 1)
    for (long i = 0; i < items; i++) {
        size_t first = (size_t)(i % e.pieces) * PIECE, size = piece_size(&e, i % e.pieces);
        double d = 0, t = 0;
        block k;

        load_differences(n, (size_t)(i / e.pieces) * e.size + first, size, &k);
        load_weights(n, first, size, &k);
        for (size_t j = 0; j < size; j++)
            if (k.w[j] > 0) d = fmax(d, fabs(k.d[j])), t = fmax(t, fabs(k.t[j]));
        w->part[2 * i] = d, w->part[2 * i + 1] = t;
    }
    for (long i = 0; i < items; i++) {
        sums *s = &w->sum[i / e.pieces];

        if (i % e.pieces == 0) s->d_unit = s->t_unit = 0;
        s->d_unit = fmax(s->d_unit, w->part[2 * i]);
        s->t_unit = fmax(s->t_unit, w->part[2 * i + 1]);
    }
    for (int b = 0; b < e.batch; b++) {
        if (w->sum[b].d_unit == 0) w->sum[b].d_unit = 1;
        if (w->sum[b].t_unit == 0) w->sum[b].t_unit = 1;
    }
}

/* S and, if `relative`, T of every sample. */
static void sum_samples(leray_node *n, bool relative, const work *w)
{
    extent e = extent_of(n);
    long items = e.batch * e.pieces;

    for (int b = 0; b < e.batch; b++) w->sum[b] = (sums){0, 0, 1, 1};
    if (relative && n->settings.real[0] != 2) find_units(n, w);
#pragma omp parallel for schedule(static) if (items > 1)
    for (long i = 0; i < items; i++) {
        size_t first = (size_t)(i % e.pieces) * PIECE, size = piece_size(&e, i % e.pieces);
        const sums *unit = &w->sum[i / e.pieces];
        double s = 0, t = 0;
        block k;

        load_differences(n, (size_t)(i / e.pieces) * e.size + first, size, &k);
        load_weights(n, first, size, &k);
        divide(size, unit->d_unit, k.d);
        penalise(n, size, k.d);
        for (size_t j = 0; j < size; j++) s += k.w[j] * k.d[j];
        if (relative) {
            divide(size, unit->t_unit, k.t);
            penalise(n, size, k.t);
            for (size_t j = 0; j < size; j++) t += k.w[j] * k.t[j];
        }
        w->part[2 * i] = s, w->part[2 * i + 1] = t;
    }
    for (long i = 0; i < items; i++) {
        w->sum[i / e.pieces].s += w->part[2 * i];
        w->sum[i / e.pieces].t += w->part[2 * i + 1];
    }
}

static leray_status mean_forward(leray_node *n)
{
    double total = 0;
    work w;

    LERAY_TRY(work_of(n, &w));
    sum_samples(n, false, &w);
    for (int b = 0; b < n->in[0]->shape[0]; b++) total += w.sum[b].s;
    n->kernels->fill(1, total / (double)n->in[0]->count, n->out->value, false);
    return LERAY_OK;
}

/* (D / E)^(a r). */
static double units_of(const leray_node *n, const sums *s)
{
    double a = n->settings.real[0], r = n->settings.real[1];

    return a == 2 ? 1 : pow(s->d_unit / s->t_unit, a * r);
}

static leray_status relative_forward(leray_node *n)
{
    int batch = n->in[0]->shape[0];
    double total = 0;
    work w;

    LERAY_TRY(work_of(n, &w));
    sum_samples(n, true, &w);
    for (int b = 0; b < batch; b++) {
        const sums *s = &w.sum[b];

        if (s->t > 0) total += units_of(n, s) * pow(s->s / s->t, n->settings.real[1]);
    }
    n->kernels->fill(1, total / batch, n->out->value, false);
    return LERAY_OK;
}

/* Gradient of the prediction (i = 0) or the target (1). */
static void add_field(leray_node *n, int i, const work *w)
{
    extent e = extent_of(n);
    long items = e.batch * e.pieces;
    bool adds = leray_node_adds(n, i);

#pragma omp parallel for schedule(static) if (items > 1)
    for (long item = 0; item < items; item++) {
        size_t first = (size_t)(item % e.pieces) * PIECE, size = piece_size(&e, item % e.pieces),
               at = (size_t)(item / e.pieces) * e.size + first;
        const slopes *f = w->slope + item / e.pieces;
        const sums *unit = w->sum + item / e.pieces;
        block k;

        load_differences(n, at, size, &k);
        load_weights(n, first, size, &k);
        divide(size, unit->d_unit, k.d);
        differentiate(n, size, k.d);
        if (i == 1) {
            divide(size, unit->t_unit, k.t);
            differentiate(n, size, k.t);
        }
        for (size_t j = 0; j < size; j++)
            k.d[j] = k.w[j] * (i == 0 ? f->d * k.d[j] : f->t * k.t[j] - f->d * k.d[j]);
        leray_store(n->in[i]->dtype, k.d, at, size, n->in[i]->grad, adds);
    }
}

static void add_weight(leray_node *n, const work *w)
{
    extent e = extent_of(n);
    bool adds = leray_node_adds(n, 2);

#pragma omp parallel for schedule(static) if (e.pieces > 1)
    for (long piece = 0; piece < e.pieces; piece++) {
        size_t first = (size_t)piece * PIECE, size = piece_size(&e, piece);
        block k;

        for (size_t j = 0; j < size; j++) k.w[j] = 0;
        for (int b = 0; b < e.batch; b++) {
            load_differences(n, (size_t)b * e.size + first, size, &k);
            divide(size, w->sum[b].d_unit, k.d);
            divide(size, w->sum[b].t_unit, k.t);
            penalise(n, size, k.d);
            penalise(n, size, k.t);
            for (size_t j = 0; j < size; j++)
                k.w[j] += w->slope[b].d_weight * k.d[j] + w->slope[b].t_weight * k.t[j];
        }
        leray_store(n->in[2]->dtype, k.w, first, size, n->in[2]->grad, adds);
    }
}

static void add_all(leray_node *n, const work *w)
{
    for (int i = 0; i < 2; i++)
        if (n->in[i]->grad) add_field(n, i, w);
    if (n->n_inputs == 3 && n->in[2]->grad) add_weight(n, w);
}

static double grad_of(const leray_node *n)
{
    double g;

    leray_load(n->out->dtype, n->out->grad, 0, 1, &g);
    return g;
}

static leray_status mean_backward(leray_node *n)
{
    double g = grad_of(n) / (double)n->in[0]->count;
    work w;

    LERAY_TRY(work_of(n, &w));
    for (int b = 0; b < n->in[0]->shape[0]; b++) w.slope[b] = (slopes){.d = g, .d_weight = g};
    add_all(n, &w);
    return LERAY_OK;
}

static leray_status relative_backward(leray_node *n)
{
    int batch = n->in[0]->shape[0];
    double g = grad_of(n) / batch, r = n->settings.real[1];
    work w;

    LERAY_TRY(work_of(n, &w));
    for (int b = 0; b < batch; b++) {
        const sums *s = &w.sum[b];
        slopes *f = &w.slope[b];

        *f = (slopes){0, 0, 0, 0};
        if (s->s == 0 || s->t == 0) continue;
        f->d_weight = units_of(n, s) * (g * r * pow(s->s / s->t, r - 1) / s->t);
        f->t_weight = -f->d_weight * (s->s / s->t);
        f->d = f->d_weight / s->d_unit;
        f->t = f->t_weight / s->t_unit;
    }
    add_all(n, &w);
    return LERAY_OK;
}

/* Positive values, because the weight must be; the differences have both signs. */
static void two_or_three(int i, leray_op_sample *s)
{
    s->n_inputs = i % 2 ? 3 : 2;
    s->input[0] = s->input[1] = i % 2 ? (leray_shape){4, {2, 3, 3, 5}} : (leray_shape){3, {3, 2, 7}};
    s->input[2] = (leray_shape){
        3, {3, 3, 5}
    };
    s->low = 0.2, s->high = 1.2;
}

static void penalty_sample(int i, leray_op_sample *s)
{
    two_or_three(i, s);
    s->settings.integer[0] = i < 2 ? POWER : HUBER;
    s->settings.real[0] = i < 2 ? 2 + 2 * i : 0.3;
}

static void relative_sample(int i, leray_op_sample *s)
{
    two_or_three(i, s);
    s->settings.real[0] = i < 2 ? 2 : 4;
    s->settings.real[1] = i == 0 ? 1 : 1 / s->settings.real[0];
}

const leray_op leray_op_row_mean_penalty = {
    "mean_penalty", 2, 3, loss_shapes, mean_forward, mean_backward, 4, penalty_sample};
const leray_op leray_op_row_relative_power = {
    "relative_power", 2, 3, loss_shapes, relative_forward, relative_backward, 4, relative_sample};

static leray_status record(leray_tape *tape, const leray_op *op, leray_tensor *p, leray_tensor *t,
                           leray_tensor *weight, const leray_op_settings *settings,
                           leray_tensor **out)
{
    leray_tensor *in[] = {p, t, weight};

    LERAY_TRY(leray_tape_record(tape, op, weight ? 3 : 2, in, settings, out));
    return LERAY_OK;
}

leray_status leray_op_mean_power(leray_tape *tape, leray_tensor *p, leray_tensor *t,
                                 leray_tensor *weight, double exponent, leray_tensor **out)
{
    leray_op_settings settings = {.real = {exponent}, .integer = {POWER}};

    return record(tape, &leray_op_row_mean_penalty, p, t, weight, &settings, out);
}

leray_status leray_op_mean_huber(leray_tape *tape, leray_tensor *p, leray_tensor *t,
                                 leray_tensor *weight, double delta, leray_tensor **out)
{
    leray_op_settings settings = {.real = {delta}, .integer = {HUBER}};

    return record(tape, &leray_op_row_mean_penalty, p, t, weight, &settings, out);
}

leray_status leray_op_relative_power(leray_tape *tape, leray_tensor *p, leray_tensor *t,
                                     leray_tensor *weight, double exponent, double root,
                                     leray_tensor **out)
{
    leray_op_settings settings = {
        .real = {exponent, root}
    };

    return record(tape, &leray_op_row_relative_power, p, t, weight, &settings, out);
}
