"""tools/parity/mlp.py - dense networks in PyTorch, and fixtures of their numbers.

The module is operators/models/mlp.c: its state_dict has the names and layouts of
leray_model_parameters(). Run as a program it writes the fixtures that tests/operators_parity.c
reads:

    /usr/bin/python3 tools/parity/mlp.py [tests/fixtures/operators]
"""
import math
import os
import sys

import torch
from torch import nn

from fno import coordinates
from tensors import write_case
from unet import ACTIVATION


class MLP(nn.Module):
    def __init__(self, grid, channels_in, channels_out, width, layers, activation="gelu",
                 pointwise=False):
        super().__init__()
        n = 1 if pointwise else math.prod(grid)
        first = channels_in + len(grid) if pointwise else channels_in * n
        extents = [first] + [width] * layers + [channels_out * n]
        self.pointwise, self.channels_out = pointwise, channels_out
        self.activation = ACTIVATION[activation]
        self.maps = nn.ModuleList(nn.Linear(i, o) for i, o in zip(extents, extents[1:]))

    def dense(self, h):
        for m in self.maps[:-1]:
            h = self.activation(m(h))
        return self.maps[-1](h)

    def forward(self, x):
        if self.pointwise:
            return self.dense(torch.cat([x, coordinates(x)], 1).movedim(1, -1)).movedim(-1, 1)
        return self.dense(x.flatten(1)).reshape(x.shape[0], self.channels_out, *x.shape[2:])


def main(folder):
    def write(name, grid, settings, **more):
        deck = ", ".join("%s: %s" % (k, str(v).lower()) for k, v in {**settings, **more}.items())
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "mlp", deck, MLP(grid, 2, 3, **settings, **more), (2, 3), grid)

    write("mlp1d", (7,), dict(width=6, layers=1))
    write("mlp2d", (3, 4), dict(width=5, layers=2), activation="tanh")
    write("mlp3d", (2, 3, 2), dict(width=5, layers=2), activation="silu")
    write("mlp_points2d", (5, 4), dict(width=6, layers=2), pointwise=True)
    write("mlp_points3d", (3, 2, 4), dict(width=6, layers=1), pointwise=True, activation="relu")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
