/* operators/layers/selection.c - see operators/layers/selection.h. */
#include "operators/layers/selection.h"

#include "core/log.h"
#include "core/mem.h"
#include <leray/impl/ops.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Modes are counted by what `modes` must exceed to keep them: per axis 0 .. extent - 1. */
typedef struct tally {
    leray_basis basis;
    leray_tape *tape;
    int extent[LERAY_AXES]; /* 1 for axes that are not there */
    double *energy;         /* [extent..], sums of |t^|^2 / |y|^2; NULL: not wanted */
    int modes[LERAY_AXES];  /* of the block whose error is wanted */
    double error;           /* sum of e_s */
    int64_t samples;
} tally;

/* What modes of an axis must exceed for coefficient i of its n. A column that is its own conjugate
   keeps k only with -k. */
static int needed(const tally *t, int axis, int i, bool own)
{
    int n = t->basis.problem.grid.axis[axis].n, k;

    if (t->basis.kind == LERAY_BASIS_COSINE) return i;
    if (axis + 1 == t->basis.problem.grid.ndim) return i / 2;
    k = i < n / 2 ? i : i - n;
    if (k >= 0) return k;
    return own && k > -n / 2 ? -k : -k - 1;
}

/* Adds one channel; returns what lies outside of the block. */
static double add_channel(tally *t, const leray_tensor *hat, const float *value, double scale)
{
    int ndim = hat->ndim - 2, *extent = t->extent, need[LERAY_AXES] = {0};
    int nx = t->basis.problem.grid.axis[ndim - 1].n, last = hat->shape[hat->ndim - 1];
    size_t count = hat->count / (size_t)hat->shape[1];
    double outside = 0;

    for (size_t i = 0; i < count; i++) {
        double e = (double)value[i] * value[i] * scale;
        int column = (int)(i % (size_t)last) / 2;
        bool own = column == 0 || 2 * column == nx, out = false;
        size_t rest = i, at = 0;

        for (int a = ndim - 1; a >= 0; a--) {
            need[a] = needed(t, a, (int)(rest % (size_t)hat->shape[2 + a]), own);
            rest /= (size_t)hat->shape[2 + a];
            out |= need[a] >= t->modes[a];
        }
        for (int a = 0; a < ndim; a++) at = at * (size_t)extent[a] + (size_t)need[a];
        if (t->energy) t->energy[at] += e;
        if (out) outside += e;
    }
    return outside;
}

static leray_status visit(void *context, const float *target, const float *y)
{
    tally *t = context;
    const leray_problem *p = &t->basis.problem;
    int shape[LERAY_TENSOR_DIMS] = {1, p->channels_out};
    size_t count = (size_t)p->channels_out * leray_grid_points(&p->grid), channel;
    double square = 0, outside = 0;
    leray_tensor *x, *hat;

    for (size_t i = 0; i < count; i++) square += (double)y[i] * y[i];
    if (square == 0) return LERAY_OK;
    for (int a = 0; a < p->grid.ndim; a++) shape[2 + a] = p->grid.axis[a].n;
    leray_tape_reset(t->tape);
    LERAY_TRY(leray_tape_input(t->tape, 2 + p->grid.ndim, shape, target, &x));
    LERAY_TRY(leray_basis_to(&t->basis, t->tape, x, &hat));
    channel = hat->count / (size_t)p->channels_out;
    for (int c = 0; c < p->channels_out; c++)
        outside += add_channel(t, hat, (const float *)hat->value + (size_t)c * channel,
                               (double)count / ((double)hat->count * square));
    t->error += sqrt(outside);
    t->samples++;
    return LERAY_OK;
}

/* energy becomes, at modes - 1, the share of a block. */
static void sum_up(tally *t)
{
    size_t stride = 1, count = 1;

    for (int a = 0; a < LERAY_AXES; a++) count *= (size_t)t->extent[a];
    for (int a = LERAY_AXES - 1; a >= 0; a--) {
        size_t n = (size_t)t->extent[a];

        for (size_t i = 0; i < count; i++)
            if (i / stride % n > 0) t->energy[i] += t->energy[i - stride];
        stride *= n;
    }
}

/* Mean square error of a block. */
static double error_of(const tally *t, const int *modes)
{
    size_t at = 0, count = 1;

    for (int a = 0; a < LERAY_AXES; a++) {
        at = at * (size_t)t->extent[a] + (size_t)modes[a] - 1;
        count *= (size_t)t->extent[a];
    }
    return fmax(t->energy[count - 1] - t->energy[at], 0) / (double)t->samples;
}

