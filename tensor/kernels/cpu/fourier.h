/* tensor/kernels/cpu/fourier.h - what stands between real lines and a complex transform of two of
   them, over any real type. Private.

   A template like sweeps.h. For z = u + i v and Z its transform, with the sums C_k, S_k of a line
   against cosines and sines: C_k(u) + i C_k(v) = (Z_k + Z_-k) / 2 and
   S_k(u) + i S_k(v) = i (Z_k - Z_-k) / 2. Modes are taken RUN at a time, so that those of -k,
   which run backwards, are turned around in registers. */

#define RUN 8

static void interleave(int n, const void *pu, const void *pv, void *pz)
{
    const real *restrict u = pu, *restrict v = pv;
    real *restrict z = pz;

    if (v)
        for (int j = 0; j < n; j++) z[2 * j] = u[j], z[2 * j + 1] = v[j];
    else
        for (int j = 0; j < n; j++) z[2 * j] = u[j], z[2 * j + 1] = 0;
}

static inline void deinterleave_both(int n, const real *restrict z, real *restrict u,
                                     real *restrict v, bool adds)
{
    if (adds)
        for (int j = 0; j < n; j++) u[j] += z[2 * j], v[j] += z[2 * j + 1];
    else
        for (int j = 0; j < n; j++) u[j] = z[2 * j], v[j] = z[2 * j + 1];
}

static void deinterleave(int n, const void *pz, void *pu, void *pv, bool adds)
{
    const real *restrict z = pz;
    real *restrict u = pu;

    if (pv) deinterleave_both(n, z, u, pv, adds);
    else
        for (int j = 0; j < n; j++) u[j] = adds ? u[j] + z[2 * j] : z[2 * j];
}

/* Modes k .. k + count - 1, and those of the opposite sign in the same order. */
typedef struct modes_run {
    real re[RUN], im[RUN], minus_re[RUN], minus_im[RUN];
} modes_run;

static inline void run_of(const real *restrict z, int n, int k, int count, modes_run *r)
{
    const real *restrict plus = z + 2 * k, *restrict minus = z + 2 * (n - k - count + 1);

    for (int i = 0; i < count; i++) r->re[i] = plus[2 * i], r->im[i] = plus[2 * i + 1];
    for (int i = 0; i < count; i++) {
        r->minus_re[i] = minus[2 * (count - 1 - i)];
        r->minus_im[i] = minus[2 * (count - 1 - i) + 1];
    }
}

/* The two places may share mode n / 2. */
static inline void put_run(const modes_run *r, int n, int k, int count, real *z)
{
    real *plus = z + 2 * k, *minus = z + 2 * (n - k - count + 1);

    for (int i = 0; i < count; i++) plus[2 * i] = r->re[i], plus[2 * i + 1] = r->im[i];
    for (int i = 0; i < count; i++) {
        minus[2 * i] = r->minus_re[count - 1 - i];
        minus[2 * i + 1] = r->minus_im[count - 1 - i];
    }
}

/* Sines first: sine 0 may stand where the last cosine goes. */
static inline void series_run(const leray_series *s, const real *z, int k, int count, real *u,
                              real *v)
{
    const real *restrict h = (const real *)s->factor + k;
    real sign = (real)s->sign, *sine_u = u + s->sine_at + k, *sine_v = v + s->sine_at + k;
    modes_run r;

    run_of(z, s->n, k, count, &r);
    for (int i = 0; i < count; i++) sine_u[i] = sign * h[i] * (r.minus_im[i] - r.im[i]);
    for (int i = 0; i < count; i++) sine_v[i] = sign * h[i] * (r.re[i] - r.minus_re[i]);
    for (int i = 0; i < count; i++) u[k + i] = h[i] * (r.re[i] + r.minus_re[i]);
    for (int i = 0; i < count; i++) v[k + i] = h[i] * (r.im[i] + r.minus_im[i]);
}

/* Z_-0 is put behind the last mode. */
static void spectrum_to_series(const leray_series *s, void *pz, void *u, void *v)
{
    real *z = pz;
    int k = 0;

    z[2 * s->n] = z[0], z[2 * s->n + 1] = z[1];
    for (; k + RUN <= s->modes; k += RUN) series_run(s, z, k, RUN, u, v);
    for (; k < s->modes; k++) series_run(s, z, k, 1, u, v);
}

/* Z_k = h (C - i S), Z_-k = h (C + i S). */
static inline void spectrum_run(const leray_series *s, const real *u, const real *v, int k,
                                int count, real *z)
{
    const real *restrict h = (const real *)s->factor + k;
    const real *sine_u = u + s->sine_at + k, *sine_v = v + s->sine_at + k;
    real sign = (real)s->sign;
    modes_run r;

    for (int i = 0; i < count; i++) {
        real cu = h[i] * u[k + i], cv = h[i] * v[k + i];
        real su = sign * h[i] * sine_u[i], sv = sign * h[i] * sine_v[i];

        r.re[i] = cu + sv, r.im[i] = cv - su;
        r.minus_re[i] = cu - sv, r.minus_im[i] = cv + su;
    }
    put_run(&r, s->n, k, count, z);
}

/* Modes 0 and n / 2, which are their own opposites, are put right at the end. */
static void series_to_spectrum(const leray_series *s, const void *pu, const void *pv, void *pz)
{
    const real *u = pu, *v = pv, *h = s->factor;
    real *z = pz;
    int k = 0, n = s->n, last = s->modes - 1, empty = n - 2 * last - 1;

    if (empty > 0) memset(z + 2 * s->modes, 0, 2 * sizeof *z * (size_t)empty);
    for (; k + RUN <= s->modes; k += RUN) spectrum_run(s, u, v, k, RUN, z);
    for (; k < s->modes; k++) spectrum_run(s, u, v, k, 1, z);
    z[0] = 2 * h[0] * u[0], z[1] = 2 * h[0] * v[0];
    if (2 * last == n) z[n] = 2 * h[last] * u[last], z[n + 1] = 2 * h[last] * v[last];
}

#undef RUN

#define LERAY_KERNELS_OF_FOURIER                            \
    .interleave = interleave, .deinterleave = deinterleave, \
    .spectrum_to_series = spectrum_to_series, .series_to_spectrum = series_to_spectrum
