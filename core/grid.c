/* core/grid.c - points, spacings, weights and copies of grids; see include/leray/grid.h. */
#include "core/grid.h"

#include "core/mem.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *const leray_boundary_names[] = {"periodic", "wall", "open", "pole", NULL};
const char *const leray_points_names[] = {"vertices", "centres", "coordinates", NULL};
const char *const leray_grid_kind_names[] = {"box", "sphere", NULL};

#define EVEN 1e-6 /* of a spacing: what counts as the same */

leray_grid leray_grid_periodic(int ndim, const int *n, const double *length)
{
    leray_grid grid = {.ndim = ndim};

    for (int a = 0; a < ndim && a < LERAY_AXES; a++)
        grid.axis[a] = (leray_axis){.n = n[a], .length = length[a]};
    return grid;
}

size_t leray_grid_points(const leray_grid *grid)
{
    size_t points = 1;

    for (int a = 0; a < grid->ndim; a++) points *= (size_t)grid->axis[a].n;
    return points;
}

leray_extents leray_grid_extents(const leray_grid *grid)
{
    leray_extents extents = {.ndim = grid->ndim};

    for (int a = 0; a < grid->ndim; a++) extents.n[a] = grid->axis[a].n;
    return extents;
}

const char *leray_grid_axis_name(const leray_grid *grid, int axis)
{
    if (grid->axis[axis].name) return grid->axis[axis].name;
    if (grid->kind == LERAY_SPHERE && axis == grid->ndim - 1) return "longitude";
    if (grid->kind == LERAY_SPHERE && axis == grid->ndim - 2) return "latitude";
    return leray_axis_name(grid->ndim, axis);
}

const char *leray_grid_axis_unit(const leray_grid *grid, int axis)
{
    return grid->axis[axis].unit ? grid->axis[axis].unit : "1";
}

int leray_grid_is_periodic(const leray_grid *grid, int axis)
{
    return grid->axis[axis].boundary[0] == LERAY_PERIODIC;
}

double leray_grid_spacing(const leray_grid *grid, int axis)
{
    const leray_axis *a = &grid->axis[axis];
    int cells = a->n;

    if (a->points == LERAY_AT_COORDINATES && a->n > 1)
        return fabs(a->coordinates[a->n - 1] - a->coordinates[0]) / (a->n - 1);
    if (a->points == LERAY_AT_VERTICES && !leray_grid_is_periodic(grid, axis)) cells--;
    return a->length / (cells > 0 ? cells : 1);
}

double leray_grid_coordinate(const leray_grid *grid, int axis, int j)
{
    const leray_axis *a = &grid->axis[axis];

    if (a->points == LERAY_AT_COORDINATES) return a->coordinates[j];
    return a->start +
           (a->points == LERAY_AT_CENTRES ? j + 0.5 : j) * leray_grid_spacing(grid, axis);
}

/* ---- evenness --------------------------------------------------------------------------- */

/* Whether n points are evenly spaced: exactly, but for EVEN, or within the rounding of single precision
   where that is a small part of their extent. */
static bool are_even(int n, const double *x)
{
    double h = n > 1 ? (x[n - 1] - x[0]) / (n - 1) : 0, largest = 0, off = 0, rounding;

    for (int j = 0; j < n; j++) largest = fmax(largest, fabs(x[j]));
    for (int j = 1; j < n; j++) off = fmax(off, fabs(x[j] - x[j - 1] - h));
    rounding = 4 * FLT_EPSILON * largest;
    return off <= EVEN * fabs(h) || (off <= rounding && rounding <= 1e-3 * fabs(x[n - 1] - x[0]));
}

int leray_grid_is_even(const leray_grid *grid, int axis)
{
    const leray_axis *a = &grid->axis[axis];
    double seam, h;

    if (a->points != LERAY_AT_COORDINATES || a->n < 2) return 1;
    if (!are_even(a->n, a->coordinates)) return 0;
    h = fabs(a->coordinates[a->n - 1] - a->coordinates[0]) / (a->n - 1);
    seam = a->length - h * (a->n - 1);
    return !leray_grid_is_periodic(grid, axis) || fabs(seam - h) <= 1e-3 * h;
}

static leray_status need_even(const leray_grid *grid, int axis, const char *what)
{
    const leray_axis *a = &grid->axis[axis];
    double least = INFINITY, most = 0;

    if (leray_grid_is_even(grid, axis)) return LERAY_OK;
    for (int j = 1; j < a->n; j++) {
        double gap = fabs(a->coordinates[j] - a->coordinates[j - 1]);

        least = fmin(least, gap), most = fmax(most, gap);
    }
    LERAY_FAIL(
        LERAY_ERR_UNSUPPORTED,
        "%s needs evenly spaced points, and those along %s are %.6g to %.6g apart (of %.6g in "
        "all): interpolate the data to an even grid",
        what, leray_grid_axis_name(grid, axis), least, most, a->length);
}

