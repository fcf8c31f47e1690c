/* tensor/algorithms/conv.c - see tensor/algorithms/conv.h.

   Work is cut by shapes alone: `down` into tiles of windows, `up` into blocks of channels of one
   sample, each written by one thread, `weights` into runs of tiles whose sums are added in order. */
#include "tensor/algorithms/conv.h"

#include "tensor/algorithms/winograd.h"

#define ROWS 144          /* of columns in a block of `up`, about */
#define RUNS 32           /* partial sums of a weight gradient, at most .. */
#define PARTIAL (1 << 24) /* .. and their elements, unless one run has more */
#define WIDE 192          /* windows in a tile, by what its columns take in cache */
#define MEDIUM 96
#define NARROW 48

static size_t of(int a, int b) { return (size_t)a * (size_t)b; }

static void *at(const leray_conv *c, const void *p, size_t i) { return leray_at(c->dtype, p, i); }

void leray_conv_prepare(leray_conv *c)
{
    const leray_conv_windows *w = &c->windows;

    c->depth = c->channels / c->groups * w->kernel[0] * w->kernel[1] * w->kernel[2];
    c->points = w->grid[0] * w->grid[1] * w->grid[2];
    c->count = w->windows[0] * w->windows[1] * w->windows[2];
    c->tile = c->depth <= 160 ? WIDE : c->depth <= 640 ? MEDIUM : NARROW;
    /* Rows an odd number of cache lines apart do not fight for one set. */
    c->ld = c->tile == NARROW ? NARROW : c->tile + 16;
    c->tiles = (c->count + c->tile - 1) / c->tile;
}

static int filters_of(const leray_conv *c) { return c->filters / c->groups; }

static size_t weights_of(const leray_conv *c) { return of(c->filters, c->depth); }

/* Channels in a block of `up`, and blocks of a group. */
static int block_of(const leray_conv *c, int *blocks)
{
    int channels = c->channels / c->groups, elements = c->depth / channels;
    int block = elements < ROWS ? ROWS / elements : 1;

    block = block < channels ? block : channels;
    *blocks = (channels + block - 1) / block;
    return block;
}

static int runs_of(const leray_conv *c)
{
    size_t most = PARTIAL / weights_of(c), runs = of(c->batch, c->tiles) / 4;

    runs = runs < most ? runs : most;
    runs = runs < RUNS ? runs : RUNS;
    return runs > 1 ? (int)runs : 1;
}

/* Elements that one thread works in. */
static size_t local_of(const leray_conv *c) { return of(c->depth + filters_of(c), c->ld); }

size_t leray_conv_scratch(const leray_conv *c)
{
    size_t columns = leray_dtype_size(c->dtype) *
                     ((size_t)leray_threads() * local_of(c) + (size_t)runs_of(c) * weights_of(c));
    size_t winograd = leray_winograd_fits(c) ? leray_winograd_scratch(c) : 0;

    return columns > winograd ? columns : winograd;
}

static void *my_local(const leray_conv *c, void *scratch)
{
    return at(c, scratch, (size_t)omp_get_thread_num() * local_of(c));
}

/* The windows of a tile; returns the first. */
static int tile_at(const leray_conv *c, int tile, int *size)
{
    int first = tile * c->tile;

    *size = c->count - first < c->tile ? c->count - first : c->tile;
    return first;
}

static const void *gather(const leray_conv *c, const void *x, int b, int group, int first, int size,
                          void *columns)
{
    int channels = c->channels / c->groups;

    c->kernels->gather(&c->windows, channels,
                       at(c, x, of(b * c->channels + group * channels, c->points)), (size_t)first,
                       size, columns, c->ld);
    return columns;
}

static int down_tile(const leray_conv *c, const void *w, const void *bias, const void *x, void *y,
                     bool adds, int item, void *local)
{
    int b = item / c->tiles, m = filters_of(c), size, failed = 0;
    int first = tile_at(c, item % c->tiles, &size);
    void *rows = at(c, local, of(c->depth, c->ld));

    for (int g = 0; g < c->groups; g++) {
        const void *columns = gather(c, x, b, g, first, size, local);
        void *to = at(c, y, of(b * c->filters + g * m, c->count) + (size_t)first);

        failed |= c->kernels->gemm('N', 'N', m, size, c->depth, 1, at(c, w, of(g * m, c->depth)),
                                   c->depth, columns, c->ld, 0, rows, c->ld);
        if (bias && !adds)
            c->kernels->bias(m, size, at(c, bias, (size_t)(g * m)), rows, c->ld, to,
                             (size_t)c->count);
        else
            for (int r = 0; r < m; r++)
                c->kernels->scale((size_t)size, 1, at(c, rows, of(r, c->ld)),
                                  at(c, to, of(r, c->count)), adds);
    }
    return failed;
}

