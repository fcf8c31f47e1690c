/* tensor/ops/layout.c - parts of a tensor, tensors put together along an axis, and other orders of
   the axes. (Other extents for the same numbers: leray_tape_reshape.)

   Along an axis a tensor is [outer, n, inner], so that a part is one run of numbers for every outer
   index. A permutation is done by planes: the axis that comes to be the last, and the one that
   was. */
#include <leray/impl/ops.h>

#include "tensor/ops/common.h"

/* Runs of `run` numbers at distances `from` and `to`. */
typedef struct runs {
    const leray_kernels *k;
    leray_dtype dtype;
    size_t outer, run, from, to;
} runs;

static size_t product(const leray_tensor *t, int first, int last)
{
    size_t n = 1;

    for (int d = first; d < last; d++) n *= (size_t)t->shape[d];
    return n;
}

/* The runs of `part` as elements `first`.. of `whole` along an axis. */
static runs runs_of(const leray_node *n, const leray_tensor *whole, const leray_tensor *part,
                    int axis)
{
    size_t inner = product(part, axis + 1, part->ndim);

    return (runs){.k = n->kernels,
                  .dtype = part->dtype,
                  .outer = product(part, 0, axis),
                  .run = (size_t)part->shape[axis] * inner,
                  .from = (size_t)whole->shape[axis] * inner,
                  .to = (size_t)part->shape[axis] * inner};
}

static void copy(const runs *r, const void *from, void *to, bool adds)
{
    size_t piece = 16384, pieces = (r->run + piece - 1) / piece;
    long items = (long)(r->outer * pieces);

#pragma omp parallel for schedule(static) if (items > 1 && r->outer * r->run > piece)
    for (long item = 0; item < items; item++) {
        size_t o = (size_t)item / pieces, first = (size_t)item % pieces * piece;

        r->k->scale(r->run - first < piece ? r->run - first : piece, 1,
                    leray_at(r->dtype, from, o * r->from + first),
                    leray_at(r->dtype, to, o * r->to + first), adds);
    }
}

static void swap_sides(runs *r)
{
    size_t from = r->from;

    r->from = r->to;
    r->to = from;
}

static leray_status check_axis(const leray_node *n)
{
    LERAY_CHECK(n->settings.integer[0] >= 0 && n->settings.integer[0] < n->in[0]->ndim,
                LERAY_ERR_ARG, "%s: axis %d is not in [0, %d]", n->op->name, n->settings.integer[0],
                n->in[0]->ndim - 1);
    return LERAY_OK;
}

/* slice; settings.integer: axis, first, count */
static leray_status slice_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    const int *s = n->settings.integer;

    LERAY_TRY(check_axis(n));
    LERAY_CHECK(s[1] >= 0 && s[2] >= 1 && s[1] <= x->shape[s[0]] - s[2], LERAY_ERR_ARG,
                "slice: %d elements from %d on are not in axis %d of %d", s[2], s[1], s[0],
                x->shape[s[0]]);
    *out = leray_shape_of(x);
    out->extent[s[0]] = s[2];
    return LERAY_OK;
}

static size_t slice_start(const leray_node *n)
{
    const int *s = n->settings.integer;

    return (size_t)s[1] * product(n->in[0], s[0] + 1, n->in[0]->ndim);
}

static leray_status slice_forward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    runs r = runs_of(n, x, n->out, n->settings.integer[0]);

    copy(&r, leray_at(x->dtype, x->value, slice_start(n)), n->out->value, false);
    return LERAY_OK;
}

typedef struct fill {
    leray_node *node;
    void *p;
} fill;

static void fill_piece(void *data, size_t first, size_t count)
{
    fill *f = data;

    f->node->kernels->fill(count, 0, leray_at(f->node->out->dtype, f->p, first), false);
}

static leray_status slice_backward(leray_node *n)
{
    const leray_tensor *x = n->in[0];
    runs r = runs_of(n, x, n->out, n->settings.integer[0]);
    fill zero = {n, x->grad};

    if (!x->grad) return LERAY_OK;
    if (!leray_node_adds(n, 0)) leray_over_pieces(x->count, fill_piece, &zero);
    swap_sides(&r);
    copy(&r, n->out->grad, leray_at(x->dtype, x->grad, slice_start(n)), true);
    return LERAY_OK;
}

