/* solvers/pseudospectral/engine/sweep_rows.h - the row pass in one precision; included as sweep_columns.h is, after
   it. VALUES_IN(n, from, to) and VALUES_OUT(n, from, to) give work its doubles and take them back.

   Two rows a and b of real values go through one complex transform: with A and B their coefficients,

       Z(k) = A(k) + i B(k),   Z(-k) = conj A(k) + i conj B(k)    <->    a + i b,

   of which only k <= top is filled in and taken out. In three dimensions a thread first transforms
   the lines along the middle axis of one plane of every field, which stays in its cache. */

/* Views of a thread's scratch. in and out hold the values of two rows; where REAL is not double,
   their doubles stand apart. */
typedef struct row_space {
    COMPLEX *z, *zero; /* [line of x], [pitch] */
    COMPLEX *in[LERAY_PASS_FIELDS], *out[LERAY_PASS_FIELDS];
    double *in_values[LERAY_PASS_FIELDS], *out_values[LERAY_PASS_FIELDS];
    COMPLEX *column, *line; /* three dimensions: [BLOCK, line of the middle axis], [that line] */
    COMPLEX *planes;        /* [fields, n1, pitch] */
} row_space;

static size_t rows_scratch(const leray_transforms *p)
{
    size_t fields = (size_t)p->fields, x = (size_t)p->line[2], m = (size_t)p->line[1];
    size_t planes = p->box->ndim == 3 ? fields * (size_t)p->box->n[1] * (size_t)p->pitch : 0;

    return ((1 + 2 * fields) * x + (size_t)p->pitch + (BLOCK + 1) * m + planes) * sizeof(COMPLEX) +
           2 * fields * x * 2 * sizeof(double);
}

static void view_rows(const leray_transforms *p, int thread, row_space *w)
{
    size_t x = (size_t)p->line[2];
    void *scratch = p->scratch + (size_t)thread * p->scratch_size;
    double *values = scratch;
    COMPLEX *at = (COMPLEX *)(values + 4 * x * (size_t)p->fields);

    w->z = at, at += x;
    w->zero = at, at += p->pitch;
    for (int f = 0; f < p->fields; f++) {
        w->in[f] = at, at += x;
        w->out[f] = at, at += x;
        w->in_values[f] = VALUES(w->in[f], values), values += 2 * x;
        w->out_values[f] = VALUES(w->out[f], values), values += 2 * x;
    }
    w->column = at, at += BLOCK * (size_t)p->line[1];
    w->line = at, at += p->line[1];
    w->planes = at;
    memset(w->zero, 0, (size_t)p->pitch * sizeof *w->zero);
}

/* The piece of rank r of row m of plane s here. */
static COMPLEX *piece(const leray_transforms *p, int r, int f, int s, int m)
{
    size_t planes = (size_t)p->box->count, rows = (size_t)p->box->rows[1];
    size_t plane = (size_t)f * planes + (size_t)s;

    return (COMPLEX *)p->here + (size_t)p->fields * planes * rows * (size_t)p->x_at[r] +
           (plane * rows + (size_t)m) * (size_t)p->width[r];
}

/* ---- the middle axis -------------------------------------------------------------------- */

static void middle_inverse(const leray_transforms *p, int f, int s, row_space *w)
{
    int n = p->box->n[1], top = p->box->top[1], rows = p->box->rows[1];
    size_t line = (size_t)p->line[1];

    for (int r = 0; r < p->ranks; r++)
        for (int x = 0; x < p->x_first[r + 1] - p->x_first[r]; x += BLOCK) {
            COMPLEX *to = w->planes + (size_t)f * (size_t)n * (size_t)p->pitch + p->x_at[r] + x;

            gather(rows, piece(p, r, f, s, 0) + x, (size_t)p->width[r], line, w->column);
            for (size_t i = 0; i < BLOCK; i++) {
                COMPLEX *column = w->column + i * line;

                memcpy(w->line, column, (size_t)(top + 1) * sizeof *column);
                memset(w->line + top + 1, 0, (size_t)(n - rows) * sizeof *column);
                memcpy(w->line + n - top, column + top + 1, (size_t)top * sizeof *column);
                INVERSE(p->fft[1], w->line, column);
            }
            scatter(n, w->column, line, (size_t)p->pitch, to);
        }
}

static void middle_forward(const leray_transforms *p, int f, int s, row_space *w)
{
    int n = p->box->n[1], top = p->box->top[1], rows = p->box->rows[1];
    size_t line = (size_t)p->line[1];

    for (int r = 0; r < p->ranks; r++)
        for (int x = 0; x < p->x_first[r + 1] - p->x_first[r]; x += BLOCK) {
            COMPLEX *from = w->planes + (size_t)f * (size_t)n * (size_t)p->pitch + p->x_at[r] + x;

            gather(n, from, (size_t)p->pitch, line, w->column);
            for (size_t i = 0; i < BLOCK; i++) {
                COMPLEX *column = w->column + i * line;

                FORWARD(p->fft[1], column, w->line);
                memcpy(column, w->line, (size_t)(top + 1) * sizeof *column);
                memcpy(column + top + 1, w->line + n - top, (size_t)top * sizeof *column);
            }
            scatter(rows, w->column, line, (size_t)p->width[r], piece(p, r, f, s, 0) + x);
        }
}

/* ---- x ---------------------------------------------------------------------------------- */

