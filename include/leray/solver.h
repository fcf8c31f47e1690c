/* leray/solver.h - advance a discretised flow in time.

   A solver is made once, by name from a deck, and then runs any number of simulations, one
   after the other and without allocating:

       leray_solver *s = NULL;
       leray_frame frame;
       leray_status st = leray_solver_create("ns2d", cfg, &s);
       if (st == LERAY_OK) st = leray_solver_set_parameter(s, "nu", 1e-3);
       if (st == LERAY_OK) st = leray_solver_start(s, seed, simulation);
       for (int i = 1; st == LERAY_OK && i <= 50; i++) {
           st = leray_solver_advance(s, i * 0.2);
           if (st == LERAY_OK) leray_solver_frame(s, &frame);
       }
       leray_solver_destroy(&s);

   All values are in double precision. The result depends only on the deck, the parameters, the
   seed and the number of the simulation, and not on the number of threads, bit for bit. Different
   threads may use different solvers at the same time, but not the same one. */
#ifndef LERAY_SOLVER_H
#define LERAY_SOLVER_H

#include <leray/config.h>
#include <leray/frame.h>
#include <leray/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct leray_solver leray_solver;

/* Makes the solver registered as `name` from the section "solver" of the deck, which is read,
   not kept. On failure *out is NULL and nothing is leaked.
   Errors: NOT_FOUND, UNSUPPORTED, CONFIG, DATA, IO, MEMORY, EXTERNAL. */
LERAY_API LERAY_NODISCARD leray_status leray_solver_create(const char *name,
                                                           const leray_config *cfg,
                                                           leray_solver **out);

/* The same, one simulation divided among the ranks of *mpi_comm, which points to an MPI_Comm of the
   caller's program (NULL is not allowed; mpi.h is not needed here). Every rank of it makes the solver
   and makes every later call on it, in the same order; other ranks may do other things. The
   communicator is copied. A frame then holds this rank's planes (leray/frame.h). The program has
   started MPI with MPI_THREAD_SERIALIZED or more, and destroys its solvers before it ends MPI.
   Errors: as above; UNSUPPORTED where the solver cannot be divided; PEER if only other ranks fail. */
LERAY_API LERAY_NODISCARD leray_status leray_solver_create_on(const void *mpi_comm,
                                                              const char *name,
                                                              const leray_config *cfg,
                                                              leray_solver **out);

/* Frees *solver and sets it to NULL. Accepts a pointer to NULL. */
LERAY_API void leray_solver_destroy(leray_solver **solver);

/* Sets a physical parameter, such as "nu" or "forcing.amplitude", from the next start or step
   on; parameters of the initial field have an effect at the next start. The value is kept over starts.
   Errors: ARG, naming the solver's parameters if `name` is none of them, or the allowed range. */
LERAY_API LERAY_NODISCARD leray_status leray_solver_set_parameter(leray_solver *solver,
                                                                  const char *name, double value);
LERAY_API LERAY_NODISCARD leray_status leray_solver_get_parameter(const leray_solver *solver,
                                                                  const char *name, double *value);

/* Begins simulation number `simulation` of the ensemble `seed` at time 0. Does not allocate.
   Errors: as the solver's initial field has, e.g. DATA. */
LERAY_API LERAY_NODISCARD leray_status leray_solver_start(leray_solver *solver, uint64_t seed,
                                                          uint32_t simulation);

/* Advances by dt > 0 in one step of the scheme. Does not allocate.
   Errors: ARG (dt, or no simulation was started); DIVERGED with step, time, dt and CFL number.
   After DIVERGED the simulation has ended: statistics and frame show its last fields, and only
   start, restore and destroy are allowed. */
LERAY_API LERAY_NODISCARD leray_status leray_solver_step(leray_solver *solver, double dt);

/* Advances to t_end, which the time then equals exactly, in steps of the deck's choice. Does
   nothing if t_end is the present time. Does not allocate. Errors: as step; ARG if t_end is in
   the past. */
LERAY_API LERAY_NODISCARD leray_status leray_solver_advance(leray_solver *solver, double t_end);

LERAY_API double leray_solver_time(const leray_solver *solver);
LERAY_API long leray_solver_steps(const leray_solver *solver); /* since the start */

/* A view of the present fields, valid until the next call with a solver that is not const.
   Does not allocate. */
LERAY_API void leray_solver_frame(leray_solver *solver, leray_frame *frame);

/* One number about the flow; names are C identifiers and their order is fixed. */
typedef struct leray_statistic {
    const char *name, *unit;
    double value;
} leray_statistic;

/* Returns their number and sets *out to them, a view that is valid as long as a frame's. At time 0
   quantities that are measured over a step are 0. */
LERAY_API int leray_solver_statistics(leray_solver *solver, const leray_statistic **out);

/* The state of the running simulation, parameters included, as bytes of this machine: a solver
   made from the same deck continues from them to the same bits.
   save: `bytes` holds save_size bytes; save_size is constant for a solver, and 0 where it cannot
   be saved. restore: Errors: DATA if the bytes are not those of such a solver, UNSUPPORTED. */
LERAY_API size_t leray_solver_save_size(const leray_solver *solver);
LERAY_API LERAY_NODISCARD leray_status leray_solver_save(const leray_solver *solver, void *bytes);
LERAY_API LERAY_NODISCARD leray_status leray_solver_restore(leray_solver *solver, const void *bytes,
                                                            size_t size);

#ifdef __cplusplus
}
#endif
#endif
