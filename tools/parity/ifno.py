"""tools/parity/ifno.py - the implicit FNO of operators/models/ifno.c in PyTorch, and fixtures.

    /usr/bin/python3 tools/parity/ifno.py [tests/fixtures/operators]
"""
import os
import sys

import torch
from torch import nn

from fno import CONV, Block, coordinates, crop, mlp, pad
from tensors import write_case


class IFNO(nn.Module):
    """Steps of 1 / layers with one Fourier layer."""

    def __init__(self, channels_in, channels_out, width, modes, layers, projection, padding=0):
        super().__init__()
        conv = CONV[len(modes)]
        self.layers = layers
        self.padding = padding
        self.lifting = conv(channels_in + len(modes), width, 1)
        self.layer = Block(width, modes)
        self.projection = nn.ModuleList(
            [conv(width, projection, 1), conv(projection, channels_out, 1)]
        )

    def forward(self, x):
        v = pad(self.lifting(torch.cat([x, coordinates(x)], 1)), self.padding)
        for _ in range(self.layers):
            v = v + nn.functional.gelu(self.layer(v)) / self.layers
        return mlp(self.projection, crop(v, x.shape[2:]))


def main(folder):
    for name, modes, grid, padding in (
        ("ifno1d", (5,), (15,), 0),
        ("ifno2d", (3, 4), (12, 10), 0.2),
        ("ifno3d", (2, 2, 3), (6, 5, 8), 0),
    ):
        deck = "width: 4, modes: [%s], layers: 3, projection: 5, padding: %g" % (
            ", ".join(map(str, modes)),
            padding,
        )
        module = IFNO(2, 2, 4, modes, 3, 5, padding)
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "ifno", deck, module, (2, 2), grid, bounded=module.padding > 0)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
