/* solvers/pseudospectral/engine/sweep_columns.h - the column pass in one precision; included by sweeps_f64.c and
   sweeps_f32.c, which define REAL, COMPLEX, BLOCK (columns in a cache line), FORWARD and INVERSE.

   Lines along the slow axis are gathered from the planes BLOCK columns at a time, transformed,
   worked on and put back. */

/* Gathers BLOCK columns: out[i * line + r] = in[r * stride + i]. */
static inline void gather(int rows, const COMPLEX *restrict in, size_t stride, size_t line,
                          COMPLEX *restrict out)
{
    for (size_t r = 0; r < (size_t)rows; r++)
        for (size_t i = 0; i < BLOCK; i++) out[i * line + r] = in[r * stride + i];
}

static inline void scatter(int rows, const COMPLEX *restrict in, size_t line, size_t stride,
                           COMPLEX *restrict out)
{
    for (size_t r = 0; r < (size_t)rows; r++)
        for (size_t i = 0; i < BLOCK; i++) out[r * stride + i] = in[i * line + r];
}

/* Views of a thread's scratch. */
typedef struct column_space {
    double complex *in[LERAY_PASS_FIELDS], *out[LERAY_PASS_FIELDS]; /* [pitch of the box] */
    COMPLEX *line;                                                  /* [line] */
    COMPLEX *gathered;                                              /* [fields, BLOCK, line] */
} column_space;

static size_t columns_scratch(const leray_transforms *p)
{
    size_t fields = (size_t)p->fields, line = (size_t)p->line[0];

    return 2 * fields * (size_t)p->box->pitch * sizeof(double complex) +
           (1 + fields * BLOCK) * line * sizeof(COMPLEX);
}

static void view_columns(const leray_transforms *p, int thread, column_space *w)
{
    void *scratch = p->scratch + (size_t)thread * p->scratch_size;
    double complex *at = scratch;

    for (int f = 0; f < p->fields; f++, at += p->box->pitch) w->in[f] = at;
    for (int f = 0; f < p->fields; f++, at += p->box->pitch) w->out[f] = at;
    w->line = (COMPLEX *)at;
    w->gathered = w->line + p->line[0];
}

/* x wavenumber x here of row m of the first plane of `rank`. */
static COMPLEX *in_planes(const leray_transforms *p, int rank, int f, int m, int x)
{
    size_t before = (size_t)p->plane[rank], planes = (size_t)p->plane[rank + 1] - before;
    size_t plane = (size_t)p->fields * before + (size_t)f * planes;

    return (COMPLEX *)p->there +
           (plane * (size_t)p->box->rows[1] + (size_t)m) * (size_t)p->width[p->rank] + x;
}

static void move_planes(const leray_transforms *p, int f, int m, int x, bool out, COMPLEX *lines)
{
    size_t stride = (size_t)p->width[p->rank] * (size_t)p->box->rows[1];
    size_t line = (size_t)p->line[0];

    for (int r = 0; r < p->ranks; r++) {
        int first = p->plane[r], count = p->plane[r + 1] - first;
        COMPLEX *planes = in_planes(p, r, f, m, x);

        if (out) scatter(count, lines + first, line, stride, planes);
        else gather(count, planes, stride, line, lines + first);
    }
}

/* The phases of the grid moved by half a cell. */
static void shift(const leray_transforms *p, const leray_column *c, bool back,
                  double complex *restrict rows)
{
    double complex of_column = p->move[1][leray_box_row(p->box, 1, c->m)] * p->move[2][c->i];
    const double complex *of_row = p->move[0];

    for (int r = 0; r < p->box->rows[0]; r++) {
        double complex phase = of_column * of_row[r];

        rows[r] *= back ? conj(phase) : phase;
    }
}

/* After the forward transform: the rows that are kept, scaled. */
static void keep_rows(const leray_transforms *p, const leray_column *c,
                      const COMPLEX *restrict line, double complex *restrict out)
{
    int top = c->top, all = p->box->top[0];
    double scale = 1.0 / (double)leray_box_points(p->box);
    const REAL *low = (const REAL *)line, *high = (const REAL *)(line + p->box->n[0] - all);
    double *to = (double *)out, *to_high = (double *)(out + all + 1);

    for (int r = 0; r < 2 * (all + 1); r++) to[r] = scale * (double)low[r];
    for (int r = 0; r < 2 * all; r++) to_high[r] = scale * (double)high[r];
    for (int r = top + 1; r <= all; r++) out[r] = out[2 * all + 1 - r] = 0;
}

/* Before the inverse transform. */
static void widen_rows(const leray_transforms *p, const leray_column *c,
                       const double complex *restrict rows, COMPLEX *restrict line)
{
    int top = c->top, all = p->box->top[0], n = p->box->n[0];
    const double *low = (const double *)rows;
    const double *high = (const double *)(rows + 2 * all + 1 - top);
    REAL *to = (REAL *)line, *to_high = (REAL *)(line + n - top);

    for (int r = 0; r < 2 * (top + 1); r++) to[r] = (REAL)low[r];
    memset(line + top + 1, 0, (size_t)(n - 2 * top - 1) * sizeof *line);
    for (int r = 0; r < 2 * top; r++) to_high[r] = (REAL)high[r];
}

/* Column i of the gathered ones. */
static void one_column(leray_transforms *p, const leray_column_pass *pass, const leray_column *c,
                       int i, column_space *w)
{
    size_t line = (size_t)p->line[0];

    for (int f = 0; f < pass->in; f++) {
        FORWARD(p->fft[0], w->gathered + ((size_t)f * BLOCK + (size_t)i) * line, w->line);
        keep_rows(p, c, w->line, w->in[f]);
        if (pass->in_moved) shift(p, c, true, w->in[f]);
    }
    pass->work(pass->self, c, w->in, w->out);
    for (int f = 0; f < pass->out; f++) {
        if (pass->out_moved) shift(p, c, false, w->out[f]);
        widen_rows(p, c, w->out[f], w->line);
        INVERSE(p->fft[0], w->line, w->gathered + ((size_t)f * BLOCK + (size_t)i) * line);
    }
}

static void no_column(const leray_transforms *p, const leray_column_pass *pass, int i,
                      column_space *w)
{
    size_t line = (size_t)p->line[0];

    for (int f = 0; f < pass->out; f++)
        memset(w->gathered + ((size_t)f * BLOCK + (size_t)i) * line, 0, line * sizeof *w->line);
}

static void sweep_columns(leray_transforms *p, const leray_column_pass *pass, int block, int thread)
{
    const leray_box *b = p->box;
    int m = block % b->rows[1], x = block / b->rows[1] * BLOCK;
    size_t step = BLOCK * (size_t)p->line[0];
    column_space w;

    view_columns(p, thread, &w);
    for (int f = 0; f < pass->in; f++)
        move_planes(p, f, m, x, false, w.gathered + (size_t)f * step);
    for (int i = 0; i < BLOCK && x + i < b->count_x; i++) {
        leray_column c = leray_box_column(b, (x + i) * b->rows[1] + m, thread);

        if (c.top < 0) no_column(p, pass, i, &w);
        else one_column(p, pass, &c, i, &w);
    }
    for (int f = 0; f < pass->out; f++)
        move_planes(p, f, m, x, true, w.gathered + (size_t)f * step);
}
