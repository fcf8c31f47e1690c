/* tensor/algorithms/winograd.c - see tensor/algorithms/winograd.h.

   Work is cut into strips: rows of tiles, through the samples one after the other, few enough that
   their transforms stay in cache; on coarse grids one strip takes the rows of several samples, for a
   product with few columns would wait for the weights. Strips and blocks of filters make the
   pieces of work. A gradient of weights is summed up over runs of strips, and these in order. */
#include "tensor/algorithms/winograd.h"

#define RUNS 32 /* as in tensor/algorithms/conv.c */
#define PARTIAL (1 << 24)
#define FEWEST 16  /* channels or filters, below which the transforms cost what they save */
#define BLOCK 256  /* filters; each block transforms the field again */
#define APART 16   /* elements between planes that would else fight for one set of the cache */
#define FILTERS 16 /* whose weights are transformed together */

typedef struct plan {
    const leray_kernels *kernels;
    leray_dtype dtype;
    leray_conv_windows windows;
    int batch, in, out; /* channels of the field that is read, and of the result */
    int across, down;   /* tiles of a sample */
    int rows, strips;   /* rows of tiles in a strip */
    int blocks;
    int ld, runs;
    size_t plane, plane_in, plane_out; /* of weights, of both fields in a strip */
} plan;

/* A piece of work: rows of tiles first .. first + rows, filters o .. o + filters. */
typedef struct piece {
    int first, rows, o, filters;
} piece;

static size_t of(int a, int b) { return (size_t)a * (size_t)b; }

static void *at(const plan *p, const void *x, size_t i) { return leray_at(p->dtype, x, i); }

static int smaller(int a, int b) { return a < b ? a : b; }

static plan plan_of(const leray_conv *c, bool up)
{
    plan p = {.kernels = c->kernels, .dtype = c->dtype, .windows = c->windows, .batch = c->batch};
    leray_conv_windows *w = &p.windows;
    int most, tiles;
    size_t runs;

    p.in = up ? c->filters : c->channels;
    p.out = up ? c->channels : c->filters;
    for (int d = 1; up && d < 3; d++) {
        w->grid[d] = c->windows.windows[d];
        w->windows[d] = c->windows.grid[d];
        w->before[d] = 2 - c->windows.before[d];
    }
    p.across = (w->windows[2] + 1) / 2;
    p.down = (w->windows[1] + 1) / 2;
    most = p.in > p.out ? p.in : p.out;
    tiles = most <= 32 ? 128 : most <= 64 ? 96 : 64;
    p.rows = tiles / p.across;
    p.rows = p.rows < 1 ? 1 : smaller(p.rows, p.batch * p.down);
    p.strips = (p.batch * p.down + p.rows - 1) / p.rows;
    p.blocks = (p.out + BLOCK - 1) / BLOCK;
    /* Rows an odd number of cache lines apart do not fight for one set. */
    p.ld = ((p.rows * p.across + 15) / 16 | 1) * 16;
    p.plane = of(p.in, p.out) + APART;
    p.plane_in = of(p.in, p.ld) + APART;
    p.plane_out = of(smaller(p.out, BLOCK), p.ld) + APART;
    runs = (size_t)(p.strips < 4 ? p.strips : p.strips / 2);
    runs = runs < PARTIAL / (16 * p.plane) ? runs : PARTIAL / (16 * p.plane);
    p.runs = runs < 1 ? 1 : runs < RUNS ? (int)runs : RUNS;
    return p;
}

bool leray_winograd_fits(const leray_conv *c)
{
    const leray_conv_windows *w = &c->windows;
    bool fits = c->groups == 1 && w->kernel[0] == 1 && w->grid[0] == 1 && w->windows[0] == 1;

    for (int d = 1; d < 3; d++)
        fits &= w->kernel[d] == 3 && w->stride[d] == 1 && w->dilation[d] == 1;
    return fits && c->channels >= FEWEST && c->filters >= FEWEST;
}

/* The adjoint of a periodic edge is one if windows and points go together; that of a replicated
   edge is not a convolution. */
