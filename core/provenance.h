/* core/provenance.h - where an output comes from. Private.

   Every output carries: version, `git describe`, compiler and flags, library versions, host,
   ranks x threads, seed, resolved config, command line, checksums of its inputs, and the UTC
   time (SOURCE_DATE_EPOCH is honoured). */
#ifndef LERAY_CORE_PROVENANCE_H
#define LERAY_CORE_PROVENANCE_H

#include "core/comm.h"
#include "core/config.h"
#include "core/json.h"

/* What this process was called with; main() sets it once. */
void leray_provenance_set_command(int argc, const char *const *argv);

/* A shared object whose components are used from now on: its checksum goes into every record. The text must
   live until the process ends. Errors: IO, MEMORY. */
LERAY_NODISCARD leray_status leray_provenance_add_plugin(const char *path);

/* `comm` is the group that made the output; `cfg` may be NULL; `inputs` is an array of n paths whose checksums are taken. */
LERAY_NODISCARD leray_status leray_provenance_json(const leray_comm *comm, const leray_config *cfg,
                                                   uint64_t seed, int n, const char *const *inputs,
                                                   leray_json **out);
/* The same as one line of text, for formats that hold strings. Free with leray_mem_free. */
LERAY_NODISCARD leray_status leray_provenance_text(const leray_comm *comm, const leray_config *cfg,
                                                   uint64_t seed, int n, const char *const *inputs,
                                                   char **out);

#endif