static void slice_sample(int i, leray_op_sample *s)
{
    static const leray_op_settings settings[] = {
        {.integer = {1, 1, 2}},
        {.integer = {3, 2, 3}},
        {.integer = {0, 1, 1}},
    };

    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        4, {2, 4, 3, 5}
    };
    s->settings = settings[i];
    s->low = -1, s->high = 1;
}

/* concat; settings.integer[0]: axis */
static leray_status concat_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *a = n->in[0];
    int axis = n->settings.integer[0];

    LERAY_TRY(check_axis(n));
    *out = leray_shape_of(a);
    for (int i = 1; i < n->n_inputs; i++) {
        const leray_tensor *b = n->in[i];
        bool same = a->ndim == b->ndim;

        for (int d = 0; same && d < a->ndim; d++) same = d == axis || a->shape[d] == b->shape[d];
        LERAY_CHECK(same, LERAY_ERR_ARG, "concat: the inputs differ in more than axis %d", axis);
        out->extent[axis] += b->shape[axis];
    }
    return LERAY_OK;
}

/* Where input i begins in the result. */
static size_t concat_start(const leray_node *n, int i)
{
    int axis = n->settings.integer[0];
    size_t start = 0;

    for (int j = 0; j < i; j++) start += (size_t)n->in[j]->shape[axis];
    return start * product(n->out, axis + 1, n->out->ndim);
}

static leray_status concat_forward(leray_node *n)
{
    for (int i = 0; i < n->n_inputs; i++) {
        runs r = runs_of(n, n->out, n->in[i], n->settings.integer[0]);

        swap_sides(&r);
        copy(&r, n->in[i]->value, leray_at(n->out->dtype, n->out->value, concat_start(n, i)),
             false);
    }
    return LERAY_OK;
}

static leray_status concat_backward(leray_node *n)
{
    for (int i = 0; i < n->n_inputs; i++) {
        runs r = runs_of(n, n->out, n->in[i], n->settings.integer[0]);

        if (n->in[i]->grad)
            copy(&r, leray_at(n->out->dtype, n->out->grad, concat_start(n, i)), n->in[i]->grad,
                 leray_node_adds(n, i));
    }
    return LERAY_OK;
}

static void concat_sample(int i, leray_op_sample *s)
{
    static const int axis[] = {1, 3, 0};

    s->n_inputs = i + 2;
    for (int j = 0; j < s->n_inputs; j++) {
        s->input[j] = (leray_shape){
            4, {2, 3, 3, 5}
        };
        s->input[j].extent[axis[i]] = 1 + j;
    }
    s->settings.integer[0] = axis[i];
    s->low = -1, s->high = 1;
}

/* permute; settings.integer: axis d of the result is this one of x */
static leray_status permute_shapes(leray_node *n, leray_shape *out)
{
    const leray_tensor *x = n->in[0];
    bool seen[LERAY_TENSOR_DIMS] = {false};

    *out = leray_shape_of(x);
    for (int d = 0; d < x->ndim; d++) {
        int a = n->settings.integer[d];

        LERAY_CHECK(a >= 0 && a < x->ndim && !seen[a], LERAY_ERR_ARG,
                    "permute: axis %d of the result cannot be axis %d of %d", d, a, x->ndim);
        seen[a] = true;
        out->extent[d] = x->shape[a];
    }
    n->scratch_size = x->count * leray_dtype_size(x->dtype);
    return LERAY_OK;
}

/* to[.., i_d, ..] = from at the same indices, for extents and distances in the order of `to`. */
typedef struct permutation {
    const leray_kernels *k;
    leray_dtype dtype;
    int ndim, extent[LERAY_TENSOR_DIMS];
    size_t from[LERAY_TENSOR_DIMS], to[LERAY_TENSOR_DIMS];
    int fast; /* the axis that is contiguous in `from` */
} permutation;

/* Of x to the result, or back. */
static permutation permutation_of(const leray_node *n, bool back)
{
    const leray_tensor *x = n->in[0], *y = n->out;
    permutation p = {.k = n->kernels, .dtype = x->dtype, .ndim = x->ndim};

    for (int d = 0; d < x->ndim; d++) {
        int a = n->settings.integer[d], slot = back ? a : d;
        size_t in_x = product(x, a + 1, x->ndim), in_y = product(y, d + 1, y->ndim);

        p.extent[slot] = y->shape[d];
        p.from[slot] = back ? in_y : in_x;
        p.to[slot] = back ? in_x : in_y;
        if ((back ? d : a) == x->ndim - 1) p.fast = slot;
    }
    return p;
}

