"""tools/parity/fno.py - FNO in one to three dimensions in PyTorch, and fixtures of its numbers.

The modules are both forms of operators/models/fno.c written with torch.fft: their state_dicts have
the names and layouts of leray_model_parameters(). Run as a program it writes the fixtures that
tests/operators_parity.c reads:

    /usr/bin/python3 tools/parity/fno.py [tests/fixtures/operators]
"""
import itertools
import os
import sys

import torch
from torch import nn

from tensors import write_case

CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}


class Map(nn.Conv2d):
    """A map of the channels at every point of space and time."""

    def __init__(self, channels_in, channels_out, size=1, bias=True):
        super().__init__(channels_in, channels_out, size, bias=bias)

    def forward(self, x):
        return super().forward(x.flatten(2, 3)).unflatten(2, x.shape[2:4])


class SpectralConv(nn.Module):
    """Kept modes: kx = 0..mx-1; on slower axes k = 0..m-1 and then -m..-1.

    weight is [2 mz, 2 my, mx, in, out, 2], mode-major, (re, im) last.
    """

    def __init__(self, channels_in, channels_out, modes):
        super().__init__()
        self.modes = modes
        kept = [2 * m for m in modes[:-1]] + [modes[-1]]
        scale = 1 / (channels_in * channels_out)
        self.weight = nn.Parameter(scale * torch.rand(*kept, channels_in, channels_out, 2))

    def forward(self, x):
        grid = x.shape[2:]
        axes = list(range(2, x.dim()))
        w = torch.view_as_complex(self.weight)
        x_hat = torch.fft.rfftn(x, dim=axes, norm="forward")
        y_hat = torch.zeros(x.shape[0], w.shape[-1], *x_hat.shape[2:], dtype=x_hat.dtype)
        last = slice(0, self.modes[-1])
        for signs in itertools.product((0, 1), repeat=len(grid) - 1):
            at = tuple(slice(-m, None) if s else slice(0, m) for s, m in zip(signs, self.modes))
            rows = tuple(slice(m, None) if s else slice(0, m) for s, m in zip(signs, self.modes))
            block = x_hat[(slice(None), slice(None)) + at + (last,)]
            y = torch.einsum("bi...,...io->bo...", block, w[rows])
            y_hat[(slice(None), slice(None)) + at + (last,)] = y
        return torch.fft.irfftn(y_hat, s=grid, dim=axes, norm="forward")


def coordinates(x):
    """x, then y, then z, in [0, 1)."""
    grid = x.shape[2:]
    fields = []
    for axis in reversed(range(len(grid))):
        shape = [1] * x.dim()
        shape[2 + axis] = grid[axis]
        c = torch.arange(grid[axis], dtype=x.dtype).div(grid[axis]).view(shape)
        fields.append(c.expand(x.shape[0], 1, *grid))
    return torch.cat(fields, 1)


class Block(nn.Module):
    def __init__(self, width, modes, conv):
        super().__init__()
        self.spectral = SpectralConv(width, width, modes)
        self.map = conv(width, width, 1)

    def forward(self, x):
        return self.spectral(x) + self.map(x)


def pad(x, fraction):
    """Zeros behind the end of every axis of the grid; fraction is one, or one of each axis."""
    fractions = fraction if isinstance(fraction, tuple) else (fraction,) * (x.dim() - 2)
    amounts = []
    for n, f in zip(reversed(x.shape[2:]), reversed(fractions)):
        amounts += [0, round(f * n)]
    return nn.functional.pad(x, amounts)


def crop(x, grid):
    return x[(slice(None), slice(None)) + tuple(slice(0, n) for n in grid)]


class FNO(nn.Module):
    """padding is of all axes, or one number for each; conv, in place of CONV's, is for time."""

    def __init__(
        self,
        channels_in,
        channels_out,
        width,
        modes,
        layers,
        projection,
        grid=True,
        padding=0,
        conv=None,
    ):
        super().__init__()
        conv = conv or CONV[len(modes)]
        self.grid = grid
        self.padding = padding
        self.lifting = conv(channels_in + (len(modes) if grid else 0), width, 1)
        self.blocks = nn.ModuleList(Block(width, modes, conv) for _ in range(layers))
        self.projection = nn.ModuleList(
            [conv(width, projection, 1), conv(projection, channels_out, 1)]
        )

    def forward(self, x):
        if self.grid:
            x = torch.cat([x, coordinates(x)], 1)
        grid = x.shape[2:]
        x = pad(self.lifting(x), self.padding)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i + 1 < len(self.blocks):
                x = nn.functional.gelu(x)
        return mlp(self.projection, crop(x, grid))


