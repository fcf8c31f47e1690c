/* leray/status.h - error codes shared by every leray function. */
#ifndef LERAY_STATUS_H
#define LERAY_STATUS_H

#if defined(__GNUC__)
#define LERAY_API __attribute__((visibility("default")))
#define LERAY_NODISCARD __attribute__((warn_unused_result))
#else
#define LERAY_API
#define LERAY_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* One row per code: X(name, exit code of the command, text). */
#define LERAY_STATUS_LIST(X)                            \
    X(LERAY_OK, 0, "success")                           \
    X(LERAY_ERR_INTERNAL, 1, "internal error")          \
    X(LERAY_ERR_MEMORY, 1, "out of memory")             \
    X(LERAY_ERR_EXTERNAL, 1, "external library failed") \
    X(LERAY_ERR_ARG, 2, "invalid argument")             \
    X(LERAY_ERR_CONFIG, 2, "invalid configuration")     \
    X(LERAY_ERR_NOT_FOUND, 2, "no such name")           \
    X(LERAY_ERR_UNSUPPORTED, 2, "not supported")        \
    X(LERAY_ERR_BUSY, 2, "in use by another run")       \
    X(LERAY_ERR_DATA, 3, "invalid input data")          \
    X(LERAY_ERR_DIVERGED, 4, "solution is not finite")  \
    X(LERAY_ERR_IO, 5, "input/output failed")           \
    X(LERAY_ERR_PEER, 6, "peer lost")                   \
    X(LERAY_INTERRUPTED, 75, "checkpointed on a signal")

typedef enum leray_status {
#define LERAY_ROW(name, exit_code, text) name,
    LERAY_STATUS_LIST(LERAY_ROW)
#undef LERAY_ROW
} leray_status;

/* Static text for a code. Never NULL. */
LERAY_API const char *leray_status_text(leray_status status);

/* The exit code that the command `leray` ends with for this status. */
LERAY_API int leray_status_exit_code(leray_status status);

/* What went wrong in the last failing call on this thread: one line of message, then one
   "  at file:line" per frame, innermost first. "" if nothing failed. Valid until the next
   failing call on this thread. */
LERAY_API const char *leray_error_message(void);

#ifdef __cplusplus
}
#endif
#endif