leray_status leray_grid_need_even(const leray_grid *grid, const char *what)
{
    for (int a = 0; a < grid->ndim; a++) LERAY_TRY(need_even(grid, a, what));
    return LERAY_OK;
}

leray_status leray_grid_need_periodic(const leray_grid *grid, const char *what)
{
    for (int a = 0; a < grid->ndim; a++) {
        LERAY_TRY(need_even(grid, a, what));
        LERAY_CHECK(leray_grid_is_periodic(grid, a), LERAY_ERR_UNSUPPORTED,
                    "%s needs a periodic grid, and the boundary along %s is %s", what,
                    leray_grid_axis_name(grid, a), leray_boundary_names[grid->axis[a].boundary[0]]);
    }
    return LERAY_OK;
}

leray_status leray_axis_of_coordinates(const char *source, const char *name, const char *unit,
                                       int n, const double *x, const leray_boundary boundary[2],
                                       leray_axis *out)
{
    double extent = n > 1 ? fabs(x[n - 1] - x[0]) : 0, h = n > 1 ? extent / (n - 1) : 1;
    double low = n > 1 && x[n - 1] < x[0] ? x[n - 1] : x[0];
    bool periodic = boundary[0] == LERAY_PERIODIC, falling = n > 1 && x[1] < x[0], even;

    for (int j = 0; j < n; j++)
        LERAY_CHECK(isfinite(x[j]) && (j == 0 || (falling ? x[j] < x[j - 1] : x[j] > x[j - 1])),
                    LERAY_ERR_DATA,
                    "%s: coordinates along %s: %.9g at point %d does not go on from %.9g", source,
                    name, x[j], j, j ? x[j - 1] : 0);
    *out = (leray_axis){
        .name = name, .unit = unit, .n = n, .boundary = {boundary[0], boundary[1]}
    };
    even = are_even(n, x);
    if (falling || !even) {
        out->points = LERAY_AT_COORDINATES, out->coordinates = x;
        out->start = even && !periodic ? low - h / 2 : low;
        out->length = even || periodic ? extent + h : extent;
        return LERAY_OK;
    }
    out->points = periodic ? LERAY_AT_VERTICES : LERAY_AT_CENTRES;
    out->start = periodic ? x[0] : x[0] - h / 2;
    out->length = h * n;
    return LERAY_OK;
}

/* ---- checks ----------------------------------------------------------------------------- */

static leray_status check_coordinates(const leray_grid *grid, int axis)
{
    const leray_axis *a = &grid->axis[axis];
    const double *x = a->coordinates;
    double slack = EVEN * a->length;
    bool falling = a->n > 1 && x && x[1] < x[0];

    LERAY_CHECK(x, LERAY_ERR_ARG, "grid: axis %s has no coordinates",
                leray_grid_axis_name(grid, axis));
    for (int j = 0; j < a->n; j++) {
        bool inside = x[j] >= a->start - slack && x[j] <= a->start + a->length + slack;

        LERAY_CHECK(isfinite(x[j]) && (j == 0 || (falling ? x[j] < x[j - 1] : x[j] > x[j - 1])),
                    LERAY_ERR_ARG, "grid: coordinates along %s: %.9g at point %d does not go on",
                    leray_grid_axis_name(grid, axis), x[j], j);
        LERAY_CHECK(inside, LERAY_ERR_ARG, "grid: coordinate %.9g along %s is not in [%.9g, %.9g]",
                    x[j], leray_grid_axis_name(grid, axis), a->start, a->start + a->length);
    }
    return LERAY_OK;
}

static leray_status check_axis(const leray_grid *grid, int axis)
{
    const leray_axis *a = &grid->axis[axis];
    const char *name = leray_grid_axis_name(grid, axis);

    LERAY_CHECK(a->n >= 1 && a->n <= 1 << 24, LERAY_ERR_ARG,
                "grid: axis %s has %d points, allowed: 1 to %d", name, a->n, 1 << 24);
    LERAY_CHECK(a->length > 0 && isfinite(a->length) && isfinite(a->start), LERAY_ERR_ARG,
                "grid: axis %s from %g over %g, allowed: a finite length above 0", name, a->start,
                a->length);
    for (int s = 0; s < 2; s++)
        LERAY_CHECK((unsigned)a->boundary[s] <= LERAY_POLE, LERAY_ERR_ARG,
                    "grid: boundary %d of axis %s, allowed: 0 to %d", (int)a->boundary[s], name,
                    LERAY_POLE);
    LERAY_CHECK((a->boundary[0] == LERAY_PERIODIC) == (a->boundary[1] == LERAY_PERIODIC),
                LERAY_ERR_ARG, "grid: axis %s is periodic on one side only", name);
    LERAY_CHECK(a->points == LERAY_AT_VERTICES || a->points == LERAY_AT_CENTRES ||
                    a->points == LERAY_AT_COORDINATES,
                LERAY_ERR_ARG, "grid: axis %s: points %d, allowed: 0 to 2", name, (int)a->points);
    return a->points == LERAY_AT_COORDINATES ? check_coordinates(grid, axis) : LERAY_OK;
}

