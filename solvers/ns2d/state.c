/* solvers/ns2d/state.c - what others see of the solver: frames, a view for diagnostics and state files,
   and its state in bytes. */
#include "solvers/ns2d/ns2d.h"

#include <string.h>

static double viscosity(void *self) { return ns2d_set(self)->nu; }

static void make_view(ns2d *s)
{
    static const char *const names[] = {"vorticity", "scalar"};

    s->view = (leray_spectral_view){
        .march = s->march,
        .self = s,
        .field = names,
        .velocity = ns2d_velocity,
        .acceleration = ns2d_velocity, /* the same linear map */
        .viscous = ns2d_viscous,
        .viscosity = viscosity,
        .numbers = NS2D_NUMBERS,
        .number = s->number,
    };
}

leray_status ns2d_open_frame(ns2d *s)
{
    size_t points = (size_t)s->box.count * (size_t)s->box.n[LERAY_BOX_X];

    for (int f = 0; f < s->flow.fields; f++) LERAY_TRY(LERAY_ALLOC(&s->frame[f], points + 1));
    make_view(s);
    return LERAY_OK;
}

void ns2d_close_frame(ns2d *s)
{
    leray_mem_free(s->frame[0]);
    leray_mem_free(s->frame[1]);
}

static void show(void *self, const leray_column *column, double complex *const *in,
                 double complex *const *out)
{
    ns2d *s = self;
    const leray_modes *state = leray_march_state(s->march);

    (void)in;
    for (int f = 0; f < s->flow.fields; f++) {
        const double complex *line = leray_modes_load(state, f, column->index, out[f]);

        if (line != out[f]) memcpy(out[f], line, (size_t)column->n * sizeof *line);
    }
}

void ns2d_frame(leray_solver *base, leray_frame *out)
{
    ns2d *s = (ns2d *)base;

    if (!s->status)
        s->status =
            leray_passes_to_grid(leray_march_passes(s->march), s->flow.fields, show, s, s->frame);
    out->ndim = 2;
    out->shape[0] = s->box.n[LERAY_BOX_SLOW], out->shape[1] = s->box.n[LERAY_BOX_X];
    out->length[0] = s->box.length[LERAY_BOX_SLOW], out->length[1] = s->box.length[LERAY_BOX_X];
    out->first = s->box.first, out->count = s->box.count;
    out->nfields = s->flow.fields;
    out->field[0] = (leray_frame_field){"vorticity", "1/time", s->frame[0]};
    if (out->nfields > 1) out->field[1] = (leray_frame_field){"scalar", "1", s->frame[1]};
}

const leray_spectral_view *ns2d_view(leray_solver *base) { return &((ns2d *)base)->view; }

/* What a state is on a rank: its spectra, column by column without padding and in their own precision,
   then the last step's numbers. */
static size_t column_size(const ns2d *s, size_t *pitch)
{
    size_t value =
        leray_march_state(s->march)->single ? sizeof(float complex) : sizeof(double complex);

    *pitch = value * (size_t)s->box.pitch;
    return value * (size_t)s->box.rows[LERAY_BOX_SLOW];
}

size_t ns2d_state_size(const leray_solver *base)
{
    const ns2d *s = (const ns2d *)base;
    size_t pitch, columns = (size_t)s->flow.fields * (size_t)s->box.columns;

    return columns * column_size(s, &pitch) + sizeof(leray_march_last) + sizeof s->number;
}

void ns2d_save(const leray_solver *base, void *bytes)
{
    const ns2d *s = (const ns2d *)base;
    size_t pitch, column = column_size(s, &pitch);
    const char *from = leray_march_state(s->march)->data;
    char *at = bytes;

    for (int c = 0; c < s->flow.fields * s->box.columns; c++, at += column, from += pitch)
        memcpy(at, from, column);
    memcpy(at, leray_march_last_step(s->march), sizeof(leray_march_last));
    memcpy(at + sizeof(leray_march_last), s->number, sizeof s->number);
}

leray_status ns2d_restore(leray_solver *base, const void *bytes)
{
    ns2d *s = (ns2d *)base;
    size_t pitch, column = column_size(s, &pitch);
    char *to = leray_march_state(s->march)->data;
    const char *at = bytes;

    for (int c = 0; c < s->flow.fields * s->box.columns; c++, at += column, to += pitch)
        memcpy(to, at, column);
    memcpy(leray_march_last_step(s->march), at, sizeof(leray_march_last));
    memcpy(s->number, at + sizeof(leray_march_last), sizeof s->number);
    s->status = LERAY_OK;
    leray_march_touch(s->march, false);
    return LERAY_OK;
}
