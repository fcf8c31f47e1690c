/* online/stream.c - the server's side: assign simulations, collect frames, hand them out in order.

   One thread serves the clients; the reader waits on a condition variable. `lock` guards
   everything the two share. */
#include "online/stream.h"

#include "core/descriptors.h"
#include "core/frame.h"
#include "core/log.h"
#include "core/mem.h"
#include "online/stream_message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define REASON_MAX 1024
#define IDENTITY_MAX 64
#define CONTEXT_FILES \
    20 /* descriptors of the context and the server's sockets, some to spare; a client takes one */

/* One simulation of the window: frames as they came. */
typedef struct open_simulation {
    int simulation; /* -1: nobody's */
    int received;   /* frames 0 .. received-1 are there */
    bool failed;
    char reason[REASON_MAX];
    zmq_msg_t *frame; /* [frames] the messages that they came in; empty ones where none waits */
} open_simulation;

typedef struct waiting_client {
    unsigned char identity[IDENTITY_MAX];
    size_t length;
} waiting_client;

struct leray_stream {
    const leray_ensemble *ensemble;
    size_t size;
    int n_clients, window;
    leray_stream_client *client;
    char endpoint[64];
    void *context, *router, *wake_in, *wake_out;
    pthread_t server;
    bool serving, synchronised;
    atomic_bool stop;

    pthread_mutex_t lock;
    pthread_cond_t arrived;
    open_simulation *open; /* [window]; simulation i uses entry i % window */
    int reading, next;     /* the reader's simulation; the next to assign */
    double idle, busy;
    leray_status broken;
    char broken_reason[REASON_MAX];

    waiting_client *waiting; /* [n_clients], the server thread's own */
    int n_waiting;
};

/* ---- server thread ---------------------------------------------------------------------- */

static void reply(leray_stream *s, const waiting_client *to, leray_stream_kind kind, int simulation)
{
    leray_stream_header h = {.magic = LERAY_STREAM_MAGIC,
                             .version = LERAY_STREAM_VERSION,
                             .kind = kind,
                             .simulation = simulation};

    zmq_send(s->router, to->identity, to->length, ZMQ_SNDMORE);
    zmq_send(s->router, &h, sizeof h, 0);
}

static void drop_frames(const leray_stream *s, open_simulation *o)
{
    for (int k = 0; k < s->ensemble->settings.frames && k < o->received; k++) {
        zmq_msg_close(&o->frame[k]);
        zmq_msg_init(&o->frame[k]);
    }
    o->received = 0;
}

/* Gives waiting clients the simulations that the window allows, lowest number first. */
static void assign(leray_stream *s)
{
    while (s->n_waiting > 0) {
        waiting_client *to = &s->waiting[s->n_waiting - 1];
        int i = -1;

        pthread_mutex_lock(&s->lock);
        if (s->next < s->ensemble->settings.simulations && s->next < s->reading + s->window) {
            open_simulation *o = &s->open[s->next % s->window];

            i = o->simulation = s->next++;
            drop_frames(s, o);
            o->failed = false;
        }
        pthread_mutex_unlock(&s->lock);
        if (i < 0) return;
        reply(s, to, LERAY_STREAM_RUN, i);
        s->n_waiting--;
    }
}

static void break_stream(leray_stream *s, leray_status status, const char *reason, size_t length)
{
    pthread_mutex_lock(&s->lock);
    if (!s->broken) {
        s->broken = status ? status : LERAY_ERR_PEER;
        snprintf(s->broken_reason, REASON_MAX, "%.*s", (int)length, reason);
    }
    pthread_cond_broadcast(&s->arrived);
    pthread_mutex_unlock(&s->lock);
}

/* A frame that was received before (a client that started over) is dropped: each counts once. So
   is one of a simulation that the reader has left. */
