/* solvers/run/state.h - the state of a simulation in a file, from which it goes on. Private.

   HDF5. Attributes of the root: format "leray-state", version, solver, time, dt, steps, seed,
   simulation, began (the time at which the run did), deck (what of the deck decides the flow and its
   outputs, one "path: value" a line), provenance, checksum (XXH3-128 of the numbers and texts
   before). Datasets: n and length [ndim], parameters (names in its attribute), numbers (what else the
   solver needs to go on to the same bits). A pseudo-spectral solver has the group modes with one
   dataset for each field of its state, [top_x + 1, rows_m, rows_s, 2]: real and imaginary part by
   global index in the order of solvers/pseudospectral/engine/box.h, whatever the number of ranks, and the group
   checksums with the checksum of each plane of them, [top_x + 1, 32]. Another solver has the datasets
   bytes and bytes_checksum.

   state.h5 appears complete or not at all; the one before it becomes state.previous.h5. */
#ifndef LERAY_SOLVERS_RUN_STATE_H
#define LERAY_SOLVERS_RUN_STATE_H

#include "core/file.h"
#include "solvers/solver.h"

#define LERAY_STATE_NUMBERS 64 /* at most, a solver's and the integrator's */

/* What a state says besides the fields. */
typedef struct leray_state_head {
    double time, dt, began;
    int64_t steps, seed, simulation;
    int ndim, n_parameters, n_numbers;
    int64_t n[3];
    double length[3];
    double parameter[LERAY_STATE_NUMBERS], number[LERAY_STATE_NUMBERS];
} leray_state_head;

/* Whether the solver can be saved at all. */
bool leray_state_possible(leray_solver *solver);

/* Of the present state into `folder`; every rank of the solver's group. Errors: IO, MEMORY, PEER;
   state.h5 is then the one before. */
LERAY_NODISCARD leray_status leray_state_write(const char *folder, leray_solver *solver,
                                               double began, const char *deck,
                                               const char *provenance);

/* A file open for reading. */
typedef struct leray_state leray_state;

bool leray_state_is(const char *path); /* whether it says so */

/* Errors: DATA (missing, not a state, damaged: says what), MEMORY. On failure *out is NULL. */
LERAY_NODISCARD leray_status leray_state_open(const char *path, leray_state **out);
void leray_state_close(leray_state **state); /* accepts a pointer to NULL */
const leray_state_head *leray_state_get_head(const leray_state *state);
const char *leray_state_solver(const leray_state *state);
const char *leray_state_deck(const leray_state *state);
const char *leray_state_provenance(const leray_state *state);
int leray_state_fields(const leray_state *state); /* 0: bytes */
const char *leray_state_field(const leray_state *state, int field);
/* Checksum of the head, and of all checksums of a field (or of the bytes): equal ones mean equal
   bits. */
const char *leray_state_head_checksum(const leray_state *state);
LERAY_NODISCARD leray_status leray_state_field_checksum(leray_state *state, int field,
                                                        char out[LERAY_CHECKSUM_TEXT]);
/* Reads all values and compares their checksums. Errors: DATA. */
LERAY_NODISCARD leray_status leray_state_verify(leray_state *state);

/* Makes the solver go on from it; every rank, each with the file open. Other points than the
   file's: modes are added as 0 or left out. Parameters stay the solver's. seed and simulation become the
   file's with `exact`, which also asks for the same points. Errors: DATA (another solver, fields,
   dimension or lengths: says which; damaged), MEMORY. */
LERAY_NODISCARD leray_status leray_state_restore(leray_state *state, leray_solver *solver,
                                                 bool exact);

/* The newest whole state of a folder, open on every rank; *out is NULL where there is none. A
   damaged one is warned of and passed over. Errors: DATA if there are states but none is whole;
   MEMORY. */
LERAY_NODISCARD leray_status leray_state_find(const leray_comm *comm, const char *folder,
                                              leray_state **out);
/* Forgets the states of a folder. */
LERAY_NODISCARD leray_status leray_state_clear(const char *folder);

#endif
