"""tools/parity/losses.py - losses and their gradients in PyTorch.

    /usr/bin/python3 tools/parity/losses.py [tests/fixtures/operators/losses.bin]

writes what tests/operators_losses.c reads; common.py describes the file. For d = 1, 2, 3 dimensions
pd, td and maskd are prediction, target [batch, channels, grid..] and a mask [grid..]; for each loss
NAMEd is its value and NAMEd.g its gradient in the prediction, NAMEd.h in the target. Weights of the
two channels are 1 and 3. Everything is in float64.
"""
import math
import sys

import torch

from common import array, record

SHAPES = {1: (3, 2, 9), 2: (3, 2, 6, 5), 3: (2, 2, 4, 3, 6)}
CHANNELS = (1.0, 3.0)
LENGTHS = (2.0, 3.0, 1.5)


def per_sample(x):
    return x.flatten(1).sum(1)


def relative_lp(q):
    return lambda p, t, w: (
        (per_sample(w * (p - t).abs() ** q) / per_sample(w * t.abs() ** q)) ** (1 / q)
    ).mean()


def nmse(p, t, w):
    return (per_sample(w * (p - t) ** 2) / per_sample(w * t**2)).mean()


def mse(p, t, w):
    return (w * (p - t) ** 2).mean()


def huber(p, t, w):
    return (w * torch.nn.functional.huber_loss(p, t, delta=0.7, reduction="none")).mean()


def sobolev(s, alpha, relative):
    def norm(f, channels):
        grid = f.shape[2:]
        dims = tuple(range(2, f.ndim))
        m = torch.full(grid, alpha)
        for axis, n in enumerate(grid):
            k = 2 * math.pi / LENGTHS[axis] * n * torch.fft.fftfreq(n)
            m = m + (k**2).view([-1 if a == axis else 1 for a in range(len(grid))])
        f_hat = torch.fft.fftn(f, dim=dims, norm="forward")
        return per_sample(channels * m**s * f_hat.abs() ** 2).sqrt()

    def loss(p, t, channels):
        d = norm(p - t, channels)
        return (d / norm(t, channels)).mean() if relative else d.mean()

    return loss


def latitude(n, kind):
    j = torch.arange(float(n))
    degrees = -90 + (180 * (j + 0.5) / n if kind == "cells" else 180 * j / (n - 1))
    w = torch.cos(torch.deg2rad(degrees))
    return w / w.mean()


def write(path):
    torch.manual_seed(9)
    torch.set_default_dtype(torch.float64)
    with open(path, "wb") as f:
        for d, shape in SHAPES.items():
            p, t = torch.randn(shape).float().double(), torch.randn(shape).float().double()
            mask = torch.rand(shape[2:])
            mask = mask * (mask > 0.3)
            for name, x in (("p", p), ("t", t), ("mask", mask)):
                array(f, "%s%d" % (name, d), x)
            channels = torch.tensor(CHANNELS).view([1, 2] + [1] * d)
            one = torch.ones(1)
            cases = {
                "relative_l1": (relative_lp(1), one),
                "relative_l3": (relative_lp(3), one),
                "relative_l15": (relative_lp(1.5), channels * mask),
                "relative_l2": (relative_lp(2), one),
                "relative_l2w": (relative_lp(2), channels * mask),
                "nmse": (nmse, one),
                "nmse_w": (nmse, channels * mask),
                "mse": (mse, one),
                "mse_w": (mse, channels * mask),
                "huber": (huber, one),
                "huber_w": (huber, channels * mask),
                "h1": (sobolev(1, 1, True), one),
                "h1_minus": (sobolev(-1, 2, True), channels),
                "h_half": (sobolev(0.5, 0, False), channels),
            }
            if d > 1:
                for kind in ("cells", "nodes"):
                    w = latitude(shape[-2], kind).view(-1, 1)
                    cases[kind] = (mse, w * torch.ones(shape[2:]))
            for name, (loss, w) in cases.items():
                x, y = p.clone().requires_grad_(), t.clone().requires_grad_()
                value = loss(x, y, w)
                value.backward()
                record(f, "%s%d" % (name, d), value)
                record(f, "%s%d.g" % (name, d), x.grad)
                record(f, "%s%d.h" % (name, d), y.grad)


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators/losses.bin")
