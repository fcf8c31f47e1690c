"""kolmogorov.py - the flow u = sin(y): its laminar state, and the Reynolds number at which it becomes unstable to long waves.

L. D. Meshalkin, Ya. G. Sinai, J. Appl. Math. Mech. 25 (1961) 1700: on an infinite strip the flow U = sin y becomes
unstable at Re = 1/nu = sqrt(2), to waves exp(i a x) with a -> 0. On a strip of length 2 pi/a the threshold is an
eigenvalue problem, which the test solves with NumPy: with w = sum over n of w_n exp(i (a x + n y)), psi_n = w_n/(a^2 + n^2),

    d w_n/dt = -nu (a^2 + n^2) w_n - a/2 [ (w - psi)_{n-1} - (w - psi)_{n+1} ]."""
import os

import h5py
import numpy as np

from common import Check, table

TITLE = "Kolmogorov flow"
PICTURES = []
SOURCE = "eigenvalues by numpy.linalg.eigvals"
MODES = 24


def growth(a, reynolds):
    """Largest real part of the eigenvalues."""
    n = np.arange(-MODES, MODES + 1)
    k2 = a * a + n * n
    couple = (1 - 1 / k2) * a / 2
    matrix = np.diag(-k2 / reynolds).astype(complex)
    for j in range(len(n)):
        if j > 0:
            matrix[j, j - 1] -= couple[j - 1]
        if j + 1 < len(n):
            matrix[j, j + 1] += couple[j + 1]
    return np.linalg.eigvals(matrix).real.max()


def threshold(rate):
    """Where a growing function of Re vanishes."""
    low, high = 1.2, 2.5
    while high - low > 1e-10:
        middle = (low + high) / 2
        low, high = (low, middle) if rate(middle) > 0 else (middle, high)
    return low


def start(lab, a):
    """The laminar vorticity -cos y with a small wave along x, as a file."""
    x, y = np.arange(32) / 32 * 2 * np.pi, np.arange(32) / 32 * 2 * np.pi
    w = -np.cos(y)[:, None] + 1e-4 * np.cos(x)[None, :] * (1 + 0.5 * np.cos(y)[:, None])
    path = os.path.join(lab.folder, "kolmogorov_%g.npy" % a)
    np.save(path, w)
    return path


def measured_growth(lab, a, reynolds):
    name = "kolmogorov_%g_%g" % (a, reynolds)
    out = lab.solve("kolmogorov_strip.yaml", name, "solver.length=[%.17g,%.17g]" % (2 * np.pi, 2 * np.pi / a),
                    "solver.nu=%.17g" % (1 / reynolds), "solver.forcing.amplitude=%.17g" % (1 / reynolds),
                    "solver.initial={type: file, path: %s}" % start(lab, a))
    with h5py.File(os.path.join(out, "fields.h5")) as f:
        w, t = f["t0_fields/vorticity"][0].astype(float), f["dimensions/time"][:]
    wave = np.abs(np.fft.fft(w.mean(axis=1), axis=1)[:, 1])
    half = len(t) // 2
    return np.polyfit(t[half:], np.log(wave[half:]), 1)[0]


def checks(lab):
    laminar = table(lab.solve("kolmogorov_laminar.yaml", "kolmogorov_laminar"), "statistics")
    result = [Check("laminar state: energy at the end", laminar["energy"][-1], 0.25, 1e-9,
                    "exact: A^2/(4 (nu k^2 + drag)^2)")]
    edges = []
    for a in (0.4, 0.2, 0.1):
        around = [threshold(lambda r: growth(a, r)) * f for f in (0.97, 1.03)]
        rates = [measured_growth(lab, a, r) for r in around]
        for r, rate in zip(around, rates):
            result.append(Check("growth rate, a = %g, Re = %.4f" % (a, r), rate, growth(a, r),
                                1e-3 * abs(growth(a, r)) + 1e-6, SOURCE))
        edges.append(around[0] - rates[0] * (around[1] - around[0]) / (rates[1] - rates[0]))
    # the threshold grows as sqrt(2) (1 + c a^2): by the two longest waves
    limit = edges[2] - (edges[1] - edges[2]) * 0.1**2 / (0.2**2 - 0.1**2)
    result.append(Check("threshold for a -> 0", limit, np.sqrt(2), 0.005, "Meshalkin, Sinai 1961: sqrt(2)"))
    return result
