/* solvers/solver.h - solvers at work (include/leray/impl/solver.h). Private. */
#ifndef LERAY_SOLVERS_SOLVER_H
#define LERAY_SOLVERS_SOLVER_H

#include "core/comm.h"
#include "core/config.h"
#include "core/mem.h"
#include <leray/impl/solver.h>

/* The public calls minus the name look-up, which happens once, in api/registry.c. */
LERAY_NODISCARD leray_status leray_solver_create_type(const leray_solver_type *type,
                                                      const leray_config *cfg, const char *section,
                                                      leray_solver **out);

/* On a group of ranks: every rank of it makes the solver and makes every call on it. Errors: also
   UNSUPPORTED where the solver cannot be divided. */
LERAY_NODISCARD leray_status leray_solver_create_type_on(const leray_comm *comm,
                                                         const leray_solver_type *type,
                                                         const leray_config *cfg,
                                                         const char *section, leray_solver **out);

/* One of the steps in which leray_solver_advance goes to t_end; nothing at t_end itself. So a run
   that is saved between two of them and restored goes on with the same ones. */
LERAY_NODISCARD leray_status leray_solver_approach(leray_solver *solver, double t_end);

/* The equation as its type shows it. Errors: UNSUPPORTED where it shows none. */
LERAY_NODISCARD leray_status leray_solver_equation(leray_solver *solver,
                                                   struct leray_vorticity_equation *out);

/* Begins a simulation at frame->time from the frame's fields. Errors: UNSUPPORTED, DATA. */
LERAY_NODISCARD leray_status leray_solver_start_from(leray_solver *solver,
                                                     const leray_frame *frame);

#endif
