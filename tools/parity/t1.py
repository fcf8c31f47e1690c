"""tools/parity/t1.py - Transform Once in one to three dimensions in PyTorch, and fixtures.

The module is operators/models/t1.c in the published order: lifting at every point, the transform of
all its channels, layers and head among the modes, and the inverse for comparison with fields. Its
state_dict has the names and layouts of leray_model_parameters(). Run as a program it writes the
fixtures that tests/operators_parity.c reads:

    /usr/bin/python3 tools/parity/t1.py [tests/fixtures/operators]
"""
import itertools
import math
import os
import sys

import torch
from torch import nn

from fno import CONV, coordinates
from tensors import write_case

ACTIVATIONS = {"gelu": nn.functional.gelu, "tanh": torch.tanh, "sin": torch.sin}


def cosine_matrix(n):
    """[mode, point] of the DCT-II, norm = "ortho"."""
    k, j = torch.arange(n)[:, None], torch.arange(n)[None, :]
    c = torch.cos(math.pi * (2 * j + 1) * k / (2 * n)) * math.sqrt(2 / n)
    c[0] /= math.sqrt(2)
    return c


def along(x, matrix, axis):
    return torch.movedim(torch.movedim(x, axis, -1) @ matrix.T, -1, axis)


class Cosine:
    """Blocks [batch, channels, m..]."""

    def __init__(self, modes):
        self.modes = modes
        self.extents = list(modes)

    def keep(self, x):
        for axis, m in enumerate(self.modes):
            x = along(x, cosine_matrix(x.shape[2 + axis])[:m], 2 + axis)
        return x

    def fields(self, block, grid):
        for axis, (m, n) in enumerate(zip(self.modes, grid)):
            block = along(block, cosine_matrix(n)[:m].T, 2 + axis)
        return block

    def activate(self, f, x):
        return f(x)


class Fourier:
    """Blocks [batch, channels, 2 mz, 2 my, mx], complex; rows 0 .. m-1, -m .. -1."""

    def __init__(self, modes):
        self.modes = modes
        self.extents = [2 * m for m in modes[:-1]] + [modes[-1]]

    def parts(self):
        last = slice(0, self.modes[-1])
        for signs in itertools.product((0, 1), repeat=len(self.modes) - 1):
            at = tuple(slice(-m, None) if s else slice(0, m) for s, m in zip(signs, self.modes))
            rows = tuple(slice(m, None) if s else slice(0, m) for s, m in zip(signs, self.modes))
            yield (Ellipsis,) + at + (last,), (Ellipsis,) + rows + (slice(None),)

    def keep(self, x):
        x_hat = torch.fft.rfftn(x, dim=list(range(2, x.dim())), norm="ortho")
        block = torch.zeros(*x.shape[:2], *self.extents, dtype=x_hat.dtype)
        for at, rows in self.parts():
            block[rows] = x_hat[at]
        return block

    def fields(self, block, grid):
        """Real fields of the kept modes alone: what the Hermitian planes need beyond them is 0."""
        full = torch.zeros(*block.shape[:2], *grid, dtype=block.dtype)
        for at, rows in self.parts():
            full[at] = block[rows]
        axes = list(range(2, block.dim()))
        half = full.clone()
        flipped = full.conj()
        for axis in axes:
            flipped = torch.roll(torch.flip(flipped, [axis]), 1, axis)
        kept = torch.zeros(grid)
        for at, _ in self.parts():
            kept[at] = 1
        mirrored = kept
        for axis in range(len(grid)):
            mirrored = torch.roll(torch.flip(mirrored, [axis]), 1, axis)
        nx = grid[-1]
        for column in {0, nx // 2} if nx % 2 == 0 else {0}:
            plane = (full[..., column] + flipped[..., column]) / 2
            half[..., column] = plane * (kept * mirrored)[..., column]
        return torch.fft.irfftn(half[..., : nx // 2 + 1], s=grid, dim=axes, norm="ortho")

    def activate(self, f, x):
        return torch.complex(f(x.real), f(x.imag))


class Layer(nn.Module):
    def __init__(self, basis, width, activation):
        super().__init__()
        self.basis = basis
        self.f = ACTIVATIONS[activation]
        self.complex = isinstance(basis, Fourier)
        pair = [2] if self.complex else []
        m = basis.extents
        self.channels = nn.Parameter(torch.zeros(*m, width, width, *pair))
        self.axes = nn.ParameterList(
            nn.Parameter(torch.zeros(k, k, *pair, width)) for k in m
        )

    def forward(self, z):
        w = torch.view_as_complex(self.channels) if self.complex else self.channels
        v = self.basis.activate(self.f, torch.einsum("bi...,...io->bo...", z, w))
        for axis, s in enumerate(self.axes):
            if self.complex:
                s = torch.complex(s[:, :, 0], s[:, :, 1])
            v = torch.movedim(v, 2 + axis, 2)
            v = torch.movedim(torch.einsum("bci...,ioc->bco...", v, s), 2, 2 + axis)
        return z + v


class T1(nn.Module):
    def __init__(self, channels_in, channels_out, width, modes, layers, head,
                 transform="dct", activation="gelu", grid=True):
        super().__init__()
        self.grid = grid
        self.basis = (Cosine if transform == "dct" else Fourier)(modes)
        ci = channels_in + (len(modes) if grid else 0)
        self.lifting = CONV[len(modes)](ci, width, 1)
        self.layers = nn.ModuleList(Layer(self.basis, width, activation) for _ in range(layers))
        self.head = nn.ParameterList(
            [nn.Parameter(torch.zeros(head, width)), nn.Parameter(torch.zeros(channels_out, head))]
        )

    def forward(self, x):
        grid = x.shape[2:]
        if self.grid:
            x = torch.cat([x, coordinates(x)], 1)
        z = self.basis.keep(self.lifting(x))
        for layer in self.layers:
            z = layer(z)
        h = [p.to(z.dtype) for p in self.head]
        z = self.basis.activate(torch.sin, torch.einsum("bi...,oi->bo...", z, h[0]))
        z = torch.einsum("bi...,oi->bo...", z, h[1])
        return self.basis.fields(z, grid)


def halve_head(module):
    """The outputs of wide layers are large: sin of them should not be noise."""
    module.head[0].mul_(0.1)


def main(folder):
    for name, transform, modes, grid, activation, coords in (
        ("t1_dct1d", "dct", (5,), (9,), "gelu", True),
        ("t1_dct2d", "dct", (3, 4), (6, 7), "tanh", True),
        ("t1_dct3d", "dct", (2, 2, 3), (4, 3, 5), "gelu", False),
        ("t1_dft1d", "dft", (4,), (9,), "tanh", True),
        ("t1_dft2d", "dft", (2, 3), (6, 7), "sin", True),
        ("t1_dft2d_all", "dft", (2, 4), (4, 6), "gelu", False),
        ("t1_dft3d", "dft", (1, 2, 2), (4, 6, 5), "tanh", True),
    ):
        deck = (
            "width: 3, modes: [%s], layers: 2, head: 4, transform: %s, activation: %s, grid: %s"
            % (", ".join(map(str, modes)), transform, activation, "true" if coords else "false")
        )
        module = T1(2, 2, 3, modes, 2, 4, transform, activation, coords)
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "t1", deck, module, (2, 2), grid, scale=halve_head)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
