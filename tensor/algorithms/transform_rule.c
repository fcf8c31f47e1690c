/* tensor/algorithms/transform_rule.c - which axes of tensor/algorithms/transform.h go by fast transforms.

   perf/transforms.c times both ways. Here by one core of an AMD EPYC (Zen 3, AVX2), shared with
   other work, gcc 12 -O3 -march=native, FFTW 3.3.10, oneDNN 2.6, 2026-11-23; means of three runs,
   within 15 % of each other. The number of modes from which on fast transforms win (there and back),
   and the time of products over that of fast transforms for 48 modes:

        n      x, in pairs   x, one by one       y and z
       96        16  2.02        44  1.05     never  0.78
      128        15  2.31        37  1.19     never  0.86
      192        14  2.70        30  1.40        50  0.98
      256        13  2.97        28  1.54        45  1.05
      384        14  3.03        29  1.59        47  1.03
      512        12  3.41        26  1.77        42  1.11
     1024        13  3.32        26  1.70        40  1.16
      100        24  1.63     never  0.82     never  0.63
      250        35  1.33        73  0.68     never  0.56
      360        27  1.67        56  0.86        77  0.69
      500        25  1.88        52  0.96        70  0.72
      211     never  0.31     never  0.16     never  0.15
      421       129  0.36     never  0.18     never  0.17

   The times of products grow with n m, those of fast transforms with n and hardly with m, but with
   the primes of n. The rule lies above the crossing, since wider vectors than these help products
   more than fast transforms; it cost at most 1.3 times the better way here. */
#include "tensor/algorithms/transform.h"

static int largest_prime(int n)
{
    int largest = 1;

    for (int p = 2; n > 1; p++)
        for (; n % p == 0; n /= p) largest = p;
    return largest;
}

bool leray_transform_is_fast(leray_lines lines, int n, int m)
{
    static const int threes[] = {20, 36, 64}, sevens[] = {32, 72, 96}; /* by leray_lines */
    int largest = largest_prime(n), least = (largest <= 3 ? threes : sevens)[lines];

    return largest <= 7 && m >= least && n > 2 * least;
}
