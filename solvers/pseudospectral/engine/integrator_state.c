/* solvers/pseudospectral/engine/integrator_state.c - what an integrator holds: its memory, and its state in bytes; see
   solvers/pseudospectral/engine/integrator.h. */
#include "solvers/pseudospectral/engine/integrator_impl.h"

#include "core/mem.h"
#include "core/threads.h"

#include <string.h>

const char *const leray_truncation_names[] = {"two-thirds", "phase-shift", NULL};
const char *const leray_precision_names[] = {"double", "single", NULL};

/* ---- life ------------------------------------------------------------------------------- */

static size_t modes_of(const leray_integrator *m)
{
    return (size_t)m->box->columns * (size_t)m->box->pitch;
}

static leray_status make_lines(leray_integrator *m)
{
    size_t pitch = (size_t)m->box->pitch, fields = (size_t)m->flow.fields;
    size_t each = (3 * fields + 4 + LERAY_SCHEME_FACTORS) * pitch;
    double complex *at;

    m->threads = leray_transforms_threads(m->transforms);
    LERAY_TRY(LERAY_ALLOC(&m->line, (size_t)m->threads));
    LERAY_TRY(LERAY_ALLOC(&m->line_block, (size_t)m->threads * each));
    at = m->line_block;
    for (int t = 0; t < m->threads; t++) {
        integrator_lines *w = &m->line[t];

        for (size_t f = 0; f < fields; f++) {
            w->state[f] = at, at += pitch;
            w->change[f] = at, at += pitch;
            w->next[f] = at, at += pitch;
        }
        for (int k = 0; k < 3; k++) w->load[k] = at, at += pitch;
        w->rate = (double *)at, at += pitch;
        for (int k = 0; k < LERAY_SCHEME_FACTORS; k++) w->factor[k] = (double *)at, at += pitch;
    }
    return LERAY_OK;
}

static leray_status make_modes(leray_integrator *m)
{
    bool single = m->settings.precision == 1;
    bool shifts = m->settings.truncation == LERAY_PHASE_SHIFT;
    int n = m->flow.fields;

    LERAY_TRY(leray_modes_init(&m->state, m->box, n, single));
    LERAY_TRY(leray_modes_init(&m->sum, m->box, n, single));
    if (m->scheme->extra) LERAY_TRY(leray_modes_init(&m->extra, m->box, n, single));
    if (shifts) LERAY_TRY(leray_modes_init(&m->half, m->box, n, single));
    /* The stage's state, where the column pass needs it once more; rk3cn keeps it anyway. */
    if ((shifts || m->flow.keeps_state) && m->settings.scheme != LERAY_SCHEME_RK3CN)
        LERAY_TRY(leray_modes_init(&m->held, m->box, n, single));
    return LERAY_OK;
}

static leray_status init(leray_integrator *m)
{
    const leray_flow *f = &m->flow;
    int most = f->inputs > f->products ? f->inputs : f->products;

    LERAY_TRY(leray_transforms_create(m->box, most > f->fields ? most : f->fields,
                                      m->settings.precision == 1, &m->transforms));
    LERAY_TRY(make_modes(m));
    LERAY_TRY(make_lines(m));
    for (int k = 0; k < m->scheme->factors; k++)
        LERAY_TRY(LERAY_ALLOC(&m->factor[k], (size_t)f->rates * modes_of(m) + 1));
    LERAY_TRY(LERAY_ALLOC(&m->column_sums, (size_t)m->box->columns * (size_t)f->sums + 1));
    LERAY_TRY(LERAY_ALLOC(&m->row_sums,
                          (size_t)leray_transforms_pairs(m->transforms) * (size_t)f->row_sums + 1));
    LERAY_TRY(LERAY_ALLOC(&m->speeds, (size_t)leray_transforms_pairs(m->transforms) + 1));
    return LERAY_OK;
}