bool leray_winograd_fits_up(const leray_conv *c)
{
    const leray_conv_windows *w = &c->windows;
    bool same = w->windows[1] == w->grid[1] && w->windows[2] == w->grid[2];

    return leray_winograd_fits(c) &&
           (w->edge == LERAY_EDGE_ZERO || (w->edge == LERAY_EDGE_PERIODIC && same));
}

/* Elements that one thread works in: both transforms, and rows on their way. */
static size_t local_of(const plan *p)
{
    return 16 * (p->plane_in + p->plane_out) + 9 * (size_t)(2 * p->across + 2);
}

static size_t scratch_of(const leray_conv *c, bool up)
{
    plan p = plan_of(c, up);
    size_t tables = up ? 1 : (size_t)p.runs;

    return leray_dtype_size(c->dtype) *
           ((size_t)leray_threads() * local_of(&p) + tables * 16 * p.plane);
}

size_t leray_winograd_scratch(const leray_conv *c)
{
    size_t down = scratch_of(c, false), up = scratch_of(c, true);

    return down > up ? down : up;
}

/* The scratch of this thread: two sets of planes and room for rows. */
typedef struct local {
    void *v, *m, *room;
} local;

static local my_local(const plan *p, void *scratch)
{
    local l;

    l.v = at(p, scratch, (size_t)omp_get_thread_num() * local_of(p));
    l.m = at(p, l.v, 16 * p->plane_in);
    l.room = at(p, l.m, 16 * p->plane_out);
    return l;
}

static piece piece_at(const plan *p, int strip, int block)
{
    piece w = {.first = strip * p->rows, .o = block * BLOCK};

    w.rows = smaller(p->rows, p->batch * p->down - w.first);
    w.filters = smaller(BLOCK, p->out - w.o);
    return w;
}

/* Rows of one sample, the first of those that begin at `row` of a piece. */
typedef struct part {
    int sample, first, rows;
} part;

static part part_at(const plan *p, const piece *w, int row)
{
    part r = {(w->first + row) / p->down, (w->first + row) % p->down, 0};

    r.rows = smaller(p->down - r.first, w->rows - row);
    return r;
}

static void transform_in(const plan *p, const void *x, const piece *w, const local *l)
{
    size_t points = of(p->windows.grid[1], p->windows.grid[2]);
    part r;

    for (int row = 0; row < w->rows; row += r.rows) {
        r = part_at(p, w, row);
        p->kernels->winograd_input(&p->windows, p->in, at(p, x, of(r.sample, p->in) * points),
                                   r.first, r.rows, at(p, l->v, of(row, p->across)), p->plane_in,
                                   p->ld, l->room);
    }
}

/* The fields of the piece's filters in a sample of y [batch, out, ..]. */
static void *filters_at(const plan *p, const void *y, const piece *w, int sample)
{
    size_t points = of(p->windows.windows[1], p->windows.windows[2]);

    return at(p, y, (of(sample, p->out) + (size_t)w->o) * points);
}

static void transform_out(const plan *p, const void *bias, void *y, bool adds, const piece *w,
                          const local *l)
{
    const void *shift = bias ? at(p, bias, (size_t)w->o) : NULL;
    part r;

    for (int row = 0; row < w->rows; row += r.rows) {
        r = part_at(p, w, row);
        p->kernels->winograd_output(&p->windows, w->filters, at(p, l->m, of(row, p->across)),
                                    p->plane_out, p->ld, r.first, r.rows, shift,
                                    filters_at(p, y, w, r.sample), adds, l->room);
    }
}

static int multiply(const plan *p, const void *u, const piece *w, const local *l)
{
    int failed = 0;

    for (size_t k = 0; k < 16; k++)
        failed |= p->kernels->gemm('N', 'N', w->filters, w->rows * p->across, p->in, 1,
                                   at(p, u, k * p->plane + of(w->o, p->in)), p->in,
                                   at(p, l->v, k * p->plane_in), p->ld, 0,
                                   at(p, l->m, k * p->plane_out), p->ld);
    return failed;
}

static void transform_weights(const plan *p, bool up, const void *w, void *u)
{
    size_t row = 9 * (size_t)(up ? 1 : p->in), column = 9 * (size_t)(up ? p->out : 1);

#pragma omp parallel for schedule(static)
    for (int o = 0; o < p->out; o += FILTERS)
        p->kernels->winograd_weights(smaller(FILTERS, p->out - o), p->in, at(p, w, (size_t)o * row),
                                     row, column, up, at(p, u, of(o, p->in)), p->plane);
}