int leray_conv_down(const leray_conv *c, const void *w, const void *bias, const void *x, void *y,
                    bool adds, void *scratch)
{
    int failed = 0, items = c->batch * c->tiles;

    if (leray_winograd_fits(c)) return leray_winograd_down(c, w, bias, x, y, adds, scratch);
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++)
        failed |= down_tile(c, w, bias, x, y, adds, item, my_local(c, scratch));
    return failed;
}

/* All that reaches channels first .. first + n of sample b; first counts from the start of its
   group. */
static int up_block(const leray_conv *c, const void *w, const void *y, void *x, int b, int group,
                    int first, int n, void *columns)
{
    int channels = c->channels / c->groups, elements = c->depth / channels, m = filters_of(c);
    int failed = 0;

    for (int tile = 0; tile < c->tiles; tile++) {
        int size, o = tile_at(c, tile, &size);

        failed |=
            c->kernels->gemm('T', 'N', n * elements, size, m, 1,
                             at(c, w, of(group * m, c->depth) + of(first, elements)), c->depth,
                             at(c, y, of(b * c->filters + group * m, c->count) + (size_t)o),
                             c->count, 0, columns, c->ld);
        c->kernels->scatter(&c->windows, n, columns, c->ld, (size_t)o, size, x);
    }
    return failed;
}

int leray_conv_up(const leray_conv *c, const void *w, const void *bias, const void *y, void *x,
                  bool adds, void *scratch)
{
    int failed = 0, blocks, size = block_of(c, &blocks), channels = c->channels / c->groups;
    int items = c->batch * c->groups * blocks;

    if (leray_winograd_fits_up(c)) return leray_winograd_up(c, w, bias, y, x, adds, scratch);
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int item = 0; item < items; item++) {
        int first = item % blocks * size, n = channels - first < size ? channels - first : size;
        int group = item / blocks % c->groups, b = item / blocks / c->groups;
        int channel = group * channels + first;
        void *to = at(c, x, of(b * c->channels + channel, c->points));

        if (!adds) c->kernels->fill(of(n, c->points), 0, to, false);
        failed |= up_block(c, w, y, to, b, group, first, n, my_local(c, scratch));
        for (int i = 0; bias && i < n; i++)
            c->kernels->bias(1, c->points, at(c, bias, (size_t)(channel + i)),
                             at(c, to, of(i, c->points)), 0, at(c, to, of(i, c->points)), 0);
    }
    return failed;
}

static int weights_tile(const leray_conv *c, const void *x, const void *y, int item, bool adds,
                        void *partial, void *local)
{
    int b = item / c->tiles, m = filters_of(c), size, failed = 0;
    int first = tile_at(c, item % c->tiles, &size);

    for (int g = 0; g < c->groups; g++) {
        const void *columns = gather(c, x, b, g, first, size, local);

        failed |= c->kernels->gemm('N', 'T', m, c->depth, size, 1,
                                   at(c, y, of(b * c->filters + g * m, c->count) + (size_t)first),
                                   c->count, columns, c->ld, adds,
                                   at(c, partial, of(g * m, c->depth)), c->depth);
    }
    return failed;
}

typedef struct partials {
    const leray_conv *conv;
    const void *partial;
    void *gw;
    int runs;
    bool adds;
} partials;

static void add_piece(void *data, size_t first, size_t count)
{
    const partials *p = data;
    const leray_conv *c = p->conv;

    for (int run = 0; run < p->runs; run++)
        c->kernels->scale(count, 1, at(c, p->partial, (size_t)run * weights_of(c) + first),
                          at(c, p->gw, first), p->adds || run > 0);
}

int leray_conv_weights(const leray_conv *c, const void *x, const void *y, void *gw, bool adds,
                       void *scratch)
{
    int failed = 0, items = c->batch * c->tiles;
    void *partial = at(c, scratch, (size_t)leray_threads() * local_of(c));
    partials p = {c, partial, gw, runs_of(c), adds};

    if (leray_winograd_fits(c)) return leray_winograd_weights(c, x, y, gw, adds, scratch);
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
    for (int run = 0; run < p.runs; run++) {
        int first = (int)(of(items, run) / (size_t)p.runs);
        int last = (int)(of(items, run + 1) / (size_t)p.runs);

        for (int item = first; item < last; item++)
            failed |=
                weights_tile(c, x, y, item, item > first,
                             at(c, partial, (size_t)run * weights_of(c)), my_local(c, scratch));
    }
    leray_over_pieces(weights_of(c), add_piece, &p);
    return failed;
}
