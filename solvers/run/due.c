/* solvers/run/due.c - the times at which an output is due; see solvers/run/run_impl.h. They
   are products, not sums, so that a run that goes on has the same ones. */
#include "solvers/run/run_impl.h"

#include <math.h>

static double due(const leray_due *s, long k) { return s->first + (double)k * s->every; }

static bool at_or_before(double a, double b) { return a <= b + 1e-12 * fmax(fabs(a), fabs(b)); }

double leray_due_next(const leray_due *s)
{
    if (!(s->every > 0) || (s->count > 0 && s->next >= s->count)) return INFINITY;
    return due(s, s->next);
}

bool leray_due_reached(const leray_due *s, double time)
{
    double next = leray_due_next(s);

    return isfinite(next) && at_or_before(next, time);
}

void leray_due_skip(leray_due *s, double time, bool past)
{
    double k;

    if (!(s->every > 0)) return;
    k = floor((time - s->first) / s->every) - 1;
    s->next = k > 0 ? (long)k : 0;
    while (past ? at_or_before(due(s, s->next), time) : !at_or_before(time, due(s, s->next)))
        s->next++;
}
