/* solvers/pseudospectral/engine/modes.c - coefficients of fields; see solvers/pseudospectral/engine/box.h. */
#include "core/mem.h"
#include "solvers/pseudospectral/engine/box.h"

#include <string.h>

static size_t values(const leray_modes *m)
{
    return (size_t)m->fields * (size_t)m->box->columns * (size_t)m->box->pitch;
}

static size_t value_size(const leray_modes *m)
{
    return m->single ? sizeof(float complex) : sizeof(double complex);
}

leray_status leray_modes_init(leray_modes *modes, const leray_box *box, int fields, bool single)
{
    *modes = (leray_modes){.box = box, .fields = fields, .single = single};
    return leray_mem_alloc((void *)&modes->data, values(modes) + 1, value_size(modes));
}

void leray_modes_fini(leray_modes *modes)
{
    leray_mem_free(modes->data);
    modes->data = NULL;
}

void leray_modes_clear(leray_modes *modes)
{
    memset(modes->data, 0, values(modes) * value_size(modes));
}

void leray_modes_copy(leray_modes *to, const leray_modes *from)
{
    memcpy(to->data, from->data, values(from) * value_size(from));
}

static size_t first(const leray_modes *m, int field, int column)
{
    return ((size_t)field * (size_t)m->box->columns + (size_t)column) * (size_t)m->box->pitch;
}

double complex *leray_modes_load(const leray_modes *modes, int field, int column,
                                 double complex *buffer)
{
    size_t at = first(modes, field, column), n = 2 * (size_t)modes->box->pitch;
    const float *from = (const float *)modes->data + 2 * at;
    double *to = (double *)buffer;

    if (!modes->single) return (double complex *)modes->data + at;
    for (size_t j = 0; j < n; j++) to[j] = from[j];
    return buffer;
}

void leray_modes_store(leray_modes *modes, int field, int column, const double complex *line)
{
    size_t at = first(modes, field, column), n = 2 * (size_t)modes->box->pitch;
    const double *from = (const double *)line;
    float *to = (float *)modes->data + 2 * at;
    double complex *place = (double complex *)modes->data + at;

    if (!modes->single) {
        if (line != place) memcpy(place, line, n * sizeof *from);
        return;
    }
    for (size_t j = 0; j < n; j++) to[j] = (float)from[j];
}

/* Where coefficient (s, m, i >= 0) stands; false if it is not kept or not here. */
static bool find(const leray_modes *modes, int field, int s, int m, int i, size_t *at)
{
    const leray_box *box = modes->box;
    int column = leray_box_find(box, m, i);

    if (column < 0 || s > box->column_top[column] || -s > box->column_top[column]) return false;
    *at = first(modes, field, column) + (size_t)leray_box_row(box, 0, s);
    return true;
}

double complex leray_modes_get(const leray_modes *modes, int field, int s, int m, int i)
{
    size_t at;

    if (i < 0) return conj(leray_modes_get(modes, field, -s, -m, -i));
    if (!find(modes, field, s, m, i, &at)) return 0;
    return modes->single ? (double complex)((float complex *)modes->data)[at]
                         : ((double complex *)modes->data)[at];
}

static void put(leray_modes *modes, int field, int s, int m, int i, double complex value)
{
    size_t at;

    if (!find(modes, field, s, m, i, &at)) return;
    if (modes->single) ((float complex *)modes->data)[at] = (float complex)value;
    else ((double complex *)modes->data)[at] = value;
}

void leray_modes_set(leray_modes *modes, int field, int s, int m, int i, double complex value)
{
    if (i < 0) s = -s, m = -m, i = -i, value = conj(value);
    if (i == 0 && s == 0 && m == 0) value = creal(value);
    put(modes, field, s, m, i, value);
    if (i == 0) put(modes, field, -s, -m, 0, conj(value));
}

/* One of k and -k is visited: those whose first wavenumber that is not 0, of (m, s), is positive. */
void leray_modes_make_real(leray_modes *modes)
{
    const leray_box *box = modes->box;

    if (box->first_x > 0 || box->count_x == 0) return;
    for (int f = 0; f < modes->fields; f++)
        for (int m = 0; m <= box->top[1]; m++)
            for (int s = m == 0 ? 0 : -box->top[0]; s <= box->top[0]; s++) {
                double complex u = leray_modes_get(modes, f, s, m, 0);

                leray_modes_set(modes, f, s, m, 0,
                                (u + conj(leray_modes_get(modes, f, -s, -m, 0))) / 2);
            }
}
