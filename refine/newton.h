/* refine/newton.h - ways to make the residual of a problem small. Private. */
#ifndef LERAY_REFINE_NEWTON_H
#define LERAY_REFINE_NEWTON_H

#include "refine/problem.h"

/* From x = 0, until the settings say enough; the problem is left at the x that was found.
   report->steps, iterations and `last` go on counting. On failure it is left at the last x that made the
   residual smaller. Errors: DIVERGED, EXTERNAL, MEMORY, and those of the optimizer. */
LERAY_NODISCARD leray_status leray_refine_newton(const leray_refine_problem *problem,
                                                 const leray_refine_settings *settings,
                                                 leray_refine_report *report);
LERAY_NODISCARD leray_status leray_refine_descend(const leray_refine_problem *problem,
                                                  const leray_refine_settings *settings,
                                                  const leray_optimizer_type *type,
                                                  const leray_config *cfg,
                                                  leray_refine_report *report);

/* Either, as settings->method says. */
LERAY_NODISCARD leray_status leray_refine_reduce(const leray_refine_problem *problem,
                                                 const leray_refine_settings *settings,
                                                 const leray_optimizer_type *type,
                                                 const leray_config *cfg,
                                                 leray_refine_report *report);

#endif
