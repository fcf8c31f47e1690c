/* tests/check.h - cmocka, and the few checks it lacks. */
#ifndef LERAY_TESTS_CHECK_H
#define LERAY_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The call succeeds; if not, its message is shown. */
#define assert_ok(call)                                                           \
    do {                                                                          \
        if ((call) != LERAY_OK) fail_msg("%s: %s", #call, leray_error_message()); \
    } while (0)

/* The call fails with `code`, and the message contains `words`. */
#define assert_fails(call, code, words)                                           \
    do {                                                                          \
        leray_status check_st_ = (call);                                          \
        if (check_st_ != (code))                                                  \
            fail_msg("%s: status %d (%s), not %s", #call, (int)check_st_,         \
                     leray_status_text(check_st_), #code);                        \
        if (!strstr(leray_error_message(), words))                                \
            fail_msg("%s: '%s' lacks '%s'", #call, leray_error_message(), words); \
    } while (0)

/* |a - b| <= tol * max(1, |b|). */
#define assert_close(a, b, tol)                                                                  \
    do {                                                                                         \
        double check_a_ = (a), check_b_ = (b), check_tol_ = (tol);                               \
        if (!(fabs(check_a_ - check_b_) <= check_tol_ * fmax(1, fabs(check_b_))))                \
            fail_msg("%s = %.17g, %s = %.17g, differ by %.3g, tolerance %.3g", #a, check_a_, #b, \
                     check_b_, fabs(check_a_ - check_b_), check_tol_);                           \
    } while (0)

/* x <= bound, with both shown. */
#define assert_at_most(x, bound)                                             \
    do {                                                                     \
        double check_x_ = (x), check_bound_ = (bound);                       \
        if (!(check_x_ <= check_bound_))                                     \
            fail_msg("%s = %.6g is above %.6g", #x, check_x_, check_bound_); \
    } while (0)

#endif