static void permute(const permutation *p, const void *from, void *to)
{
    int last = p->ndim - 1;
    long planes = 1;

    for (int d = 0; d < last; d++)
        if (d != p->fast) planes *= p->extent[d];
#pragma omp parallel for schedule(static) if (planes > 1)
    for (long plane = 0; plane < planes; plane++) {
        long rest = plane;
        size_t i = 0, j = 0;

        for (int d = last - 1; d >= 0; d--) {
            if (d == p->fast) continue;
            i += (size_t)(rest % p->extent[d]) * p->from[d];
            j += (size_t)(rest % p->extent[d]) * p->to[d];
            rest /= p->extent[d];
        }
        if (p->fast == last)
            p->k->scale((size_t)p->extent[last], 1, leray_at(p->dtype, from, i),
                        leray_at(p->dtype, to, j), false);
        else
            p->k->transpose(p->extent[last], p->extent[p->fast], leray_at(p->dtype, from, i),
                            p->from[last], leray_at(p->dtype, to, j), p->to[p->fast]);
    }
}

static leray_status permute_forward(leray_node *n)
{
    permutation p = permutation_of(n, false);

    permute(&p, n->in[0]->value, n->out->value);
    return LERAY_OK;
}

static leray_status permute_backward(leray_node *n)
{
    permutation p = permutation_of(n, true);
    leray_tensor *x = n->in[0];
    runs whole = {n->kernels, x->dtype, 1, x->count, 0, 0};
    void *g;

    if (!x->grad) return LERAY_OK;
    if (!leray_node_adds(n, 0)) {
        permute(&p, n->out->grad, x->grad);
        return LERAY_OK;
    }
    LERAY_TRY(leray_tape_scratch(n->tape, n->scratch_size, &g));
    permute(&p, n->out->grad, g);
    copy(&whole, g, x->grad, true);
    return LERAY_OK;
}

static void permute_sample(int i, leray_op_sample *s)
{
    static const leray_op_settings settings[] = {
        {.integer = {0, 2, 1, 3}},
        {.integer = {0, 2, 3, 1}},
        {.integer = {3, 1, 0, 2}},
        {.integer = {3, 2, 1, 0}},
    };

    s->n_inputs = 1;
    s->input[0] = (leray_shape){
        4, {2, 3, i == 3 ? 1 : 4, 5}
    };
    s->settings = settings[i];
    s->low = -1, s->high = 1;
}

const leray_op leray_op_row_slice = {"slice",        1, 1,           slice_shapes, slice_forward,
                                     slice_backward, 3, slice_sample};
const leray_op leray_op_row_concat = {
    "concat", 1, LERAY_OP_INPUTS, concat_shapes, concat_forward, concat_backward, 3, concat_sample};
const leray_op leray_op_row_permute = {
    "permute", 1, 1, permute_shapes, permute_forward, permute_backward, 4, permute_sample};

leray_status leray_op_slice(leray_tape *tape, leray_tensor *x, int axis, int first, int count,
                            leray_tensor **out)
{
    leray_op_settings settings = {
        .integer = {axis, first, count}
    };

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_slice, 1, &x, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_concat(leray_tape *tape, int axis, leray_tensor *a, leray_tensor *b,
                             leray_tensor **out)
{
    leray_tensor *in[] = {a, b};
    leray_op_settings settings = {.integer = {axis}};

    LERAY_TRY(leray_tape_record(tape, &leray_op_row_concat, 2, in, &settings, out));
    return LERAY_OK;
}

leray_status leray_op_permute(leray_tape *tape, leray_tensor *x, const int *axes,
                              leray_tensor **out)
{
    leray_op_settings settings = {.integer = {0}};

    for (int d = 0; d < x->ndim; d++) settings.integer[d] = axes[d];
    LERAY_TRY(leray_tape_record(tape, &leray_op_row_permute, 1, &x, &settings, out));
    return LERAY_OK;
}
