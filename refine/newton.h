/* refine/newton.h - ways to make the residual of a band small. Private. */
#ifndef LERAY_REFINE_NEWTON_H
#define LERAY_REFINE_NEWTON_H

#include "refine/residual.h"

/* Changes residual->w from frame 1 on; report->steps, iterations and `last` go on counting. On failure
   the frames are those of the last step that made the residual smaller. Errors: DIVERGED, EXTERNAL,
   MEMORY, and those of the optimizer. */
LERAY_NODISCARD leray_status leray_refine_newton(leray_residual *residual,
                                                 const leray_refine_settings *settings,
                                                 leray_refine_report *report);
LERAY_NODISCARD leray_status leray_refine_descend(leray_residual *residual,
                                                  const leray_refine_settings *settings,
                                                  const leray_optimizer_type *type,
                                                  const leray_config *cfg,
                                                  leray_refine_report *report);

#endif
