/* solvers/pseudospectral/engine/integrator_bytes.c - the state of a march in bytes: this rank's modes, column by column
   without padding and in their own precision, then the last step's numbers. */
#include "solvers/pseudospectral/engine/integrator.h"

#include <string.h>

/* One line of the state, and from one to the next. */
typedef struct stride {
    size_t line, pitch, count;
} stride;

static stride stride_of(const leray_modes *modes)
{
    size_t value = modes->single ? sizeof(float complex) : sizeof(double complex);

    return (stride){value * (size_t)modes->box->rows[LERAY_BOX_SLOW],
                    value * (size_t)modes->box->pitch,
                    (size_t)modes->fields * (size_t)modes->box->columns};
}

size_t leray_integrator_bytes(leray_integrator *march)
{
    stride s = stride_of(leray_integrator_state(march));

    return s.count * s.line + sizeof(leray_integrator_last);
}

char *leray_integrator_save(leray_integrator *march, char *bytes)
{
    const leray_modes *modes = leray_integrator_state(march);
    stride s = stride_of(modes);

    for (size_t i = 0; i < s.count; i++)
        memcpy(bytes + i * s.line, (const char *)modes->data + i * s.pitch, s.line);
    bytes += s.count * s.line;
    memcpy(bytes, leray_integrator_last_step(march), sizeof(leray_integrator_last));
    return bytes + sizeof(leray_integrator_last);
}

const char *leray_integrator_restore(leray_integrator *march, const char *bytes)
{
    leray_modes *modes = leray_integrator_state(march);
    stride s = stride_of(modes);

    for (size_t i = 0; i < s.count; i++)
        memcpy((char *)modes->data + i * s.pitch, bytes + i * s.line, s.line);
    bytes += s.count * s.line;
    memcpy(leray_integrator_last_step(march), bytes, sizeof(leray_integrator_last));
    leray_integrator_touch(march, false);
    return bytes + sizeof(leray_integrator_last);
}