leray_status leray_grid_check(const leray_grid *grid)
{
    LERAY_CHECK(grid->ndim >= 1 && grid->ndim <= LERAY_AXES, LERAY_ERR_ARG,
                "grid: %d axes, allowed: 1 to %d", grid->ndim, LERAY_AXES);
    LERAY_CHECK(grid->kind == LERAY_BOX || (grid->kind == LERAY_SPHERE && grid->ndim >= 2),
                LERAY_ERR_ARG, "grid: kind %d in %d dimensions; a sphere has at least 2",
                (int)grid->kind, grid->ndim);
    for (int a = 0; a < grid->ndim; a++) LERAY_TRY(check_axis(grid, a));
    for (size_t i = 0; grid->weights && i < leray_grid_points(grid); i++)
        LERAY_CHECK(grid->weights[i] >= 0 && isfinite(grid->weights[i]), LERAY_ERR_ARG,
                    "grid: point %zu has the weight %g, allowed: at least 0", i, grid->weights[i]);
    return LERAY_OK;
}

static bool same_axis(const leray_grid *a, const leray_grid *b, int axis)
{
    const leray_axis *p = &a->axis[axis], *q = &b->axis[axis];
    double slack = 1e-6 * p->length;
    bool same = p->n == q->n && p->boundary[0] == q->boundary[0] &&
                p->boundary[1] == q->boundary[1] && fabs(p->length - q->length) <= slack;

    for (int j = 0; same && j < p->n; j++)
        same = fabs(leray_grid_coordinate(a, axis, j) - leray_grid_coordinate(b, axis, j)) <= slack;
    return same;
}

static bool same_mask(const leray_grid *a, const leray_grid *b)
{
    size_t points = leray_grid_points(a);

    if (!a->mask && !b->mask) return true;
    for (size_t i = 0; i < points; i++)
        if ((!a->mask || a->mask[i]) != (!b->mask || b->mask[i])) return false;
    return true;
}

int leray_grid_same(const leray_grid *a, const leray_grid *b)
{
    bool same = a->kind == b->kind && a->ndim == b->ndim;

    for (int axis = 0; same && axis < a->ndim; axis++) same = same_axis(a, b, axis);
    return same && same_mask(a, b);
}

static leray_status compare_axis(const leray_grid *a, const char *here, const leray_grid *b,
                                 const char *there, int axis, leray_status status)
{
    const leray_axis *p = &a->axis[axis], *q = &b->axis[axis];
    const char *name = leray_grid_axis_name(a, axis);

    if (same_axis(a, b, axis)) return LERAY_OK;
    LERAY_CHECK(p->n == q->n, status, "axis %s of %s has %d points, that of %s %d", name, here,
                p->n, there, q->n);
    for (int s = 0; s < 2; s++)
        LERAY_CHECK(p->boundary[s] == q->boundary[s], status,
                    "the boundary along %s is %s in %s, and %s in %s", name,
                    leray_boundary_names[p->boundary[s]], here,
                    leray_boundary_names[q->boundary[s]], there);
    LERAY_FAIL(status,
               "axis %s of %s goes from %.9g over %.9g (%s), that of %s from %.9g over %.9g (%s)",
               name, here, p->start, p->length, leray_points_names[p->points], there, q->start,
               q->length, leray_points_names[q->points]);
}

leray_status leray_grid_compare(const leray_grid *a, const char *here, const leray_grid *b,
                                const char *there, leray_status status)
{
    LERAY_CHECK(a->ndim == b->ndim, status, "%s has %d dimensions, %s %d", here, a->ndim, there,
                b->ndim);
    LERAY_CHECK(a->kind == b->kind, status, "%s is on a %s, %s on a %s", here,
                leray_grid_kind_names[a->kind], there, leray_grid_kind_names[b->kind]);
    for (int axis = 0; axis < a->ndim; axis++)
        LERAY_TRY(compare_axis(a, here, b, there, axis, status));
    LERAY_CHECK(same_mask(a, b), status, "%s and %s have different masks", here, there);
    return LERAY_OK;
}

