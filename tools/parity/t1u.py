"""tools/parity/t1u.py - Transform Once with a U-Net in PyTorch, and fixtures of its numbers.

The module is operators/models/t1u.c: its state_dict has the names and layouts of
leray_model_parameters(). Run as a program it writes the fixtures that tests/operators_parity.c reads:

    /usr/bin/python3 tools/parity/t1u.py [tests/fixtures/operators]
"""
import os
import sys

import torch
from torch import nn

from fno import coordinates
from t1 import Cosine, Layer
from tensors import write_case
from unet import UNet


class T1U(nn.Module):
    def __init__(self, channels_in, channels_out, modes, grid, layer_activation, **unet):
        super().__init__()
        self.grid = grid
        self.basis = Cosine(modes)
        width = channels_in + (len(modes) if grid else 0)
        self.layer = Layer(self.basis, width, layer_activation)
        self.unet = UNet(len(modes), width, channels_out, padding="zero", **unet)

    def forward(self, x):
        grid = x.shape[2:]
        if self.grid:
            x = torch.cat([x, coordinates(x)], 1)
        return self.basis.fields(self.unet(self.layer(self.basis.keep(x))), grid)


def main(folder):
    for name, modes, grid, coords, activation in (
        ("t1u1d", (8,), (15,), True, "gelu"),
        ("t1u2d", (4, 8), (10, 9), True, "gelu"),
        ("t1u3d", (4, 2, 4), (5, 6, 7), False, "tanh"),
    ):
        size = dict(width=2, levels=1)
        deck = "modes: [%s], grid: %s, layer_activation: %s, width: 2, levels: 1" % (
            ", ".join(map(str, modes)),
            "true" if coords else "false",
            activation,
        )
        module = T1U(2, 2, modes, coords, activation, **size)
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, "t1u", deck, module, (2, 2), grid)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