static void store(leray_stream *s, const leray_stream_header *h, zmq_msg_t *payload)
{
    static const char odd[] = "a client sent a frame that does not follow the one before";
    open_simulation *o = &s->open[h->simulation % s->window];
    size_t size = zmq_msg_size(payload);
    bool bad;

    pthread_mutex_lock(&s->lock);
    if (h->simulation < s->reading) {
        pthread_mutex_unlock(&s->lock);
        return;
    }
    bad = o->simulation != h->simulation;
    if (!bad && h->kind == LERAY_STREAM_FAILED) {
        o->failed = true;
        snprintf(o->reason, sizeof o->reason, "%.*s", (int)size,
                 (const char *)zmq_msg_data(payload));
    } else if (!bad && h->step >= o->received) {
        bad = h->step > o->received || h->step >= s->ensemble->settings.frames ||
              size != s->size * sizeof(float);
        if (!bad) zmq_msg_move(&o->frame[o->received++], payload);
    }
    pthread_cond_broadcast(&s->arrived);
    pthread_mutex_unlock(&s->lock);
    if (bad) break_stream(s, LERAY_ERR_PEER, odd, sizeof odd - 1);
}

static void add_times(leray_stream *s, const leray_stream_header *h)
{
    pthread_mutex_lock(&s->lock);
    s->idle += h->idle;
    s->busy += h->busy;
    pthread_mutex_unlock(&s->lock);
}

static void handle(leray_stream *s, zmq_msg_t *identity, const leray_stream_header *h,
                   zmq_msg_t *payload)
{
    waiting_client *w;

    switch (h->kind) {
    case LERAY_STREAM_READY:
        add_times(s, h);
        if (s->n_waiting == s->n_clients || zmq_msg_size(identity) > IDENTITY_MAX) return;
        w = &s->waiting[s->n_waiting++];
        w->length = zmq_msg_size(identity);
        memcpy(w->identity, zmq_msg_data(identity), w->length);
        return;
    case LERAY_STREAM_FRAME:
    case LERAY_STREAM_FAILED:
        if (h->simulation >= 0) store(s, h, payload);
        return;
    case LERAY_STREAM_BROKEN:
        break_stream(s, (leray_status)h->status, zmq_msg_data(payload), zmq_msg_size(payload));
        return;
    default: return;
    }
}

static void receive(leray_stream *s)
{
    zmq_msg_t part[3];
    leray_stream_header h = {0};
    int n = 0;

    zmq_msg_init(&part[2]); /* a message may come without a payload */
    for (bool more = true; more; n++) {
        zmq_msg_t spare, *to = n < 3 ? &part[n] : &spare;

        if (to != &part[2]) zmq_msg_init(to);
        if (zmq_msg_recv(to, s->router, 0) < 0) break;
        more = zmq_msg_more(to);
        if (to == &spare) zmq_msg_close(to);
    }
    if (n > 3) n = 3;
    if (n >= 2 && zmq_msg_size(&part[1]) == sizeof h) memcpy(&h, zmq_msg_data(&part[1]), sizeof h);
    if (h.magic == LERAY_STREAM_MAGIC && h.version == LERAY_STREAM_VERSION)
        handle(s, &part[0], &h, &part[2]);
    for (int i = 0; i < n && i < 2; i++) zmq_msg_close(&part[i]);
    zmq_msg_close(&part[2]);
}

/* Clients that will still ask for work: those that started and have not ended. */
static int count_alive(const leray_stream *s)
{
    int alive = 0;

    for (int i = 0; i < s->n_clients; i++)
        alive += s->client[i].running && !atomic_load(&s->client[i].ended);
    return alive;
}

/* Tells everybody to stop; those still computing hear it when they ask next. */
static void dismiss(leray_stream *s)
{
    while (count_alive(s) > 0) {
        zmq_pollitem_t item = {.socket = s->router, .events = ZMQ_POLLIN};

        while (s->n_waiting > 0) reply(s, &s->waiting[--s->n_waiting], LERAY_STREAM_STOP, 0);
        if (zmq_poll(&item, 1, 20) > 0) receive(s);
    }
}

static void *serve(void *argument)
{
    leray_stream *s = argument;
    char byte;

    while (!atomic_load(&s->stop)) {
        zmq_pollitem_t items[2] = {
            {.socket = s->router,  .events = ZMQ_POLLIN},
            {.socket = s->wake_in, .events = ZMQ_POLLIN}
        };

        if (zmq_poll(items, 2, -1) < 0) continue;
        if (items[1].revents) zmq_recv(s->wake_in, &byte, 1, 0);
        if (items[0].revents) receive(s);
        assign(s);
    }
    dismiss(s);
    return NULL;
}

/* ---- reader ----------------------------------------------------------------------------- */

