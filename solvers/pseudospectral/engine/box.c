/* solvers/pseudospectral/engine/box.c - see solvers/pseudospectral/engine/box.h. */
#include "solvers/pseudospectral/engine/box.h"

#include "core/mem.h"

#include <math.h>

#define TWO_PI 6.283185307179586477

/* The part of `total` things that rank `rank` of `size` gets: the first ranks get one more. */
static void share(int total, int size, int rank, int *first, int *count)
{
    int each = total / size, rest = total % size;

    *first = rank * each + (rank < rest ? rank : rest);
    *count = each + (rank < rest);
}

/* Largest |k| on an axis of n points. For phase-shift: (k/n)^2 < 2/9. */
static int largest(int n, leray_truncation truncation)
{
    int top;

    if (n == 1) return 0;
    if (truncation == LERAY_TWO_THIRDS) return (n - 1) / 3;
    if (truncation == LERAY_NO_TRUNCATION) return (n - 1) / 2;
    top = (int)(0.4714045207910317 * n);
    return top < (n - 1) / 2 ? top : (n - 1) / 2;
}

/* Largest s with (s/n0)^2 < 2/9 - (m/n1)^2 - (i/n2)^2; -1 if there is none. What is equal but for
   rounding is left out. */
static int largest_in_column(const leray_box *box, int m, int i)
{
    double b = (double)m / box->n[1], c = (double)i / box->n[2],
           rest = 2.0 / 9 - b * b - c * c - 1e-12;
    int s;

    if (box->truncation != LERAY_PHASE_SHIFT) return box->top[0];
    if (rest <= 0) return -1;
    s = (int)(sqrt(rest) * box->n[0]);
    return s < box->top[0] ? s : box->top[0];
}

int leray_box_row(const leray_box *box, int axis, int k) { return k < 0 ? k + box->rows[axis] : k; }

int leray_box_wavenumber(const leray_box *box, int axis, int row)
{
    return row <= box->top[axis] ? row : row - box->rows[axis];
}

static leray_status make_tables(leray_box *box)
{
    for (int a = 0; a < 3; a++) {
        LERAY_TRY(LERAY_ALLOC(&box->k[a], (size_t)(a == 0 ? box->pitch : box->rows[a])));
        for (int r = 0; r < box->rows[a]; r++)
            box->k[a][r] = TWO_PI / box->length[a] * (a == 2 ? r : leray_box_wavenumber(box, a, r));
    }
    LERAY_TRY(LERAY_ALLOC(&box->column_top, (size_t)(box->columns > 0 ? box->columns : 1)));
    for (int c = 0; c < box->columns; c++)
        box->column_top[c] = largest_in_column(box, leray_box_wavenumber(box, 1, c % box->rows[1]),
                                               box->first_x + c / box->rows[1]);
    return LERAY_OK;
}

static void set_axes(leray_box *box, const int *n, const double *length,
                     leray_truncation truncation)
{
    box->truncation = truncation;
    for (int a = 0; a < 3; a++) {
        int from = a == 2 ? box->ndim - 1 : a;
        bool absent = a == 1 && box->ndim == 2;

        box->n[a] = absent ? 1 : n[from];
        box->length[a] = absent ? 1 : length[from];
        box->top[a] = largest(box->n[a], truncation);
        box->rows[a] = (a == 2 ? 1 : 2) * box->top[a] + 1;
    }
    box->pitch = (box->rows[0] + 3) / 4 * 4;
}

leray_status leray_box_init(leray_box *box, int ndim, const int *n, const double *length,
                            leray_truncation truncation, const leray_comm *comm)
{
    int size = leray_comm_size(comm), most;

    *box = (leray_box){.ndim = ndim, .comm = comm};
    LERAY_CHECK(ndim == 2 || ndim == 3, LERAY_ERR_ARG, "%d dimensions are not 2 or 3", ndim);
    for (int a = 0; a < ndim; a++)
        LERAY_CHECK(n[a] >= 2 && n[a] <= 32768 && length[a] > 0, LERAY_ERR_ARG,
                    "axis %d: %d points are not in [2, 32768], or length %g is not positive", a,
                    n[a], length[a]);
    set_axes(box, n, length, truncation);
    most = box->n[0] < box->rows[2] ? box->n[0] : box->rows[2];
    LERAY_CHECK(
        size <= most, LERAY_ERR_CONFIG,
        "%d ranks are too many: the %d planes and %d wavenumbers along x of this grid can be "
        "divided among at most %d ranks; use several threads on each rank",
        size, box->n[0], box->rows[2], most);
    share(box->n[0], size, leray_comm_rank(comm), &box->first, &box->count);
    share(box->rows[2], size, leray_comm_rank(comm), &box->first_x, &box->count_x);
    box->columns = box->count_x * box->rows[1];
    return make_tables(box);
}

leray_status leray_box_init_like(leray_box *box, const leray_box *like, const int *n,
                                 leray_truncation truncation)
{
    double length[3] = {like->length[0], like->length[like->ndim == 3 ? 1 : 2], like->length[2]};
    int last = like->first_x + like->count_x;

    *box = (leray_box){.ndim = like->ndim, .comm = like->comm};
    set_axes(box, n, length, truncation);
    share(box->n[0], leray_comm_size(box->comm), leray_comm_rank(box->comm), &box->first,
          &box->count);
    /* The last rank also has what goes beyond `like`. */
    if (last == like->rows[2] || last > box->rows[2]) last = box->rows[2];
    box->first_x = like->first_x < last ? like->first_x : last;
    box->count_x = last - box->first_x;
    box->columns = box->count_x * box->rows[1];
    return make_tables(box);
}

void leray_box_fini(leray_box *box)
{
    for (int a = 0; a < 3; a++) {
        leray_mem_free(box->k[a]);
        box->k[a] = NULL;
    }
    leray_mem_free(box->column_top);
    box->column_top = NULL;
}

size_t leray_box_points(const leray_box *box)
{
    return (size_t)box->n[0] * (size_t)box->n[1] * (size_t)box->n[2];
}

leray_column leray_box_column(const leray_box *box, int index, int thread)
{
    int row = index % box->rows[1], i = box->first_x + index / box->rows[1];

    return (leray_column){
        .index = index,
        .i = i,
        .m = leray_box_wavenumber(box, 1, row),
        .kx = box->k[2][i],
        .km = box->k[1][row],
        .top = box->column_top[index],
        .n = box->rows[0],
        .ks = box->k[0],
        .weight = i == 0 ? 1 : 2,
        .thread = thread,
    };
}

int leray_box_find(const leray_box *box, int m, int i)
{
    if (i < box->first_x || i >= box->first_x + box->count_x) return -1;
    if (m < -box->top[1] || m > box->top[1]) return -1;
    return (i - box->first_x) * box->rows[1] + leray_box_row(box, 1, m);
}
