"""tools/parity/aff.py - the adaptive frequency filters of operators/models/aff.c in PyTorch, and
fixtures.

    /usr/bin/python3 tools/parity/aff.py [tests/fixtures/operators]
"""
import itertools
import os
import sys

import torch
from torch import nn

from fno import CONV, coordinates, crop, mlp, pad
from tensors import write_case


class Mask(nn.Module):
    """A complex map within groups of channels: weight [groups, (re, im), to, from]."""

    def __init__(self, groups, size):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(groups, 2, size, size))
        self.bias = nn.Parameter(0.02 * torch.randn(groups, 2, size))

    def forward(self, x):
        w = torch.complex(self.weight[:, 0], self.weight[:, 1])
        b = torch.complex(self.bias[:, 0], self.bias[:, 1])
        grouped = x.reshape(x.shape[0], w.shape[0], w.shape[2], -1)
        y = torch.einsum("koi,bkip->bkop", w, grouped) + b[..., None]
        return y.reshape(x.shape)


def by_parts(f, z):
    return torch.complex(f(z.real), f(z.imag))


class Block(nn.Module):
    def __init__(self, width, modes, groups, hidden, threshold):
        super().__init__()
        conv = CONV[len(modes)]
        self.modes = modes
        self.threshold = threshold
        self.norm = nn.ModuleList(nn.GroupNorm(1, width) for _ in range(2))
        self.mlp = nn.ModuleList([conv(width, hidden, 1), conv(hidden, width, 1)])
        self.mask = nn.ModuleList(Mask(groups, width // groups) for _ in range(2))

    def keep(self, x_hat):
        """1 on the kept modes."""
        kept = torch.zeros(x_hat.shape[2:])
        last = slice(0, self.modes[-1])
        for signs in itertools.product((0, 1), repeat=len(self.modes) - 1):
            at = tuple(slice(-m, None) if s else slice(0, m) for s, m in zip(signs, self.modes))
            kept[at + (last,)] = 1
        return kept

    def filter(self, w):
        axes = list(range(2, w.dim()))
        w_hat = torch.fft.rfftn(w, dim=axes, norm="ortho")
        m = self.mask[1](by_parts(torch.relu, self.mask[0](w_hat)))
        m = by_parts(lambda t: nn.functional.softshrink(t, self.threshold), m)
        y_hat = m * w_hat * self.keep(w_hat)
        return w + torch.fft.irfftn(y_hat, s=w.shape[2:], dim=axes, norm="ortho")

    def forward(self, v):
        u = self.norm[0](v)
        u = u + mlp(self.mlp, u)
        return v + self.filter(self.norm[1](u))


class AFF(nn.Module):
    def __init__(
        self,
        channels_in,
        channels_out,
        width,
        modes,
        layers,
        projection,
        groups,
        expansion=2,
        threshold=0.01,
        padding=0,
    ):
        super().__init__()
        conv = CONV[len(modes)]
        self.padding = padding
        self.lifting = conv(channels_in + len(modes), width, 1)
        self.blocks = nn.ModuleList(
            Block(width, modes, groups, expansion * width, threshold) for _ in range(layers)
        )
        self.norm = nn.GroupNorm(1, width)
        self.projection = nn.ModuleList(
            [conv(width, projection, 1), conv(projection, channels_out, 1)]
        )

    def forward(self, x):
        v = pad(self.lifting(torch.cat([x, coordinates(x)], 1)), self.padding)
        for block in self.blocks:
            v = block(v)
        return mlp(self.projection, crop(self.norm(v), x.shape[2:]))


def main(folder):
    for name, modes, grid, groups, threshold, padding in (
        ("aff1d", (5,), (15,), 2, 0.3, 0),
        ("aff2d", (3, 4), (9, 10), 2, 0.3, 0.2),
        ("aff3d", (2, 2, 3), (4, 5, 6), 1, 0.01, 0),
        ("aff_groups", (3, 6), (9, 10), 4, 0, 0),
    ):
        deck = "width: 4, modes: [%s], layers: 2, projection: 5, groups: %d" % (
            ", ".join(map(str, modes)),
            groups,
        )
        deck += ", threshold: %g, padding: %g" % (threshold, padding)
        module = AFF(2, 2, 4, modes, 2, 5, groups, threshold=threshold, padding=padding)
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "aff", deck, module, (2, 2), grid, bounded=module.padding > 0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
