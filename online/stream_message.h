/* online/stream_message.h - what clients and the server say to each other. Private.

   One ZeroMQ message is a header and, for FRAME, FAILED and BROKEN, a payload part. A client says
   READY and waits for RUN or STOP; for each frame it sends FRAME, in order from step 0; after the
   last one, or after FAILED, it says READY again. BROKEN ends the client. Numbers are in
   the byte order of the machine: both ends are of one kind. */
#ifndef LERAY_ONLINE_STREAM_MESSAGE_H
#define LERAY_ONLINE_STREAM_MESSAGE_H

#include "solvers/ensemble.h"

#include <pthread.h>
#include <stdatomic.h>

#define LERAY_STREAM_MAGIC 0x4C455259u
#define LERAY_STREAM_VERSION 1

typedef enum leray_stream_kind {
    LERAY_STREAM_READY = 1, /* idle, busy: seconds since the last READY */
    LERAY_STREAM_RUN,       /* simulation */
    LERAY_STREAM_STOP,
    LERAY_STREAM_FRAME,  /* simulation, step; payload: float [size] */
    LERAY_STREAM_FAILED, /* simulation, step that was not reached; payload: text */
    LERAY_STREAM_BROKEN  /* status; payload: text */
} leray_stream_kind;

typedef struct leray_stream_header {
    uint32_t magic, version, kind;
    int32_t simulation, step, status;
    double idle, busy;
} leray_stream_header;

/* One client thread. */
typedef struct leray_stream_client {
    const leray_ensemble *ensemble;
    leray_solver *solver;
    void *context; /* of ZeroMQ */
    const char *endpoint;
    double delay; /* s per frame */
    const atomic_bool *stop;
    size_t size; /* reals of a frame */
    pthread_t thread;
    bool running;
    atomic_bool ended; /* set by the client as its last act */
} leray_stream_client;

void *leray_stream_client_main(void *client); /* for pthread_create */

#endif