static void wake(leray_stream *s) { zmq_send(s->wake_out, "", 1, 0); }

static void wait_a_moment(leray_stream *s)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 100000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&s->arrived, &s->lock, &until);
}

static leray_status raise_broken(const leray_stream *s)
{
    return leray_error_raise(s->broken, __FILE__, __LINE__, "%s", s->broken_reason);
}

/* Under the lock. */
static leray_status wait_for(leray_stream *s, const open_simulation *o, int simulation, int step,
                             const volatile sig_atomic_t *stop)
{
    for (;;) {
        bool there = o->simulation == simulation;

        if (there && (o->received > step || o->failed)) return LERAY_OK;
        if (s->broken) return raise_broken(s);
        if (stop && *stop)
            return leray_error_raise(LERAY_INTERRUPTED, __FILE__, __LINE__, "stopped by a signal");
        wait_a_moment(s);
    }
}

/* The message's floats; closes it. */
static leray_status copy_out(zmq_msg_t *frame, size_t size, float *out)
{
    bool there = zmq_msg_size(frame) == size * sizeof *out;

    if (there) memcpy(out, zmq_msg_data(frame), size * sizeof *out);
    zmq_msg_close(frame);
    LERAY_CHECK(there, LERAY_ERR_ARG, "a frame of the stream is taken once");
    return LERAY_OK;
}

leray_status leray_stream_take(leray_stream *s, int simulation, int step,
                               const volatile sig_atomic_t *stop, float *out, bool *failed,
                               const char **reason)
{
    open_simulation *o = &s->open[simulation % s->window];
    zmq_msg_t frame;
    bool moved;
    leray_status status;

    LERAY_CHECK(simulation >= s->reading, LERAY_ERR_ARG, "the stream is read in order");
    zmq_msg_init(&frame);
    pthread_mutex_lock(&s->lock);
    moved = simulation > s->reading;
    s->reading = simulation;
    pthread_mutex_unlock(&s->lock);
    if (moved) wake(s);

    pthread_mutex_lock(&s->lock);
    status = wait_for(s, o, simulation, step, stop);
    if (!status) {
        *failed = o->received <= step;
        *reason = o->reason;
        if (!*failed) zmq_msg_move(&frame, &o->frame[step]);
    }
    pthread_mutex_unlock(&s->lock);
    if (status || *failed) {
        zmq_msg_close(&frame);
        return status;
    }
    return copy_out(&frame, s->size, out);
}

void leray_stream_times(leray_stream *s, double *idle, double *busy)
{
    pthread_mutex_lock(&s->lock);
    *idle = s->idle;
    *busy = s->busy;
    pthread_mutex_unlock(&s->lock);
}

/* ---- making and ending ------------------------------------------------------------------ */

static leray_status zmq_failed(const char *what)
{
    LERAY_FAIL(LERAY_ERR_EXTERNAL, "ZeroMQ: %s: %s", what, zmq_strerror(zmq_errno()));
}