/* The convolution of x [batch, in, ..] to y [batch, out, ..]; w is [out, in, 3, 3], or [in, out, 3,
   3] and turned around where `up`. */
static int convolve(const plan *p, bool up, const void *w, const void *bias, const void *x, void *y,
                    bool adds, void *scratch)
{
    int failed = 0;
    void *u = at(p, scratch, (size_t)leray_threads() * local_of(p));

    transform_weights(p, up, w, u);
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < p->strips * p->blocks; item++) {
        piece work = piece_at(p, item / p->blocks, item % p->blocks);
        local l = my_local(p, scratch);

        transform_in(p, x, &work, &l);
        failed |= multiply(p, u, &work, &l);
        transform_out(p, bias, y, adds, &work, &l);
    }
    return failed;
}

int leray_winograd_down(const leray_conv *c, const void *w, const void *bias, const void *x,
                        void *y, bool adds, void *scratch)
{
    plan p = plan_of(c, false);

    return convolve(&p, false, w, bias, x, y, adds, scratch);
}

int leray_winograd_up(const leray_conv *c, const void *w, const void *bias, const void *y, void *x,
                      bool adds, void *scratch)
{
    plan p = plan_of(c, true);

    return convolve(&p, true, w, bias, y, x, adds, scratch);
}

static void transform_gradient(const plan *p, const void *gy, const piece *w, const local *l)
{
    part r;

    for (int row = 0; row < w->rows; row += r.rows) {
        r = part_at(p, w, row);
        p->kernels->winograd_gradient(&p->windows, w->filters, filters_at(p, gy, w, r.sample),
                                      r.first, r.rows, at(p, l->m, of(row, p->across)),
                                      p->plane_out, p->ld, l->room);
    }
}

/* sum [16, out, in]: the rows of the piece's filters. */
static int weights_piece(const plan *p, const void *x, const void *gy, const piece *w, bool adds,
                         void *sum, local l)
{
    int failed = 0;

    transform_in(p, x, w, &l);
    transform_gradient(p, gy, w, &l);
    for (size_t k = 0; k < 16; k++)
        failed |= p->kernels->gemm('N', 'T', w->filters, p->in, w->rows * p->across, 1,
                                   at(p, l.m, k * p->plane_out), p->ld, at(p, l.v, k * p->plane_in),
                                   p->ld, adds, at(p, sum, k * p->plane + of(w->o, p->in)), p->in);
    return failed;
}

typedef struct partials {
    const plan *plan;
    void *sum; /* [runs, 16, out, in]; the first becomes the sum of all */
} partials;

static void add_piece(void *data, size_t first, size_t count)
{
    const partials *s = data;
    const plan *p = s->plan;

    for (int run = 1; run < p->runs; run++)
        p->kernels->scale(count, 1, at(p, s->sum, (size_t)run * 16 * p->plane + first),
                          at(p, s->sum, first), true);
}

int leray_winograd_weights(const leray_conv *c, const void *x, const void *y, void *gw, bool adds,
                           void *scratch)
{
    plan p = plan_of(c, false);
    int failed = 0;
    partials s = {&p, at(&p, scratch, (size_t)leray_threads() * local_of(&p))};

#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < p.runs * p.blocks; item++) {
        int run = item / p.blocks;
        int first = (int)(of(p.strips, run) / (size_t)p.runs);
        int last = (int)(of(p.strips, run + 1) / (size_t)p.runs);

        for (int strip = first; strip < last; strip++) {
            piece work = piece_at(&p, strip, item % p.blocks);

            failed |=
                weights_piece(&p, x, y, &work, strip > first,
                              at(&p, s.sum, (size_t)run * 16 * p.plane), my_local(&p, scratch));
        }
    }
    leray_over_pieces(16 * p.plane, add_piece, &s);
#pragma omp parallel for schedule(static)
    for (int o = 0; o < p.out; o++)
        p.kernels->winograd_weights_back(p.in, at(&p, s.sum, of(o, p.in)), p.plane,
                                         at(&p, gw, 9 * of(o, p.in)), adds);
    return failed;
}