/* ---- weights ---------------------------------------------------------------------------- */

/* What point j of an axis stands for: up to the middle of the way to its neighbours, and to the ends. */
static double width(const leray_grid *grid, int axis, int j)
{
    const leray_axis *a = &grid->axis[axis];
    bool periodic = leray_grid_is_periodic(grid, axis), falling;
    double x = leray_grid_coordinate(grid, axis, j), ends[2] = {a->start, a->start + a->length},
           edge[2];
    double first = leray_grid_coordinate(grid, axis, 0);
    double last = leray_grid_coordinate(grid, axis, a->n - 1);

    falling = last < first;
    for (int s = 0; s < 2; s++) {
        int k = s == 0 ? j - 1 : j + 1;
        double sign = (s == 0) == falling ? 1 : -1; /* towards larger coordinates: 1 */

        if (k >= 0 && k < a->n) edge[s] = (x + leray_grid_coordinate(grid, axis, k)) / 2;
        else if (periodic) edge[s] = (x + (s == 0 ? last : first) + sign * a->length) / 2;
        else edge[s] = ends[sign > 0];
    }
    if (grid->kind == LERAY_SPHERE && axis == grid->ndim - 2)
        return fabs(sin(edge[1] * M_PI / 180) - sin(edge[0] * M_PI / 180));
    return fabs(edge[1] - edge[0]);
}

static bool is_uniform(const leray_grid *grid)
{
    bool uniform = !grid->mask && !grid->weights && grid->kind == LERAY_BOX;

    for (int a = 0; uniform && a < grid->ndim; a++) {
        double one = width(grid, a, 0);

        for (int j = 1; uniform && j < grid->axis[a].n; j++)
            uniform = fabs(width(grid, a, j) - one) <= 2e-3 * one && leray_grid_is_even(grid, a);
    }
    return uniform;
}

static double weight_of(const leray_grid *grid, size_t point)
{
    double w = 1;

    if (grid->mask && !grid->mask[point]) return 0;
    if (grid->weights) return grid->weights[point];
    for (int a = grid->ndim - 1; a >= 0; a--) {
        w *= width(grid, a, (int)(point % (size_t)grid->axis[a].n));
        point /= (size_t)grid->axis[a].n;
    }
    return w;
}

int leray_grid_fill_weights(const leray_grid *grid, double *weight)
{
    size_t points = leray_grid_points(grid), counted = 0;
    bool uniform = is_uniform(grid);
    double sum = 0;

    if (!weight) return uniform;
    for (size_t i = 0; i < points; i++) {
        weight[i] = uniform ? 1 : weight_of(grid, i);
        sum += weight[i];
        counted += !grid->mask || grid->mask[i];
    }
    for (size_t i = 0; !uniform && sum > 0 && i < points; i++) weight[i] *= (double)counted / sum;
    return uniform;
}

/* ---- copies ----------------------------------------------------------------------------- */

static size_t text_size(const char *text) { return text ? strlen(text) + 1 : 0; }

static char *put(char **at, const void *bytes, size_t size)
{
    char *to = *at;

    if (size == 0) return NULL;
    memcpy(to, bytes, size);
    *at += size;
    return to;
}

leray_status leray_grid_copy(const leray_grid *from, leray_grid *to)
{
    size_t points = leray_grid_points(from), size = 1;
    char *block, *at;

    memset(to, 0, sizeof *to);
    if (from->weights) size += points * sizeof *from->weights;
    if (from->mask) size += points;
    for (int a = 0; a < from->ndim; a++) {
        size += text_size(from->axis[a].name) + text_size(from->axis[a].unit);
        if (from->axis[a].coordinates) size += (size_t)from->axis[a].n * sizeof(double);
    }
    LERAY_TRY(LERAY_ALLOC(&block, size));
    *to = *from;
    to->owned = at = block;
    if (from->weights)
        to->weights = (double *)(void *)put(&at, from->weights, points * sizeof *from->weights);
    for (int a = 0; a < from->ndim; a++)
        if (from->axis[a].coordinates)
            to->axis[a].coordinates = (double *)(void *)put(
                &at, from->axis[a].coordinates, (size_t)from->axis[a].n * sizeof(double));
    if (from->mask) to->mask = (unsigned char *)put(&at, from->mask, points);
    for (int a = 0; a < from->ndim; a++) {
        to->axis[a].name = put(&at, from->axis[a].name, text_size(from->axis[a].name));
        to->axis[a].unit = put(&at, from->axis[a].unit, text_size(from->axis[a].unit));
    }
    return LERAY_OK;
}

void leray_grid_fini(leray_grid *grid)
{
    leray_mem_free(grid->owned);
    memset(grid, 0, sizeof *grid);
}