def mlp(maps, x):
    return maps[1](nn.functional.gelu(maps[0](x)))


class BiasedSpectralConv(SpectralConv):
    def __init__(self, width, modes):
        super().__init__(width, width, modes)
        self.bias = nn.Parameter(torch.randn(width))

    def forward(self, x):
        return super().forward(x) + self.bias.view(-1, *[1] * len(self.modes))


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.weight.view(-1, *[1] * (x.dim() - 2))


class NeuralopBlock(nn.Module):
    """FNOBlocks.forward_with_postactivation of neuralop/layers/fno_block.py. Biases that the
    instance norm takes away again, and so have no gradient, are left out."""

    def __init__(self, width, modes, hidden, norm, conv):
        super().__init__()
        spectral = SpectralConv(width, width, modes)
        self.spectral = spectral if norm == "instance" else BiasedSpectralConv(width, modes)
        self.map = conv(width, width, 1, bias=False)
        self.mlp = nn.ModuleList(
            [conv(width, hidden, 1), conv(hidden, width, 1, bias=norm != "instance")]
        )
        self.gate = Gate(width)
        if norm == "group":
            self.norm = nn.ModuleList(nn.GroupNorm(1, width) for _ in range(2))
        elif norm == "instance":
            self.norm = [nn.functional.instance_norm] * 2
        else:
            self.norm = [nn.Identity()] * 2

    def forward(self, x, last):
        skip, gated = self.map(x), self.gate(x)
        x = self.norm[0](self.spectral(x)) + skip
        if not last:
            x = nn.functional.gelu(x)
        x = self.norm[1](mlp(self.mlp, x) + gated)
        return x if last else nn.functional.gelu(x)


class NeuralopFNO(nn.Module):
    def __init__(
        self,
        channels_in,
        channels_out,
        width,
        modes,
        layers,
        projection,
        lifting_ratio=2,
        expansion=0.5,
        norm="none",
        padding=0,
        conv=None,
    ):
        super().__init__()
        conv = conv or CONV[len(modes)]
        self.padding = padding
        hidden = lifting_ratio * width
        self.lifting = nn.ModuleList(
            [conv(channels_in + len(modes), hidden, 1), conv(hidden, width, 1)]
        )
        hidden = round(expansion * width)
        self.blocks = nn.ModuleList(
            NeuralopBlock(width, modes, hidden, norm, conv) for _ in range(layers)
        )
        self.projection = nn.ModuleList(
            [conv(width, projection, 1), conv(projection, channels_out, 1)]
        )

    def forward(self, x):
        grid = x.shape[2:]
        x = pad(mlp(self.lifting, torch.cat([x, coordinates(x)], 1)), self.padding)
        for i, block in enumerate(self.blocks):
            x = block(x, i + 1 == len(self.blocks))
        return mlp(self.projection, crop(x, grid))


def main(folder):
    def write(name, deck, module, grid):
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "fno", deck, module, (2, 2), grid, bounded=module.padding > 0)

    for name, modes, grid in (
        ("fno1d", (5,), (15,)),
        ("fno2d", (3, 4), (12, 10)),
        ("fno3d", (2, 2, 3), (6, 5, 8)),
    ):
        deck = "width: 4, modes: [%s], layers: 2, projection: 5" % ", ".join(map(str, modes))
        write(name, deck, FNO(2, 2, 4, modes, layers=2, projection=5), grid)

    deck = "width: 4, modes: [2, 3], layers: 2, projection: 5, padding: 0.25"
    write("fno_padded", deck, FNO(2, 2, 4, (2, 3), 2, 5, padding=0.25), (9, 8))

    for name, modes, grid, norm, padding in (
        ("fno_neuralop1d", (5,), (15,), "none", 0),
        ("fno_neuralop2d", (2, 3), (9, 8), "none", 0.3),
        ("fno_neuralop3d", (1, 2, 3), (4, 5, 6), "none", 0),
        ("fno_neuralop_group", (2, 3), (7, 8), "group", 0),
        ("fno_neuralop_instance", (2, 3), (7, 8), "instance", 0),
    ):
        deck = "form: neuralop, width: 4, modes: [%s], layers: 2, projection: 5" % ", ".join(
            map(str, modes)
        )
        deck += ", lifting_ratio: 3, norm: %s, padding: %g" % (norm, padding)
        module = NeuralopFNO(2, 2, 4, modes, 2, 5, lifting_ratio=3, norm=norm, padding=padding)
        write(name, deck, module, grid)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
