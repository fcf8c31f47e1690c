/* tensor/algorithms/axis.c - see tensor/algorithms/axis.h. */
#include "tensor/algorithms/axis.h"

#include "tensor/ops/common.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925

double leray_cosine(long long k, long long j, long long n)
{
    return cos(TWO_PI * (double)(k * j % n) / (double)n);
}

double leray_sine(long long k, long long j, long long n)
{
    long long r = k * j % n;

    return 2 * r == n ? 0 : sin(TWO_PI * (double)r / (double)n);
}

int leray_axis_map_product(const leray_axis_map *a, double alpha, const void *x, void *y, bool adds)
{
    const leray_kernels *k = leray_kernels_cpu(a->dtype);
    size_t in = (size_t)a->from * (size_t)a->inner, out = (size_t)a->to * (size_t)a->inner;
    int failed = 0;

    if (a->inner == 1)
        return k->gemm('N', 'N', a->outer, a->to, a->from, alpha, x, a->from, a->transpose, a->to,
                       adds, y, a->to);
    for (int o = 0; o < a->outer; o++)
        failed |= k->gemm('N', 'N', a->to, a->inner, a->from, alpha, a->table, a->from,
                          leray_at(a->dtype, x, (size_t)o * in), a->inner, adds,
                          leray_at(a->dtype, y, (size_t)o * out), a->inner);
    return failed;
}

leray_axis_map leray_axis_map_adjoint(const leray_axis_map *axis)
{
    leray_axis_map a = *axis;

    a.from = axis->to, a.to = axis->from;
    a.table = axis->transpose, a.transpose = axis->table;
    return a;
}

leray_status leray_axis_map_table(leray_tape *tape, const char *kind, const int key[4],
                                  void (*fill)(leray_dtype, const int key[4], void *),
                                  const void **out)
{
    size_t size = 2 * (size_t)key[0] * (size_t)key[1] * leray_dtype_size(leray_tape_dtype(tape));

    LERAY_TRY(leray_tape_table(tape, kind, key, size, fill, out));
    return LERAY_OK;
}

void leray_axis_map_fill(leray_dtype dtype, const int key[4], void *p,
                         double (*entry)(const int key[4], int k, int j))
{
    size_t m = (size_t)key[0], n = (size_t)key[1];

    for (size_t k = 0; k < m; k++)
        for (size_t j = 0; j < n; j++) {
            double t = entry(key, (int)k, (int)j);

            leray_put(dtype, p, k * n + j, t);
            leray_put(dtype, p, m * n + j * m + k, t);
        }
}

static size_t product(int count, const int *extent)
{
    size_t n = 1;

    for (int i = 0; i < count; i++) n *= (size_t)extent[i];
    return n;
}

size_t leray_separable_points(const leray_separable *s) { return product(s->dims, s->n); }
size_t leray_separable_modes(const leray_separable *s) { return product(s->dims, s->m); }

/* Reals between the axes: those before `axis` are still points, the others are modes. */
static size_t between(const leray_separable *s, int axis)
{
    return product(axis, s->n) * product(s->dims - axis, s->m + axis);
}

/* Two buffers, each as large as the largest array between two axes. */
static size_t buffer(const leray_separable *s)
{
    size_t most = 1;

    for (int axis = 1; axis < s->dims; axis++)
        if (between(s, axis) > most) most = between(s, axis);
    return (most + 15) / 16 * 16;
}

size_t leray_separable_work(const leray_separable *s) { return 2 * buffer(s); }

static leray_axis_map axis_of(const leray_separable *s, int axis)
{
    size_t entries = (size_t)s->m[axis] * (size_t)s->n[axis];

    return (leray_axis_map){.dtype = s->dtype,
                            .outer = (int)product(axis, s->n),
                            .from = s->n[axis],
                            .to = s->m[axis],
                            .inner = (int)product(s->dims - axis - 1, s->m + axis + 1),
                            .table = s->table[axis],
                            .transpose = leray_at(s->dtype, s->table[axis], entries)};
}

/* The last axis first; back in the opposite order, so that what lies between is the same. */
static int walk(const leray_separable *s, bool adjoint, const void *x, void *work, void *y,
                bool adds)
{
    int failed = 0;

    for (int i = 0; i < s->dims; i++) {
        bool last = i == s->dims - 1;
        leray_axis_map a = axis_of(s, adjoint ? i : s->dims - 1 - i);
        void *to = last ? y : leray_at(s->dtype, work, i % 2 ? buffer(s) : 0);

        if (adjoint) a = leray_axis_map_adjoint(&a);
        failed |= leray_axis_map_product(&a, 1, x, to, last && adds);
        x = to;
    }
    return failed;
}

int leray_separable_apply(const leray_separable *s, const void *f, void *work, void *y, bool adds)
{
    return walk(s, false, f, work, y, adds);
}

int leray_separable_adjoint(const leray_separable *s, const void *y, void *work, void *f, bool adds)
{
    return walk(s, true, y, work, f, adds);
}

size_t leray_separable_scratch(const leray_separable *s)
{
    return (size_t)leray_threads() * leray_separable_work(s) * leray_dtype_size(s->dtype);
}

leray_status leray_separable_images(const leray_separable *s, int images, bool adjoint,
                                    const void *x, void *scratch, void *y, bool adds)
{
    size_t from = leray_separable_points(s), to = leray_separable_modes(s);
    size_t work = leray_separable_work(s);
    int failed = 0;

    if (adjoint) {
        size_t swap = from;

        from = to, to = swap;
    }
#pragma omp parallel for schedule(static) reduction(| : failed)
    for (int i = 0; i < images; i++)
        failed |= walk(s, adjoint, leray_at(s->dtype, x, (size_t)i * from),
                       leray_at(s->dtype, scratch, (size_t)omp_get_thread_num() * work),
                       leray_at(s->dtype, y, (size_t)i * to), adds);
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}
