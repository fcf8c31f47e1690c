/* tensor/ops/loss.c - how far a prediction p is from its target t, summed over points.

   With d = p - t, a weight w [channels, grid..] (1 where there is none) and sums over all that
   follows the batch,

     S_b = sum w f(d_b),   T_b = sum w f(t_b),   M = number of terms of one sum,

     mean_penalty     L = sum_b S_b / (batch M)
     relative_power   L = sum_b (S_b / T_b)^r / batch

   where f(x) = |x|^a with a >= 1, or Huber's f(x) = x^2 / 2 up to |x| = delta and
   delta (|x| - delta / 2) beyond. With A_b = dL/dS_b and C_b = dL/dT_b,

     dL/dp = A_b w f'(d),   dL/dt = C_b w f'(t) - A_b w f'(d),   dL/dw = sum_b A_b f(d) + C_b f(t).

   f'(0) is taken as 0 also for a = 1, and A_b as 0 where p = t. A sample whose T_b is 0 is divided
   by the smallest normal number instead. Computed in double, in pieces that depend on the shape
   alone. */
#include "tensor/convert.h"
#include "tensor/ops.h"
#include "tensor/ops/common.h"

#include <float.h>
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
    n->saved_size = 2 * (size_t)e.batch * sizeof(double);
    n->scratch_size = 2 * (size_t)e.batch * (size_t)(e.pieces + 1) * sizeof(double);
    return LERAY_OK;
}

/* S and T of every sample: *sums [batch, 2]. */
static leray_status sum_samples(leray_node *n, bool targets, double **sums)
{
    extent e = extent_of(n);
    long items = e.batch * e.pieces;
    double *part;

    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &part));
    *sums = n->saved ? n->saved : part + 2 * items;
#pragma omp parallel for schedule(static) if (items > 1)
    for (long i = 0; i < items; i++) {
        size_t first = (size_t)(i % e.pieces) * PIECE, size = piece_size(&e, i % e.pieces);
        double s = 0, t = 0;
        block k;

        load_differences(n, (size_t)(i / e.pieces) * e.size + first, size, &k);
        load_weights(n, first, size, &k);
        penalise(n, size, k.d);
        for (size_t j = 0; j < size; j++) s += k.w[j] * k.d[j];
        if (targets) penalise(n, size, k.t);
        for (size_t j = 0; targets && j < size; j++) t += k.w[j] * k.t[j];
        part[2 * i] = s, part[2 * i + 1] = t;
    }
    for (int b = 0; b < 2 * e.batch; b++) (*sums)[b] = 0;
    for (long i = 0; i < items; i++) {
        (*sums)[2 * (i / e.pieces)] += part[2 * i];
        (*sums)[2 * (i / e.pieces) + 1] += part[2 * i + 1];
    }
    return LERAY_OK;
}

static leray_status mean_forward(leray_node *n)
{
    extent e = extent_of(n);
    double *sums, total = 0;

    LERAY_TRY(sum_samples(n, false, &sums));
    for (int b = 0; b < e.batch; b++) total += sums[2 * b];
    n->kernels->fill(1, total / (double)n->in[0]->count, n->out->value, false);
    return LERAY_OK;
}

static leray_status relative_forward(leray_node *n)
{
    extent e = extent_of(n);
    double *sums, total = 0;

    LERAY_TRY(sum_samples(n, true, &sums));
    for (int b = 0; b < e.batch; b++) {
        if (sums[2 * b + 1] == 0) sums[2 * b + 1] = DBL_MIN;
        total += pow(sums[2 * b] / sums[2 * b + 1], n->settings.real[1]);
    }
    n->kernels->fill(1, total / e.batch, n->out->value, false);
    return LERAY_OK;
}

/* Gradient of the prediction (i = 0) or the target (1); factors [batch, 2] are A and C. */
static void add_field(leray_node *n, int i, const double *factors)
{
    extent e = extent_of(n);
    long items = e.batch * e.pieces;
    bool adds = leray_node_adds(n, i);

#pragma omp parallel for schedule(static) if (items > 1)
    for (long item = 0; item < items; item++) {
        size_t first = (size_t)(item % e.pieces) * PIECE, size = piece_size(&e, item % e.pieces),
               at = (size_t)(item / e.pieces) * e.size + first;
        const double *f = factors + 2 * (item / e.pieces);
        block k;

        load_differences(n, at, size, &k);
        load_weights(n, first, size, &k);
        differentiate(n, size, k.d);
        if (i == 1) differentiate(n, size, k.t);
        for (size_t j = 0; j < size; j++)
            k.d[j] = k.w[j] * (i == 0 ? f[0] * k.d[j] : f[1] * k.t[j] - f[0] * k.d[j]);
        leray_store(n->in[i]->dtype, k.d, at, size, n->in[i]->grad, adds);
    }
}

static void add_weight(leray_node *n, const double *factors)
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
            penalise(n, size, k.d);
            penalise(n, size, k.t);
            for (size_t j = 0; j < size; j++)
                k.w[j] += factors[2 * b] * k.d[j] + factors[2 * b + 1] * k.t[j];
        }
        leray_store(n->in[2]->dtype, k.w, first, size, n->in[2]->grad, adds);
    }
}

static void add_all(leray_node *n, const double *factors)
{
    for (int i = 0; i < 2; i++)
        if (n->in[i]->grad) add_field(n, i, factors);
    if (n->n_inputs == 3 && n->in[2]->grad) add_weight(n, factors);
}

static double grad_of(const leray_node *n)
{
    double g;

    leray_load(n->out->dtype, n->out->grad, 0, 1, &g);
    return g;
}

static leray_status mean_backward(leray_node *n)
{
    double g = grad_of(n) / (double)n->in[0]->count, *factors = n->saved;

    for (int b = 0; b < n->in[0]->shape[0]; b++) factors[2 * b] = g, factors[2 * b + 1] = 0;
    add_all(n, factors);
    return LERAY_OK;
}

static leray_status relative_backward(leray_node *n)
{
    int batch = n->in[0]->shape[0];
    double g = grad_of(n) / batch, r = n->settings.real[1], *factors = n->saved;

    for (int b = 0; b < batch; b++) {
        double s = factors[2 * b], t = factors[2 * b + 1], slope = g * r * pow(s / t, r - 1) / t;

        factors[2 * b] = s > 0 ? slope : 0;
        factors[2 * b + 1] = s > 0 ? -slope * (s / t) : 0;
    }
    add_all(n, factors);
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