/* The axis along which one more mode gains most per mode of the layer that it adds; -1: none. */
static int best_axis(const tally *t, int *modes)
{
    double now = error_of(t, modes), most = -1;
    int best = -1;

    for (int a = 0; a < LERAY_AXES; a++) {
        double gain;

        if (modes[a] == t->extent[a]) continue;
        modes[a]++;
        gain = (now - error_of(t, modes)) * modes[a];
        modes[a]--;
        if (gain > most) most = gain, best = a;
    }
    return best;
}

static void choose(tally *t, double tolerance)
{
    double square = tolerance * tolerance;
    int *modes = t->modes, axis;

    for (int a = 0; a < LERAY_AXES; a++) modes[a] = 1;
    while (error_of(t, modes) > square && (axis = best_axis(t, modes)) >= 0) modes[axis]++;
    for (int a = 0; a < LERAY_AXES; a++) {
        while (modes[a] > 1) {
            modes[a]--;
            if (error_of(t, modes) <= square) continue;
            modes[a]++;
            break;
        }
    }
}

static leray_status pass(tally *t, const leray_targets *targets)
{
    t->error = 0;
    t->samples = 0;
    LERAY_TRY(targets->show(targets->source, visit, t));
    LERAY_CHECK(t->samples > 0, LERAY_ERR_DATA, "%s: all training targets are zero",
                t->basis.model);
    return LERAY_OK;
}

/* To multiples, or to the last one that the grid has. */
static void round_up(tally *t, int multiple)
{
    for (int a = 0; a < t->basis.problem.grid.ndim; a++) {
        int most = t->extent[a] / multiple * multiple;

        t->modes[a] = (t->modes[a] + multiple - 1) / multiple * multiple;
        if (t->modes[a] > most) t->modes[a] = most;
    }
}

static leray_status select(tally *t, const leray_selection *s, const leray_targets *targets)
{
    size_t count = 1;

    for (int a = 0; a < LERAY_AXES; a++) count *= (size_t)t->extent[a];
    LERAY_TRY(leray_tape_create(LERAY_F32, &t->tape));
    leray_tape_set_gradients(t->tape, false);
    if (s->tolerance > 0) {
        LERAY_TRY(LERAY_ALLOC(&t->energy, count));
        LERAY_TRY(pass(t, targets));
        sum_up(t);
        choose(t, s->tolerance);
        round_up(t, s->multiple);
        leray_mem_free(t->energy);
        t->energy = NULL;
    }
    return pass(t, targets);
}

static void list(const int *modes, int ndim, size_t size, char *out)
{
    size_t used = 0;

    for (int a = 0; a < ndim && used < size; a++)
        used += (size_t)snprintf(out + used, size - used, "%s%d", a ? ", " : "", modes[a]);
}

static void report(const tally *t, double tolerance)
{
    char modes[64];

    list(t->modes, t->basis.problem.grid.ndim, sizeof modes, modes);
    leray_info("%s: modes [%s]%s: irreducible error %.3g, relative L2, mean over %lld targets",
               t->basis.model, modes, tolerance > 0 ? ", chosen by energy" : "",
               t->error / (double)t->samples, (long long)t->samples);
}

leray_status leray_selection_fit_settings(leray_selection *s, const leray_problem *problem,
                                          const leray_targets *targets, leray_config *deck,
                                          const char *section)
{
    tally t = {
        .extent = {1, 1, 1},
          .modes = {1, 1, 1}
    };
    int ndim = problem->grid.ndim, one[LERAY_AXES] = {1, 1, 1};
    leray_status status;
    char key[LERAY_TEXT_MAX];

    LERAY_CHECK(
        targets || s->tolerance == 0, LERAY_ERR_CONFIG,
        "%s: a tolerance needs targets before training starts, and a stream has none; write "
        "the ensemble to a file with leray gen and train on it",
        s->model);
    if (!targets) return LERAY_OK;
    LERAY_TRY(
        leray_basis_init(&t.basis, s->kind, s->tolerance > 0 ? one : s->modes, problem, s->model));
    for (int a = 0; a < ndim; a++) {
        int n = problem->grid.axis[a].n;

        t.extent[a] = s->kind == LERAY_BASIS_COSINE ? n : a + 1 < ndim ? n / 2 : n / 2 + 1;
        t.modes[a] = s->modes[a];
    }
    status = select(&t, s, targets);
    leray_mem_free(t.energy);
    leray_tape_destroy(&t.tape);
    if (status) return status;
    report(&t, s->tolerance);
    for (int a = 0; a < ndim; a++) s->modes[a] = t.modes[a];
    if (s->tolerance == 0 || !deck) return LERAY_OK;
    snprintf(key, sizeof key, "%s.modes", section);
    return leray_config_put_ints(deck, key, ndim, s->modes);
}