leray_status leray_integrator_create(const leray_flow *flow, void *self, const leray_box *box,
                                     const leray_integrator_settings *settings,
                                     leray_integrator **out)
{
    leray_status status;

    *out = NULL;
    LERAY_CHECK(
        flow->fields <= LERAY_INTEGRATOR_FIELDS && flow->sums <= LERAY_INTEGRATOR_SUMS &&
            flow->row_sums <= LERAY_INTEGRATOR_SUMS && flow->budgets <= LERAY_INTEGRATOR_BUDGETS,
        LERAY_ERR_INTERNAL, "a flow of %d fields, %d and %d sums is more than an integrator has",
        flow->fields, flow->sums, flow->row_sums);
    LERAY_TRY(LERAY_ALLOC(out, 1));
    (*out)->flow = *flow;
    (*out)->self = self;
    (*out)->box = box;
    (*out)->settings = *settings;
    (*out)->scheme = leray_scheme_of(settings->scheme);
    (*out)->begun = -1;
    status = init(*out);
    if (!status) return LERAY_OK;
    leray_integrator_destroy(out);
    return leray_error_trace(status, __FILE__, __LINE__);
}

void leray_integrator_destroy(leray_integrator **integrator)
{
    leray_integrator *m = *integrator;

    if (!m) return;
    leray_mem_free(m->speeds);
    leray_mem_free(m->row_sums);
    leray_mem_free(m->column_sums);
    for (int k = 0; k < LERAY_SCHEME_FACTORS; k++) leray_mem_free(m->factor[k]);
    leray_mem_free(m->line_block);
    leray_mem_free(m->line);
    leray_modes_fini(&m->half);
    leray_modes_fini(&m->held);
    leray_modes_fini(&m->extra);
    leray_modes_fini(&m->sum);
    leray_modes_fini(&m->state);
    leray_transforms_destroy(&m->transforms);
    leray_mem_free(m);
    *integrator = NULL;
}

leray_modes *leray_integrator_state(leray_integrator *integrator) { return &integrator->state; }
leray_transforms *leray_integrator_transforms(leray_integrator *integrator)
{
    return integrator->transforms;
}
leray_integrator_last *leray_integrator_last_step(leray_integrator *integrator)
{
    return &integrator->last;
}

void leray_integrator_touch(leray_integrator *integrator, bool rates)
{
    integrator->begun = -1;
    if (rates) integrator->factor_dt = 0;
}

int integrator_threads(const leray_integrator *m)
{
    int n = leray_threads();

    return n < m->threads ? n : m->threads;
}

/* ---- bytes ------------------------------------------------------------------------------ */

/* This rank's modes, column by column without padding and in their own precision, then the last
   step's numbers. */

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

size_t leray_integrator_bytes(leray_integrator *integrator)
{
    stride s = stride_of(leray_integrator_state(integrator));

    return s.count * s.line + sizeof(leray_integrator_last);
}

char *leray_integrator_save(leray_integrator *integrator, char *bytes)
{
    const leray_modes *modes = leray_integrator_state(integrator);
    stride s = stride_of(modes);

    for (size_t i = 0; i < s.count; i++)
        memcpy(bytes + i * s.line, (const char *)modes->data + i * s.pitch, s.line);
    bytes += s.count * s.line;
    memcpy(bytes, leray_integrator_last_step(integrator), sizeof(leray_integrator_last));
    return bytes + sizeof(leray_integrator_last);
}

const char *leray_integrator_restore(leray_integrator *integrator, const char *bytes)
{
    leray_modes *modes = leray_integrator_state(integrator);
    stride s = stride_of(modes);

    for (size_t i = 0; i < s.count; i++)
        memcpy((char *)modes->data + i * s.pitch, bytes + i * s.line, s.line);
    bytes += s.count * s.line;
    memcpy(leray_integrator_last_step(integrator), bytes, sizeof(leray_integrator_last));
    leray_integrator_touch(integrator, false);
    return bytes + sizeof(leray_integrator_last);
}
