/* solvers/pseudospectral/engine/frame_grid.c - see solvers/pseudospectral/engine/frame_grid.h. */
#include "solvers/pseudospectral/engine/frame_grid.h"

#include "core/mem.h"

#include <string.h>

/* The extents per axis of the box, slowest first: one of them per dimension. */
static leray_status read_extents(const leray_config *cfg, const char *section, const leray_ints *n,
                                 int ndim, int out[3])
{
    LERAY_CHECK(n->count == 1 || n->count == ndim, LERAY_ERR_CONFIG,
                "%s.frame.n%s: %d numbers given; it is 0, n or %s", section,
                leray_config_where(cfg, section, "frame.n"), n->count,
                ndim == 3 ? "[nz, ny, nx]" : "[ny, nx]");
    for (int a = 0; a < ndim; a++) {
        int64_t points = n->value[n->count == 1 ? 0 : a];

        LERAY_CHECK(points >= 2, LERAY_ERR_CONFIG,
                    "%s.frame.n%s: %lld points are not in [2, 16384]", section,
                    leray_config_where(cfg, section, "frame.n"), (long long)points);
        out[a] = (int)points;
    }
    return LERAY_OK;
}

static bool same_extents(const leray_box *box, const int *n)
{
    return n[0] == box->n[0] && n[box->ndim - 1] == box->n[2] &&
           (box->ndim == 2 || n[1] == box->n[1]);
}

/* Vertices of the box, slowest axis first. */
static leray_grid grid_of(const leray_box *box)
{
    int n[3] = {box->n[LERAY_BOX_SLOW], box->n[LERAY_BOX_MIDDLE], box->n[LERAY_BOX_X]};
    double length[3] = {box->length[LERAY_BOX_SLOW], box->length[LERAY_BOX_MIDDLE],
                        box->length[LERAY_BOX_X]};

    if (box->ndim == 2) n[1] = n[2], length[1] = length[2];
    return leray_grid_periodic(box->ndim, n, length);
}

leray_status leray_frame_grid_open(leray_frame_grid *g, const leray_config *cfg,
                                   const char *section, const leray_ints *list,
                                   const leray_box *state, leray_transforms *transforms, int fields,
                                   bool single)
{
    int n[3];

    *g = (leray_frame_grid){
        .state = state, .box = state, .grid = grid_of(state), .transforms = transforms};
    LERAY_TRY(
        LERAY_ALLOC(&g->line, (size_t)leray_transforms_threads(transforms) * (size_t)state->pitch));
    if (list->count == 1 && list->value[0] == 0) return LERAY_OK;
    LERAY_TRY(read_extents(cfg, section, list, state->ndim, n));
    if (same_extents(state, n)) return LERAY_OK;
    LERAY_TRY(leray_box_init_like(&g->own_box, state, n, LERAY_NO_TRUNCATION));
    LERAY_TRY(leray_transforms_create(&g->own_box, fields, single, &g->own_passes));
    g->box = &g->own_box;
    g->grid = grid_of(g->box);
    g->transforms = g->own_passes;
    return LERAY_OK;
}

void leray_frame_grid_close(leray_frame_grid *g)
{
    leray_mem_free(g->line);
    leray_transforms_destroy(&g->own_passes);
    leray_box_fini(&g->own_box);
}

size_t leray_frame_grid_points(const leray_frame_grid *g)
{
    return (size_t)g->box->count * (size_t)g->box->n[1] * (size_t)g->box->n[2];
}

/* Rows of both boxes run 0 .. top, -top .. -1, so the part that both have is a piece at each end. */
static void copy_common(const leray_column *to, double complex *out, int top, int rows,
                        const double complex *in)
{
    int common = to->top < top ? to->top : top;

    memset(out, 0, (size_t)to->n * sizeof *out);
    if (common < 0) return;
    memcpy(out, in, ((size_t)common + 1) * sizeof *out);
    memcpy(out + to->n - common, in + rows - common, (size_t)common * sizeof *out);
}

void leray_frame_grid_line(const leray_frame_grid *g, const leray_modes *state, int field,
                           const leray_column *column, double complex *out)
{
    int from = leray_box_find(g->state, column->m, column->i);
    double complex *line = g->line + (size_t)column->thread * (size_t)g->state->pitch;

    if (from < 0) memset(out, 0, (size_t)column->n * sizeof *out);
    else
        copy_common(column, out, g->state->column_top[from], g->state->rows[0],
                    leray_modes_load(state, field, from, line));
}
