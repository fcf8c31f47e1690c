/* leray/impl/error.h - how the code of a component reports failure.

   A function that can fail returns leray_status and hands results back through
   pointers. Failures are raised once with LERAY_FAIL or LERAY_CHECK, and passed up
   with LERAY_TRY, which adds its own file:line to the message. These checks are
   never compiled out; use assert() for facts that the code itself guarantees. */
#ifndef LERAY_IMPL_ERROR_H
#define LERAY_IMPL_ERROR_H

#include <leray/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LERAY_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define LERAY_PRINTF(fmt, first)
#endif

LERAY_API leray_status leray_error_raise(leray_status status, const char *file, int line,
                                         const char *fmt, ...) LERAY_PRINTF(4, 5);
LERAY_API leray_status leray_error_trace(leray_status status, const char *file, int line);

#define LERAY_FAIL(status, ...)                                              \
    do {                                                                     \
        return leray_error_raise((status), __FILE__, __LINE__, __VA_ARGS__); \
    } while (0)

#define LERAY_CHECK(cond, status, ...)                  \
    do {                                                \
        if (!(cond)) LERAY_FAIL((status), __VA_ARGS__); \
    } while (0)

#define LERAY_TRY(call)                                                         \
    do {                                                                        \
        leray_status leray_st_ = (call);                                        \
        if (leray_st_) return leray_error_trace(leray_st_, __FILE__, __LINE__); \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