/* x wavenumbers first .. first + count - 1 of the rows a and b into z. */
static void assemble(int first, int count, int n, const COMPLEX *restrict a,
                     const COMPLEX *restrict b, COMPLEX *restrict z)
{
    const REAL *p = (const REAL *)a, *q = (const REAL *)b;
    REAL *low = (REAL *)(z + first), *high = (REAL *)(z + n - first);
    int begin = first == 0;

    if (first == 0) low[0] = p[0], low[1] = q[0];
    for (int i = begin; i < count; i++) {
        low[2 * i] = p[2 * i] - q[2 * i + 1];
        low[2 * i + 1] = p[2 * i + 1] + q[2 * i];
    }
    for (int i = begin; i < count; i++) {
        high[-2 * i] = p[2 * i] + q[2 * i + 1];
        high[-2 * i + 1] = q[2 * i] - p[2 * i + 1];
    }
}

static void take_apart(int first, int count, int n, const COMPLEX *restrict z, COMPLEX *restrict a,
                       COMPLEX *restrict b)
{
    REAL *p = (REAL *)a, *q = (REAL *)b;
    const REAL *low = (const REAL *)(z + first), *high = (const REAL *)(z + n - first);
    int begin = first == 0;

    if (first == 0) p[0] = low[0], p[1] = 0, q[0] = low[1], q[1] = 0;
    for (int i = begin; i < count; i++) {
        REAL x = low[2 * i] / 2, y = low[2 * i + 1] / 2;
        REAL u = high[-2 * i] / 2, v = high[-2 * i + 1] / 2;

        p[2 * i] = x + u, p[2 * i + 1] = y - v;
        q[2 * i] = y + v, q[2 * i + 1] = u - x;
    }
}

/* A pair of rows: planes slow and slow + 1 in two dimensions, rows middle and middle + 1 of the
   thread's planes in three. */
static COMPLEX *row_piece(const leray_transforms *p, const row_space *w, const leray_rows *rows,
                          int f, int which, int r)
{
    if (p->box->ndim == 2) return piece(p, r, f, rows->slow + which, 0);
    return w->planes +
           ((size_t)f * (size_t)p->box->n[1] + (size_t)(rows->middle + which)) * (size_t)p->pitch +
           p->x_at[r];
}

static void inverse_pair(const leray_transforms *p, const row_space *w, const leray_rows *rows,
                         int f)
{
    int n = p->box->n[2], top = p->box->top[2];
    REAL *values = (REAL *)w->in[f];

    memset(w->z + top + 1, 0, (size_t)(n - 2 * top - 1) * sizeof *w->z);
    for (int r = 0; r < p->ranks; r++)
        assemble(p->x_first[r], p->x_first[r + 1] - p->x_first[r], n,
                 row_piece(p, w, rows, f, 0, r),
                 rows->rows == 2 ? row_piece(p, w, rows, f, 1, r) : w->zero, w->z);
    INVERSE(p->fft[2], w->z, w->in[f]);
    if (rows->rows == 1)
        for (int i = 0; i < n; i++) values[i] = values[2 * i];
    VALUES_IN(rows->points, values, w->in_values[f]);
}

static void forward_pair(const leray_transforms *p, const row_space *w, const leray_rows *rows,
                         int f)
{
    int n = p->box->n[2];
    REAL *values = (REAL *)w->out[f];

    VALUES_OUT(rows->points, w->out_values[f], values);
    if (rows->rows == 1)
        for (int i = n - 1; i >= 0; i--) values[2 * i] = values[i], values[2 * i + 1] = 0;
    FORWARD(p->fft[2], w->out[f], w->z);
    for (int r = 0; r < p->ranks; r++)
        take_apart(p->x_first[r], p->x_first[r + 1] - p->x_first[r], n, w->z,
                   row_piece(p, w, rows, f, 0, r),
                   rows->rows == 2 ? row_piece(p, w, rows, f, 1, r) : w->zero);
}

static void one_pair(const leray_transforms *p, const leray_row_pass *pass, leray_rows rows,
                     row_space *w)
{
    rows.points = rows.rows * p->box->n[2];
    for (int f = 0; f < pass->in; f++) inverse_pair(p, w, &rows, f);
    pass->work(pass->self, &rows, w->in_values, w->out_values);
    for (int f = 0; f < pass->out; f++) forward_pair(p, w, &rows, f);
}

/* Part `part` of the pass: a pair of planes in two dimensions, a plane in three. */
static void sweep_rows(leray_transforms *p, const leray_row_pass *pass, int part, int thread)
{
    int planes = p->box->count, n = p->box->n[1], pairs = (n + 1) / 2;
    leray_rows rows = {.index = part, .slow = 2 * part, .thread = thread};
    row_space w;

    view_rows(p, thread, &w);
    if (p->box->ndim == 2) {
        rows.rows = rows.slow + 1 < planes ? 2 : 1;
        one_pair(p, pass, rows, &w);
        return;
    }
    rows.slow = part;
    for (int f = 0; f < pass->in; f++) middle_inverse(p, f, part, &w);
    for (int pair = 0; pair < pairs; pair++) {
        rows.index = part * pairs + pair;
        rows.middle = 2 * pair;
        rows.rows = rows.middle + 1 < n ? 2 : 1;
        one_pair(p, pass, rows, &w);
    }
    for (int f = 0; f < pass->out; f++) middle_forward(p, f, part, &w);
}
