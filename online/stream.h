/* online/stream.h - an ensemble that runs while its frames are read. Private.

   Clients run one simulation each and send every frame once, as float32, over ZeroMQ; here they
   are threads behind inproc, and the protocol (online/stream_message.h) knows nothing of that.
   The reader takes frames in the logical order: simulation by simulation, step by step. At most
   `window` simulations are open at a time, the one being read and those after it, so that
   memory is bounded and a slow reader slows the clients down; the simulation being read is
   always assigned, so nobody waits for ever.

   Who computes a simulation, and when, changes nothing in what is read. */
#ifndef LERAY_ONLINE_STREAM_H
#define LERAY_ONLINE_STREAM_H

#include "solvers/ensemble.h"

#include <signal.h>

typedef struct leray_stream leray_stream;

/* Makes one solver per client; nothing runs yet. `ensemble` is borrowed. Errors: the solver's,
   MEMORY, EXTERNAL. */
LERAY_NODISCARD leray_status leray_stream_create(const leray_ensemble *ensemble, int clients,
                                                 leray_stream **out);
void leray_stream_destroy(leray_stream **stream); /* ends the clients; accepts NULL inside */

/* The fields of a frame, for whoever describes samples: a frame of the ensemble's solver before
   its first start; valid until the stream runs. */
void leray_stream_example(leray_stream *stream, leray_frame *frame);
size_t leray_stream_frame_size(const leray_stream *stream); /* reals: fields x points */

/* Starts the clients at simulation `first`. */
LERAY_NODISCARD leray_status leray_stream_start(leray_stream *stream, int first);

/* Waits for frame `step` of `simulation` and copies it to out [frame_size]; each frame can be taken once.
   Calls come in logical order; steps may be skipped. *failed: the simulation ended before this step, and
   *reason (borrowed until the next call) says why. Going on to the next simulation frees this one.
   Errors: INTERRUPTED if *stop became true, PEER, and whatever broke a client. */
LERAY_NODISCARD leray_status leray_stream_take(leray_stream *stream, int simulation, int step,
                                               const volatile sig_atomic_t *stop, float *out,
                                               bool *failed, const char **reason);

/* Seconds that clients, added up, have waited for work and have worked. */
void leray_stream_times(leray_stream *stream, double *idle, double *busy);

#endif
