/* core/ranks.h - the MPI environment. Private.

   MPI is started only where a launcher did start this process, so that a plain command needs
   no MPI runtime. If the launcher's environment says more than one rank and MPI says one, the
   launcher belongs to another MPI: N copies would race on one output, so init refuses. */
#ifndef LERAY_CORE_RANKS_H
#define LERAY_CORE_RANKS_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

LERAY_NODISCARD leray_status leray_ranks_init(void);
void leray_ranks_fini(void);
int leray_rank(void);  /* in [0, leray_ranks()) */
int leray_ranks(void); /* 1 without a launcher */

/* UNSUPPORTED on more than one rank: `what` works on one and uses its threads. */
LERAY_NODISCARD leray_status leray_ranks_only_one(const char *what);

/* ---- collectives: every rank calls them, in the same order; with one rank they do nothing ---- */

/* Sums over ranks, in place, the same bits on all of them. Errors: EXTERNAL. */
LERAY_NODISCARD leray_status leray_ranks_sum(double *x, size_t n);
LERAY_NODISCARD leray_status leray_ranks_max(double *x, size_t n);

/* LERAY_OK if `status` is OK on every rank. Else the rank's own status where it is not, and PEER
   where only another's is not, naming the lowest such rank. */
LERAY_NODISCARD leray_status leray_ranks_agree(leray_status status);

/* Sums that run while this rank goes on computing: x [n] must not be touched until finish. Two
   runs with equal ranks give equal bits. `progress` lets the library move data. */
typedef struct leray_ranks_sums leray_ranks_sums;

/* Room for `most` sums at a time. Errors: MEMORY. */
LERAY_NODISCARD leray_status leray_ranks_sums_create(int most, leray_ranks_sums **out);
void leray_ranks_sums_destroy(leray_ranks_sums **sums); /* accepts a pointer to NULL */
LERAY_NODISCARD leray_status leray_ranks_sums_start(leray_ranks_sums *sums, float *x, size_t n);
LERAY_NODISCARD leray_status leray_ranks_sums_progress(leray_ranks_sums *sums);
LERAY_NODISCARD leray_status leray_ranks_sums_finish(leray_ranks_sums *sums);

/* The largest number of ranks that the environment of known launchers claims, and the variable
   that said so (NULL if none did). `get` is getenv, or a test's stand-in. */
int leray_ranks_claimed(const char *(*get)(const char *), const char **variable);

#endif
