/* online/source_stream.h - samples of an ensemble that runs, as a trainer's source. Private. */
#ifndef LERAY_ONLINE_SOURCE_STREAM_H
#define LERAY_ONLINE_SOURCE_STREAM_H

#include "online/reservoir.h"
#include "solvers/ensemble.h"
#include "training/source.h"

/* Samples of an ensemble that runs. `ensemble` and `reservoir` are borrowed. `history` frames make
   the input. Errors: also CONFIG, from the rehearsal. */
typedef struct leray_stream_settings {
    uint64_t seed;
    int batch, clients, history;
    double ratio;
} leray_stream_settings;
LERAY_NODISCARD leray_status leray_source_from_ensemble(const leray_ensemble *ensemble,
                                                        leray_reservoir *reservoir,
                                                        const leray_stream_settings *settings,
                                                        leray_source **out);

#endif
