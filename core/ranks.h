/* core/ranks.h - the MPI environment. Private.

   MPI is started only where a launcher did start this process, so that a plain command needs
   no MPI runtime. If the launcher's environment says more than one rank and MPI says one, the
   launcher belongs to another MPI: N copies would race on one output, so init refuses. */
#ifndef LERAY_CORE_RANKS_H
#define LERAY_CORE_RANKS_H

#include "core/error.h"

#include <stdbool.h>

LERAY_NODISCARD leray_status leray_ranks_init(void);
void leray_ranks_fini(void);
int leray_rank(void);  /* in [0, leray_ranks()) */
int leray_ranks(void); /* 1 without a launcher */

/* The largest number of ranks that the environment of known launchers claims, and the variable
   that said so (NULL if none did). `get` is getenv, or a test's stand-in. */
int leray_ranks_claimed(const char *(*get)(const char *), const char **variable);

#endif
