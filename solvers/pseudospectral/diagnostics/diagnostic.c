/* solvers/pseudospectral/diagnostics/diagnostic.c - see solvers/pseudospectral/diagnostics/diagnostic.h. */
#include "solvers/pseudospectral/diagnostics/diagnostic.h"

static leray_status make(leray_diagnostic *self, const leray_config *cfg, const char *section)
{
    const leray_diagnostic_type *type = self->type;

    LERAY_TRY(leray_mem_alloc((void *)&self->settings, 1, type->settings_size));
    LERAY_TRY(leray_config_read(cfg, section, type->keys, self->settings));
    LERAY_TRY(type->init(self, cfg, section));
    return LERAY_OK;
}

leray_status leray_diagnostic_create(const leray_diagnostic_type *type, leray_solver *solver,
                                     const leray_config *cfg, const char *section,
                                     leray_diagnostic **out)
{
    const leray_spectral_view *view = solver->type->view ? solver->type->view(solver) : NULL;
    leray_diagnostic *self;
    leray_status status;

    *out = NULL;
    LERAY_CHECK(view, LERAY_ERR_UNSUPPORTED,
                "%s%s: solver %s has no spectral coefficients that '%s' could be measured from",
                section, leray_config_where(cfg, section, "every"), solver->type->name, type->name);
    LERAY_TRY(leray_mem_alloc((void *)&self, 1, type->size));
    self->type = type;
    self->solver = solver;
    self->view = view;
    status = make(self, cfg, section);
    if (status) {
        leray_diagnostic_destroy(&self);
        return leray_error_trace(status, __FILE__, __LINE__);
    }
    *out = self;
    return LERAY_OK;
}

void leray_diagnostic_destroy(leray_diagnostic **diagnostic)
{
    leray_diagnostic *self = *diagnostic;

    if (!self) return;
    if (self->type->fini) self->type->fini(self);
    leray_mem_free(self->settings);
    leray_mem_free(self);
    *diagnostic = NULL;
}

double leray_diagnostic_every(const leray_diagnostic *diagnostic)
{
    const double *every = diagnostic->settings; /* the first member of all settings */

    return *every;
}

leray_status leray_diagnostic_measure(leray_diagnostic *diagnostic, leray_measured *out)
{
    LERAY_TRY(diagnostic->type->measure(diagnostic));
    diagnostic->type->table(diagnostic, out);
    return LERAY_OK;
}
