"""tools/parity/les.py - sub-grid models in plain numpy, and the fixture of tests/solvers_les_box.c.

Everything is done on full complex spectra and in physical space on the whole grid: full 3 x 3 tensors,
filters as masks, no use of symmetry, trace or parts of integrals. Run as a program it writes the fixture:

    /usr/bin/python3 tools/parity/les.py [tests/fixtures/solvers/les.bin]

Records of case C: C.grid (points and lengths along z, y, x), and, for each model M, C.M (numbers, see
`measure`).
"""
import os
import sys

import numpy as np
import torch

from common import record

CASES = {
    "cube": ([16, 16, 16], [2 * np.pi] * 3),
    "slab": ([12, 16, 20], [3.0, 4.0, 5.0]),
}


class Box:
    def __init__(self, n, length):
        self.n, self.length = n, length
        self.top = [(p - 1) // 3 for p in n]
        whole = [np.round(np.fft.fftfreq(p) * p) for p in n]
        self.s = np.meshgrid(*whole, indexing="ij")  # z, y, x
        k = [2 * np.pi / l * s for s, l in zip(self.s, length)]
        self.k = [k[2], k[1], k[0]]  # x, y, z
        self.k2 = sum(a * a for a in k)
        self.kept = np.ones(n, bool)
        for s, t in zip(self.s, self.top):
            self.kept &= np.abs(s) <= t
        self.width = np.cbrt(np.prod([l / (2 * t) for l, t in zip(length, self.top)]))

    def field(self, f_hat):
        return np.fft.ifftn(f_hat).real * np.prod(self.n)

    def modes(self, f):
        return np.fft.fftn(f) / np.prod(self.n)

    def velocity(self):
        """curl of A, A_c(k) = -|k|^-2.4 exp(i theta_c) on one half of the modes kept. Its dynamic
        coefficient is positive; that of -u is the opposite."""
        sz, sy, sx = self.s
        half = self.kept & ((sx > 0) | ((sx == 0) & ((sy > 0) | ((sy == 0) & (sz > 0)))))
        size = -(np.where(half, self.k2, 1.0) ** -1.2) * half
        a = []
        for c in range(3):
            theta = 1.7 * sz + 2.9 * sy + 4.3 * sx + 1.1 * c + 0.37 * sz * sy + 0.61 * sx * sy * (c + 1)
            a.append(size * np.exp(1j * theta))
        k = self.k
        u = [1j * (k[(c + 1) % 3] * a[(c + 2) % 3] - k[(c + 2) % 3] * a[(c + 1) % 3]) for c in range(3)]
        return [f + np.conj(np.roll(f[::-1, ::-1, ::-1], (1, 1, 1), (0, 1, 2))) for f in u]

    def transfer(self, kind, width):
        if kind == "sharp":
            return (np.sqrt(self.k2) * width < np.pi * (1 - 1e-12)) * 1.0
        if kind == "gaussian":
            return np.exp(-self.k2 * width**2 / 24)
        g = 1.0
        for k in self.k:
            g = g * np.sinc(k * width / 2 / np.pi)
        return g

    def filtered(self, f, g):
        return self.field(self.modes(f) * g)


def gradient(box, u_hat):
    """g[i][j] = d u_i / d x_j."""
    return np.array([[box.field(1j * box.k[j] * u_hat[i]) for j in range(3)] for i in range(3)])


def strain(g):
    return 0.5 * (g + g.transpose(1, 0, 2, 3, 4))


def dot(a, b):
    return np.einsum("ij...,ij...->...", a, b)


def deviator(t):
    return t - np.eye(3)[:, :, None, None, None] * np.einsum("ii...->...", t) / 3


def smagorinsky(box, g, constant=0.17):
    return (constant * box.width) ** 2 * np.sqrt(2 * dot(strain(g), strain(g)))


def wale(box, g, constant=0.5):
    s, gg = strain(g), np.einsum("ik...,kj...->ij...", g, g)
    d = deviator(0.5 * (gg + gg.transpose(1, 0, 2, 3, 4)))
    dd, ss = dot(d, d), dot(s, s)
    return (constant * box.width) ** 2 * dd**1.5 / (ss**2.5 + dd**1.25)


def vreman(box, g, constant=0.07):
    a = g.transpose(1, 0, 2, 3, 4)  # a_ij = d_i u_j
    b = box.width**2 * np.einsum("mi...,mj...->ij...", a, a)
    minors = sum(b[i, i] * b[j, j] - b[i, j] ** 2 for i, j in ((0, 1), (0, 2), (1, 2)))
    return constant * np.sqrt(minors / dot(a, a))


def dynamic(box, u_hat, kind, ratio, every=1):
    """C_s^2, with means over every second point, say, along each axis. The test filter keeps none of
    the modes that the flow does not keep."""
    test = box.transfer(kind, ratio * box.width) * box.kept
    u = np.array([box.field(f) for f in u_hat])
    u_test = [f * test for f in u_hat]
    v = np.array([box.field(f) for f in u_test])
    s, s_test = strain(gradient(box, u_hat)), strain(gradient(box, u_test))
    norm, norm_test = np.sqrt(2 * dot(s, s)), np.sqrt(2 * dot(s_test, s_test))
    l, m = np.zeros_like(s), np.zeros_like(s)
    for i in range(3):
        for j in range(3):
            l[i, j] = box.filtered(u[i] * u[j], test) - v[i] * v[j]
            m[i, j] = box.filtered(norm * s[i, j], test) - ratio**2 * norm_test * s_test[i, j]
    m *= 2 * box.width**2
    at = (slice(None, None, every),) * 3
    return dot(deviator(l), m)[at].mean() / dot(m, m)[at].mean()


def mixed_stress(box, u_hat, g, ratio, similarity=1.0, constant=0.17):
    f = box.transfer("gaussian", ratio * box.width)
    u = np.array([box.field(c) for c in u_hat])
    v = np.array([box.field(c * f) for c in u_hat])
    tau = -2 * smagorinsky(box, g, constant) * strain(g)
    for i in range(3):
        for j in range(3):
            tau[i, j] += similarity * (box.filtered(u[i] * u[j], f) - v[i] * v[j])
    return tau


def measure(box, tau, g):
    """Mean of -tau_ij S_ij, then, for each of the five products of the flow, the mode (z, y, x) =
    (1, -1, 2): real part, imaginary part."""
    five = [tau[0, 0] - tau[2, 2], tau[1, 1] - tau[2, 2], tau[0, 1], tau[0, 2], tau[1, 2]]
    modes = [box.modes(t)[1, -1, 2] for t in five]
    return [-dot(tau, strain(g)).mean()] + [x for m in modes for x in (m.real, m.imag)]


def write_case(f, name, n, length):
    box = Box(n, length)
    u_hat = box.velocity()
    g = gradient(box, u_hat)

    def put(key, values):
        record(f, name + "." + key, torch.tensor(values, dtype=torch.float64))
        print(name, key, values[:2])

    put("grid", n + length)
    put("energy", [0.5 * sum((np.abs(c) ** 2).sum() for c in u_hat)])
    for nu_t in (smagorinsky, wale, vreman):
        put(nu_t.__name__, measure(box, -2 * nu_t(box, g) * strain(g), g))
    put("mixed", measure(box, mixed_stress(box, u_hat, g, 1.0), g))
    put("mixed2", measure(box, mixed_stress(box, u_hat, g, 2.0, 0.7, 0.1), g))
    put("dynamic.gaussian", [dynamic(box, u_hat, "gaussian", 2.0)])
    put("dynamic.box", [dynamic(box, u_hat, "box", 1.5)])
    if name == "cube":  # the test grid is every second point
        put("dynamic.sharp", [dynamic(box, u_hat, "sharp", 2.0, 2)])


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/solvers/les.bin"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        for case, (points, lengths) in CASES.items():
            write_case(out, case, points, lengths)
