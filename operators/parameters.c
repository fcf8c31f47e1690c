/* operators/parameters.c - see operators/parameters.h. */
#include "operators/parameters.h"

#include "core/mem.h"
#include <leray/impl/rng.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

leray_status leray_parameters_declare(leray_parameters *p, const char *name, bool is_complex,
                                      int ndim, const int *shape, leray_initial initial, int *index)
{
    leray_parameter_view *view;

    LERAY_CHECK(strlen(name) < LERAY_PARAMETER_NAME, LERAY_ERR_ARG,
                "the name '%s' of a parameter has more than %d letters", name,
                LERAY_PARAMETER_NAME - 1);
    LERAY_CHECK(ndim >= 1 && ndim <= LERAY_TENSOR_DIMS && (!is_complex || shape[ndim - 1] == 2),
                LERAY_ERR_ARG, "parameter '%s': %d dimensions, not in [1, %d], or not complex",
                name, ndim, LERAY_TENSOR_DIMS);
    if (p->n_views == p->capacity) {
        int capacity = p->capacity ? 2 * p->capacity : 16;

        LERAY_TRY(
            leray_mem_grow(&p->views, (size_t)p->capacity, (size_t)capacity, sizeof *p->views));
        p->capacity = capacity;
    }
    view = &p->views[p->n_views];
    memset(view, 0, sizeof *view);
    snprintf(view->name, sizeof view->name, "%s", name);
    view->ndim = ndim;
    view->is_complex = is_complex;
    view->initial = initial;
    view->offset = p->count;
    view->count = 1;
    for (int i = 0; i < ndim; i++) {
        LERAY_CHECK(shape[i] >= 1, LERAY_ERR_ARG, "parameter '%s': extent %d is %d", name, i,
                    shape[i]);
        view->shape[i] = shape[i];
        view->count *= (size_t)shape[i];
    }
    p->count += view->count;
    *index = p->n_views++;
    return LERAY_OK;
}

leray_status leray_parameters_allocate(leray_parameters *p)
{
    LERAY_TRY(leray_mem_alloc(&p->value, p->count, leray_dtype_size(p->dtype)));
    LERAY_TRY(leray_mem_alloc(&p->grad, p->count, leray_dtype_size(p->dtype)));
    return LERAY_OK;
}

static double number(const leray_parameters *p, size_t i)
{
    return p->dtype == LERAY_F32 ? (double)((const float *)p->value)[i]
                                 : ((const double *)p->value)[i];
}

/* The 2-norm of row `row` of a view whose rows are as many. */
static double row_norm(const leray_parameters *p, const leray_parameter_view *view, size_t rows,
                       size_t row)
{
    size_t columns = view->count / rows, first = view->offset + row * columns;
    double total = 0;

    for (size_t i = first; i < first + columns; i++) total += number(p, i) * number(p, i);
    return sqrt(total);
}

void leray_parameters_draw(leray_parameters *p, uint64_t seed)
{
    for (int i = 0; i < p->n_views; i++) {
        const leray_parameter_view *view = &p->views[i];
        leray_initial in = view->initial;
        leray_rng rng = leray_rng_make(seed, LERAY_PURPOSE_WEIGHTS, (uint32_t)i, 0);

        for (size_t j = view->offset; j < view->offset + view->count; j++) {
            double x = in.normal ? in.a + in.b * leray_rng_normal(&rng)
                                 : in.a + (in.b - in.a) * leray_rng_uniform(&rng);

            if (in.row_norms) x = row_norm(p, view - 1, view->count, j - view->offset);
            if (p->dtype == LERAY_F32) ((float *)p->value)[j] = (float)x;
            else ((double *)p->value)[j] = x;
        }
    }
}

void leray_parameters_zero_gradients(leray_parameters *p)
{
    memset(p->grad, 0, p->count * leray_dtype_size(p->dtype));
}

void leray_parameters_fini(leray_parameters *p)
{
    leray_mem_free(p->grad);
    leray_mem_free(p->value);
    leray_mem_free(p->views);
    memset(p, 0, sizeof *p);
}

leray_status leray_parameters_tensor(const leray_parameters *p, leray_tape *tape, int index,
                                     leray_tensor **out)
{
    const leray_parameter_view *view = &p->views[index];
    size_t offset = view->offset * leray_dtype_size(p->dtype);

    LERAY_TRY(leray_tape_parameter(tape, view->ndim, view->shape, (char *)p->value + offset,
                                   (char *)p->grad + offset, out));
    (*out)->tag = index + 1;
    return LERAY_OK;
}
