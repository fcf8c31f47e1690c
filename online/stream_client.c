/* online/stream_client.c - the client's side: run what the server names, send what comes out. */
#include "core/frame.h"
#include "core/log.h"
#include "core/threads.h"
#include "online/stream_message.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

typedef struct connection {
    leray_stream_client *client;
    void *socket;
    double idle, busy;
} connection;

/* Takes the payload over, if there is one. */
static leray_status say(const connection *c, leray_stream_header header, zmq_msg_t *payload)
{
    bool sent;

    header.magic = LERAY_STREAM_MAGIC;
    header.version = LERAY_STREAM_VERSION;
    sent = zmq_send(c->socket, &header, sizeof header, payload ? ZMQ_SNDMORE : 0) >= 0 &&
           (!payload || zmq_msg_send(payload, c->socket, 0) >= 0);
    if (!sent && payload) zmq_msg_close(payload);
    LERAY_CHECK(sent, LERAY_ERR_PEER, "a client cannot send: %s", zmq_strerror(zmq_errno()));
    return LERAY_OK;
}

static leray_status make_payload(zmq_msg_t *payload, size_t size)
{
    LERAY_CHECK(zmq_msg_init_size(payload, size) == 0, LERAY_ERR_MEMORY,
                "no memory for a message of %zu bytes", size);
    return LERAY_OK;
}

static leray_status say_text(const connection *c, leray_stream_header header, const char *text,
                             size_t size)
{
    zmq_msg_t payload;

    LERAY_TRY(make_payload(&payload, size));
    memcpy(zmq_msg_data(&payload), text, size);
    return say(c, header, &payload);
}

static void nap(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};

    if (seconds > 0) nanosleep(&t, NULL);
}

/* The solver's doubles become the floats of the message, which the server keeps as it is. */
static leray_status send_frame(const connection *c, int simulation, int step)
{
    leray_stream_client *client = c->client;
    leray_stream_header header = {
        .kind = LERAY_STREAM_FRAME, .simulation = simulation, .step = step};
    leray_frame frame;
    zmq_msg_t payload;

    leray_solver_frame(client->solver, &frame);
    LERAY_TRY(make_payload(&payload, client->size * sizeof(float)));
    leray_frame_to_float(&frame, zmq_msg_data(&payload));
    nap(client->delay);
    return say(c, header, &payload);
}

/* A solution that is not finite ends the simulation, not the run. */
static leray_status run(const connection *c, int simulation)
{
    const leray_ensemble *e = c->client->ensemble;
    leray_solver *solver = c->client->solver;
    leray_status status = leray_ensemble_start(e, solver, simulation);

    for (int k = 0; k < e->settings.frames && !atomic_load(c->client->stop); k++) {
        if (!status) status = leray_ensemble_advance(e, solver, k);
        if (status == LERAY_ERR_DIVERGED) {
            const char *why = leray_error_message();

            return say_text(c,
                            (leray_stream_header){
                                .kind = LERAY_STREAM_FAILED, .simulation = simulation, .step = k},
                            why, strcspn(why, "\n"));
        }
        if (!status) status = send_frame(c, simulation, k);
        if (status) return status;
    }
    return LERAY_OK;
}

static leray_status ask(connection *c, leray_stream_header *answer)
{
    double asked = leray_clock();
    leray_stream_header ready = {.kind = LERAY_STREAM_READY, .idle = c->idle, .busy = c->busy};
    int n;

    LERAY_TRY(say(c, ready, NULL));
    n = zmq_recv(c->socket, answer, sizeof *answer, 0);
    LERAY_CHECK(n == (int)sizeof *answer && answer->magic == LERAY_STREAM_MAGIC, LERAY_ERR_PEER,
                "a client does not understand the server");
    c->idle = leray_clock() - asked;
    return LERAY_OK;
}

static leray_status work(connection *c)
{
    leray_stream_header job;

    for (;;) {
        double began;

        LERAY_TRY(ask(c, &job));
        if (job.kind == LERAY_STREAM_STOP) return LERAY_OK;
        began = leray_clock();
        LERAY_TRY(run(c, job.simulation));
        c->busy = leray_clock() - began;
    }
}

static void converse(leray_stream_client *client)
{
    connection c = {.client = client, .socket = zmq_socket(client->context, ZMQ_DEALER)};
    leray_status status = LERAY_OK;

    if (!c.socket || zmq_connect(c.socket, client->endpoint) != 0)
        leray_warn("a client cannot reach the server: %s", zmq_strerror(zmq_errno()));
    else status = work(&c);
    if (status) {
        const char *why = leray_error_message();
        leray_stream_header header = {.kind = LERAY_STREAM_BROKEN, .status = (int32_t)status};

        if (say_text(&c, header, why, strlen(why))) leray_warn("a client ended: %s", why);
    }
    if (c.socket) zmq_close(c.socket);
}

void *leray_stream_client_main(void *argument)
{
    leray_stream_client *client = argument;

    leray_threads_set(1);
    converse(client);
    atomic_store(&client->ended, true);
    return NULL;
}