static leray_status open_sockets(leray_stream *s)
{
    char wake_point[80];
    int none = 0;

    LERAY_TRY(leray_descriptors_need(CONTEXT_FILES + s->n_clients, "an online run"));
    snprintf(s->endpoint, sizeof s->endpoint, "inproc://frames-%p", (void *)s);
    snprintf(wake_point, sizeof wake_point, "inproc://wake-%p", (void *)s);
    if (!(s->context = zmq_ctx_new())) return zmq_failed("no context");
    s->router = zmq_socket(s->context, ZMQ_ROUTER);
    s->wake_in = zmq_socket(s->context, ZMQ_PAIR);
    s->wake_out = zmq_socket(s->context, ZMQ_PAIR);
    if (!s->router || !s->wake_in || !s->wake_out) return zmq_failed("no socket");
    zmq_setsockopt(s->router, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(s->wake_out, ZMQ_LINGER, &none, sizeof none);
    if (zmq_bind(s->router, s->endpoint) || zmq_bind(s->wake_in, wake_point) ||
        zmq_connect(s->wake_out, wake_point))
        return zmq_failed("cannot bind");
    return LERAY_OK;
}

static leray_status make_client(leray_stream *s, int i)
{
    leray_stream_client *c = &s->client[i];
    const leray_reals *delays = &s->ensemble->settings.delays;
    leray_frame frame;

    c->ensemble = s->ensemble;
    c->context = s->context;
    c->endpoint = s->endpoint;
    c->delay = i < delays->count ? delays->value[i] : 0;
    c->stop = &s->stop;
    LERAY_TRY(leray_ensemble_solver(s->ensemble, &c->solver));
    leray_solver_frame(c->solver, &frame);
    s->size = c->size = (size_t)frame.nfields * leray_frame_points(&frame);
    return LERAY_OK;
}

static leray_status init(leray_stream *s)
{
    pthread_condattr_t attr;
    size_t frames = (size_t)s->ensemble->settings.frames;

    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->arrived, &attr);
    pthread_condattr_destroy(&attr);
    s->synchronised = true;
    LERAY_TRY(open_sockets(s));
    LERAY_TRY(LERAY_ALLOC(&s->client, (size_t)s->n_clients));
    LERAY_TRY(LERAY_ALLOC(&s->waiting, (size_t)s->n_clients));
    LERAY_TRY(LERAY_ALLOC(&s->open, (size_t)s->window));
    for (int i = 0; i < s->n_clients; i++) LERAY_TRY(make_client(s, i));
    for (int i = 0; i < s->window; i++) {
        s->open[i].simulation = -1;
        LERAY_TRY(LERAY_ALLOC(&s->open[i].frame, frames));
        for (size_t k = 0; k < frames; k++) zmq_msg_init(&s->open[i].frame[k]);
    }
    return LERAY_OK;
}

leray_status leray_stream_create(const leray_ensemble *ensemble, int clients, leray_stream **out)
{
    leray_stream *s;
    leray_status status;

    *out = NULL;
    LERAY_TRY(LERAY_ALLOC(&s, 1));
    s->ensemble = ensemble;
    s->n_clients = clients;
    s->window = 2 * clients;
    status = init(s);
    if (status) leray_stream_destroy(&s);
    *out = s;
    return status;
}

void leray_stream_example(leray_stream *s, leray_frame *frame)
{
    leray_solver_frame(s->client[0].solver, frame);
}

size_t leray_stream_frame_size(const leray_stream *s) { return s->size; }

/* Signals are for the thread that trains: the others are born with all of them blocked. */
static leray_status start_threads(leray_stream *s)
{
    LERAY_CHECK(pthread_create(&s->server, NULL, serve, s) == 0, LERAY_ERR_EXTERNAL,
                "cannot start a thread: %s", strerror(errno));
    s->serving = true;
    for (int i = 0; i < s->n_clients; i++) {
        leray_stream_client *c = &s->client[i];

        LERAY_CHECK(pthread_create(&c->thread, NULL, leray_stream_client_main, c) == 0,
                    LERAY_ERR_EXTERNAL, "cannot start a thread: %s", strerror(errno));
        c->running = true;
    }
    return LERAY_OK;
}

leray_status leray_stream_start(leray_stream *s, int first)
{
    sigset_t all, before;
    leray_status status;

    s->reading = s->next = first;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    status = start_threads(s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static void join_threads(leray_stream *s)
{
    atomic_store(&s->stop, true);
    if (s->serving) {
        wake(s);
        pthread_join(s->server, NULL);
    }
    for (int i = 0; i < s->n_clients && s->client; i++)
        if (s->client[i].running) pthread_join(s->client[i].thread, NULL);
}

void leray_stream_destroy(leray_stream **stream)
{
    leray_stream *s = *stream;

    if (!s) return;
    join_threads(s);
    for (int i = 0; i < s->n_clients && s->client; i++) leray_solver_destroy(&s->client[i].solver);
    for (int i = 0; i < s->window && s->open; i++) {
        if (s->open[i].frame) drop_frames(s, &s->open[i]);
        leray_mem_free(s->open[i].frame);
    }
    leray_mem_free(s->open);
    leray_mem_free(s->waiting);
    leray_mem_free(s->client);
    if (s->router) zmq_close(s->router);
    if (s->wake_in) zmq_close(s->wake_in);
    if (s->wake_out) zmq_close(s->wake_out);
    if (s->context) zmq_ctx_destroy(s->context);
    if (s->synchronised) {
        pthread_cond_destroy(&s->arrived);
        pthread_mutex_destroy(&s->lock);
    }
    leray_mem_free(s);
    *stream = NULL;
}
