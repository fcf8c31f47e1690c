/* solvers/ns3d/frame.c - fields on a grid: the solver's own, or another one of the same box, seen through a
   filter of solvers/les/filter.h. A coarser grid takes the modes that it can tell apart, |s| < n/2
   along each axis, so without a filter its frame is the field truncated there; a finer one
   interpolates. The mean flow is included in unfiltered and filtered frames alike. */
#include "solvers/ns3d/ns3d.h"

#include <math.h>
#include <string.h>

static leray_status open_own_grid(ns3d *s)
{
    const ns3d_settings *set = s->base.settings;
    int n[3];

    for (int a = 0; a < 3; a++) n[a] = (int)set->frame.n.value[set->frame.n.count == 1 ? 0 : a];
    if (!memcmp(n, s->box.n, sizeof n)) return LERAY_OK;
    LERAY_TRY(leray_box_init_like(&s->own_box, &s->box, n, LERAY_NO_TRUNCATION));
    LERAY_TRY(
        leray_passes_create(&s->own_box, s->fields, set->march.precision == 1, &s->own_passes));
    s->frame_box = &s->own_box;
    s->frame_passes = s->own_passes;
    return LERAY_OK;
}

leray_status ns3d_open_frame(ns3d *s, const leray_config *cfg, const char *section)
{
    const ns3d_settings *set = s->base.settings;
    bool own = set->frame.n.count > 1 || set->frame.n.value[0] != 0;
    size_t points;

    LERAY_CHECK(set->frame.n.count == 1 || set->frame.n.count == 3, LERAY_ERR_CONFIG,
                "%s.frame.n%s: %d numbers given; it is 0, n or [nz, ny, nx]", section,
                leray_config_where(cfg, section, "frame.n"), set->frame.n.count);
    for (int a = 0; a < set->frame.n.count && own; a++)
        LERAY_CHECK(set->frame.n.value[a] >= 2, LERAY_ERR_CONFIG,
                    "%s.frame.n%s: %lld points are not in [2, 16384]", section,
                    leray_config_where(cfg, section, "frame.n"), (long long)set->frame.n.value[a]);
    LERAY_CHECK(set->frame.filter == 0 || set->frame.width > 0, LERAY_ERR_CONFIG,
                "%s.frame.width%s: frame.filter needs a width above 0", section,
                leray_config_where(cfg, section, "frame.width"));
    LERAY_CHECK(set->frame.filter != 0 || set->frame.width == 0, LERAY_ERR_CONFIG,
                "%s.frame.width = %g%s: frame.filter = none has no use for it", section,
                set->frame.width, leray_config_where(cfg, section, "frame.width"));
    s->frame_box = &s->box;
    s->frame_passes = leray_march_passes(s->march);
    if (own) LERAY_TRY(open_own_grid(s));
    points = (size_t)s->frame_box->count * (size_t)s->frame_box->n[1] * (size_t)s->frame_box->n[2];
    for (int f = 0; f < s->fields; f++) LERAY_TRY(LERAY_ALLOC(&s->values[f], points + 1));
    return LERAY_OK;
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

static void show(void *self, const leray_column *column, double complex *const *in,
                 double complex *const *out)
{
    ns3d *s = self;
    const ns3d_settings *set = s->base.settings;
    double *transfer = (double *)ns3d_line(s, column->thread, NS3D_FIELDS);
    int from = leray_box_find(&s->box, column->m, column->i);

    (void)in;
    if (set->frame.filter)
        leray_filter_line(set->frame.filter - 1, set->frame.width, column, transfer);
    for (int f = 0; f < s->fields; f++) {
        if (from < 0) {
            memset(out[f], 0, (size_t)column->n * sizeof *out[f]);
            continue;
        }
        copy_common(column, out[f], s->box.column_top[from], s->box.rows[0],
                    leray_modes_load(leray_march_state(s->march), f, from,
                                     ns3d_line(s, column->thread, f)));
        if (column->i == 0 && column->m == 0 && f < 3) out[f][0] += s->mean_flow[f];
        for (int j = 0; j < column->n && set->frame.filter; j++) out[f][j] *= transfer[j];
    }
}

void ns3d_frame(leray_solver *base, leray_frame *out)
{
    static const char *const names[] = {"velocity_x", "velocity_y", "velocity_z", "scalar"};
    ns3d *s = (ns3d *)base;
    const leray_box *box = s->frame_box;

    leray_passes_show(s->frame_passes, s->fields, show, s, s->values);
    out->ndim = 3;
    out->nfields = s->fields;
    out->first = box->first, out->count = box->count;
    for (int a = 0; a < 3; a++) out->shape[a] = box->n[a], out->length[a] = box->length[a];
    for (int f = 0; f < s->fields; f++)
        out->field[f] = (leray_frame_field){names[f], f < 3 ? "length/time" : "1", s->values[f]};
}

void ns3d_close_frame(ns3d *s)
{
    for (int f = 0; f < NS3D_FIELDS; f++) leray_mem_free(s->values[f]);
    leray_passes_destroy(&s->own_passes);
    leray_box_fini(&s->own_box);
}
