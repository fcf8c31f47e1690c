/* operators/finite.c - see operators/finite.h. */
#include "operators/finite.h"

#include "tensor/op.h"

#include <math.h>

bool leray_all_finite(leray_dtype dtype, size_t n, const void *x)
{
    bool finite = true;

    if (dtype == LERAY_F32)
        for (size_t i = 0; finite && i < n; i++) finite = isfinite(((const float *)x)[i]);
    else
        for (size_t i = 0; finite && i < n; i++) finite = isfinite(((const double *)x)[i]);
    return finite;
}

const char *leray_first_not_finite(const leray_parameters *p, const void *array)
{
    for (int i = 0; i < p->n_views; i++) {
        const leray_parameter_view *view = &p->views[i];

        if (!leray_all_finite(p->dtype, view->count, leray_at(p->dtype, array, view->offset)))
            return view->name;
    }
    return NULL;
}
