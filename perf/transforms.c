/* perf/transforms.c - one axis of a kept-mode transform by matrix products and by fast transforms.

   For lines of n points with m modes (tensor/algorithms/transform.h), in single precision on one thread: `x`,
   rows in pairs; `x1`, rows one by one as on one-dimensional grids; `y`, down the columns of an
   image. One JSON object per line:

     {"name", "n", "m", "count", "products_ns", "fast_ns", "ratio", "rule", "cost"}

   with times of one real line there and back, the best of many short samples taken in turn; ratio
   = products / fast; `rule` is what leray_transform_is_fast chooses and `cost` its time over that
   of the better one. The table in tensor/algorithms/transform_rule.c was made by this program. */
#include "bench.h"

#include "core/threads.h"
#include "tensor/algorithms/transform.h"

#include <stdio.h>

#define SAMPLES 40
#define SAMPLE_SECONDS 4e-4
#define COUNT 64 /* rows, or real columns */

typedef struct subject {
    leray_lines lines;
    int n, m;
    leray_tape *tape;
    leray_transform t;
    float *x, *hat, *room;
} subject;

/* The fields are zero, so that unscaled transforms can be repeated. */
static leray_status there_and_back(const subject *s)
{
    int failed = 0;

    if (s->lines == LERAY_LINES_DOWN) {
        failed |= leray_transform_to_lines(&s->t, s->x, NULL, s->hat, s->room);
        failed |= leray_transform_from_lines(&s->t, s->hat, NULL, s->x, s->room);
    } else {
        failed |= leray_transform_x(&s->t, s->t.scaled, COUNT, s->x, s->hat, s->room);
        failed |=
            leray_transform_x_inverse(&s->t, s->t.doubled, COUNT, s->hat, s->x, false, s->room);
    }
    LERAY_CHECK(!failed, LERAY_ERR_EXTERNAL, "a matrix product was refused");
    return LERAY_OK;
}

static leray_status init(subject *s, bool fast)
{
    bool down = s->lines == LERAY_LINES_DOWN;
    int dims = s->lines == LERAY_LINES_SINGLE ? 1 : 2;
    int grid[2] = {down ? s->n : COUNT, down ? COUNT : s->n}, modes[2] = {down ? s->m : 1, s->m};
    size_t size;

    if (down) modes[1] = COUNT / 2;
    LERAY_TRY(leray_tape_create(LERAY_F32, &s->tape));
    LERAY_TRY(leray_transform_plan(&s->t, LERAY_F32, dims, grid + 2 - dims, modes + 2 - dims, 0));
    for (int i = 0; i < 3; i++) s->t.fast[i] = fast && i == (down ? 1 : 2);
    LERAY_TRY(leray_transform_init(&s->t, s->tape));
    size = (size_t)COUNT * (size_t)(s->n + 2);
    LERAY_TRY(LERAY_ALLOC(&s->x, size));
    LERAY_TRY(LERAY_ALLOC(&s->hat, size));
    LERAY_TRY(LERAY_ALLOC(&s->room, leray_transform_room(&s->t) + 1));
    return LERAY_OK;
}

static void fini(subject *s)
{
    leray_mem_free(s->room);
    leray_mem_free(s->hat);
    leray_mem_free(s->x);
    leray_tape_destroy(&s->tape);
}

/* Lowers *ns to one more sample of a line. */
static leray_status sample(const subject *s, double *ns)
{
    double start = leray_clock(), spent;
    int n = 0;

    do {
        LERAY_TRY(there_and_back(s));
        n++;
        spent = leray_clock() - start;
    } while (spent < SAMPLE_SECONDS);
    if (1e9 * spent / n / COUNT < *ns) *ns = 1e9 * spent / n / COUNT;
    return LERAY_OK;
}

static leray_status compare(leray_lines lines, int n, int m)
{
    static const char *const name[] = {"x", "x1", "y"};
    subject by[2] = {
        {.lines = lines, .n = n, .m = m},
        {.lines = lines, .n = n, .m = m}
    };
    double ns[2] = {1e300, 1e300};
    bool rule = leray_transform_is_fast(lines, n, m);
    leray_status status = init(&by[0], false);

    if (!status) status = init(&by[1], true);
    for (int i = 0; i < 2 * SAMPLES && !status; i++) status = sample(&by[i % 2], &ns[i % 2]);
    fini(&by[1]);
    fini(&by[0]);
    LERAY_TRY(status);
    printf("{\"name\":\"%s\",\"n\":%d,\"m\":%d,\"count\":%d,\"products_ns\":%.1f,\"fast_ns\":%.1f,"
           "\"ratio\":%.2f,\"rule\":\"%s\",\"cost\":%.2f}\n",
           name[lines], n, m, COUNT, ns[0], ns[1], ns[0] / ns[1], rule ? "fast" : "products",
           ns[rule] / (ns[0] < ns[1] ? ns[0] : ns[1]));
    fflush(stdout);
    return LERAY_OK;
}

int main(void)
{
    static const int size[] = {64,  85,  96,  100, 128, 144, 192, 211,
                               250, 256, 360, 384, 421, 500, 512, 1024};
    leray_status status = LERAY_OK;

    leray_threads_set(1);
    for (int lines = 0; lines < 3; lines++)
        for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
            for (int m = 8; m <= size[i] / 2 && !status; m += m < 32 ? 8 : m < 64 ? 16 : m / 2)
                status = compare((leray_lines)lines, size[i], m);
    if (status) fprintf(stderr, "%s\n", leray_error_message());
    return leray_status_exit_code(status);
}
