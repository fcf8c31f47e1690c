"""tools/parity/ffno.py - the factorised FNO of operators/models/ffno.c in PyTorch, and fixtures.

    /usr/bin/python3 tools/parity/ffno.py [tests/fixtures/operators]
"""
import os
import sys

import torch
from torch import nn
from torch.nn.utils import weight_norm

from fno import CONV, coordinates, crop, pad
from tensors import write_case


def along(x, weight, axis):
    """The modes k < m of one axis (of the grid); weight [m, in, out, 2]."""
    n, m = x.shape[2 + axis], weight.shape[0]
    x_hat = torch.fft.rfft(x.movedim(2 + axis, -1), norm="ortho")
    y_hat = torch.zeros(x_hat.shape[0], weight.shape[2], *x_hat.shape[2:], dtype=x_hat.dtype)
    y_hat[..., :m] = torch.einsum(
        "bi...m,mio->bo...m", x_hat[..., :m], torch.view_as_complex(weight)
    )
    return torch.fft.irfft(y_hat, n=n, norm="ortho").movedim(-1, 2 + axis)


def weights(width, modes):
    return nn.ParameterList(nn.Parameter(torch.randn(m, width, width, 2)) for m in modes)


class Block(nn.Module):
    def __init__(self, new_map, width, modes, factor, shared):
        super().__init__()
        if not shared:
            self.spectral = weights(width, modes)
        self.feed = nn.ModuleList([new_map(width, factor * width), new_map(factor * width, width)])

    def forward(self, x, spectral):
        u = sum(along(x, w, axis) for axis, w in enumerate(spectral))
        return self.feed[1](torch.relu(self.feed[0](u)))


class FFNO(nn.Module):
    def __init__(
        self,
        channels_in,
        channels_out,
        width,
        modes,
        layers,
        projection,
        factor=4,
        share=False,
        normed=True,
        padding=0,
    ):
        super().__init__()
        conv = CONV[len(modes)]

        def new_map(a, b):
            return weight_norm(conv(a, b, 1)) if normed else conv(a, b, 1)

        self.padding = padding
        self.share = share
        self.lifting = new_map(channels_in + len(modes), width)
        if share:
            self.spectral = weights(width, modes)
        self.blocks = nn.ModuleList(
            Block(new_map, width, modes, factor, share) for _ in range(layers)
        )
        self.projection = nn.ModuleList(
            [new_map(width, projection), new_map(projection, channels_out)]
        )

    def forward(self, x):
        v = pad(self.lifting(torch.cat([x, coordinates(x)], 1)), self.padding)
        for block in self.blocks:
            b = block(v, self.spectral if self.share else block.spectral)
            v = v + b
        return self.projection[1](self.projection[0](crop(b, x.shape[2:])))


def main(folder):
    for name, modes, grid, options in (
        ("ffno1d", (5,), (15,), {}),
        ("ffno2d", (3, 4), (9, 10), {"padding": 0.2}),
        ("ffno3d", (2, 2, 3), (4, 5, 6), {}),
        ("ffno_shared", (3, 4), (9, 10), {"share": True}),
        ("ffno_plain", (3, 6), (9, 10), {"normed": False}),
    ):
        deck = "width: 4, modes: [%s], layers: 2, projection: 5, factor: 2" % ", ".join(
            map(str, modes)
        )
        deck += ", share: %s, weight_norm: %s, padding: %g" % (
            str(options.get("share", False)).lower(),
            str(options.get("normed", True)).lower(),
            options.get("padding", 0),
        )
        module = FFNO(2, 2, 4, modes, 2, 5, factor=2, **options)
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "ffno", deck, module, (2, 2), grid, bounded=module.padding > 0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
