"""tools/parity/unet.py - U-Net and residual network in PyTorch, and fixtures of their numbers.

The modules are operators/models/unet.c and resnet.c: their state_dicts have the names and layouts
of leray_model_parameters(). Run as a program it writes the fixtures that tests/operators_parity.c
reads:

    /usr/bin/python3 tools/parity/unet.py [tests/fixtures/operators]
"""
import os
import sys

import torch
from torch import nn

from tensors import write_case

CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
UP = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
MAX = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
MEAN = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
PADDING = {"periodic": "circular", "zero": "zeros", "replicate": "replicate"}
ACTIVATION = {"gelu": nn.GELU(), "relu": nn.ReLU(), "tanh": nn.Tanh(), "silu": nn.SiLU()}


class Layers(nn.Module):
    """operators/layers/stencil.h: convolution, norm, activation, for each entry of `widths` after the first."""

    def __init__(self, ndim, widths, norm, groups, activation, padding):
        super().__init__()
        pairs = list(zip(widths, widths[1:]))
        self.conv = nn.ModuleList(
            CONV[ndim](i, o, 3, padding=1, padding_mode=PADDING[padding], bias=norm == "none")
            for i, o in pairs
        )
        if norm == "group":
            self.norm = nn.ModuleList(nn.GroupNorm(groups, o) for _, o in pairs)
        elif norm == "instance":
            self.norm = [nn.functional.instance_norm] * len(pairs)
        else:
            self.norm = [nn.Identity()] * len(pairs)
        self.activation = ACTIVATION[activation]

    def layer(self, i, x, add=0):
        return self.activation(self.norm[i](self.conv[i](x)) + add)


def twice_periodic(x):
    """Linear interpolation from points j L / n to twice as many."""
    for axis in range(2, x.dim()):
        between = (x + torch.roll(x, -1, axis)) / 2
        x = torch.stack([x, between], axis + 1).flatten(axis, axis + 1)
    return x


class Stage(Layers):
    def forward(self, x):
        if hasattr(self, "down"):
            x = self.down(x)
        return self.layer(1, self.layer(0, x))


class UNet(nn.Module):
    def __init__(
        self,
        ndim,
        channels_in,
        channels_out,
        width,
        levels,
        norm="group",
        groups=1,
        activation="gelu",
        padding="periodic",
        down="conv",
        up="transpose",
    ):
        super().__init__()
        self.up, self.padding, self.ndim = up, padding, ndim
        settings = (norm, groups, activation, padding)
        c = [width << l for l in range(levels + 1)]
        self.encoder = nn.ModuleList(
            Stage(ndim, [c[l - 1] if l else channels_in, c[l], c[l]], *settings)
            for l in range(levels + 1)
        )
        for l, stage in enumerate(self.encoder):
            if l and down == "conv":
                stage.down = CONV[ndim](
                    c[l - 1], c[l - 1], 3, stride=2, padding=1, padding_mode=PADDING[padding],
                    bias=norm == "none")
            elif l:
                stage.down = (MAX if down == "max" else MEAN)[ndim](2)
        self.decoder = nn.ModuleList(
            Stage(ndim, [2 * c[l], c[l], c[l]], *settings) for l in range(levels)
        )
        for l, stage in enumerate(self.decoder):
            if up == "transpose":
                stage.up = UP[ndim](2 * c[l], c[l], 2, stride=2, bias=norm == "none")
            else:
                stage.up = CONV[ndim](2 * c[l], c[l], 1, bias=norm == "none")
        self.head = CONV[ndim](width, channels_out, 1)

    def twice(self, stage, x):
        """The interpolation comes first here: the same function."""
        if self.up == "transpose":
            return stage.up(x)
        if self.padding == "periodic":
            return stage.up(twice_periodic(x))
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[self.ndim]
        return stage.up(nn.functional.interpolate(x, scale_factor=2, mode=mode))

    def forward(self, x):
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        skips.pop()
        for stage in reversed(self.decoder):
            x = stage(torch.cat([skips.pop(), self.twice(stage, x)], 1))
        return self.head(x)


class Block(Layers):
    def forward(self, x):
        return self.layer(1, self.layer(0, x), x)


class ResNet(nn.Module):
    def __init__(
        self,
        ndim,
        channels_in,
        channels_out,
        width,
        layers,
        norm="group",
        groups=1,
        activation="gelu",
        padding="periodic",
    ):
        super().__init__()
        self.lifting = CONV[ndim](channels_in, width, 1)
        self.blocks = nn.ModuleList(
            Block(ndim, [width] * 3, norm, groups, activation, padding) for _ in range(layers)
        )
        self.projection = CONV[ndim](width, channels_out, 1)

    def forward(self, x):
        x = self.lifting(x)
        for block in self.blocks:
            x = block(x)
        return self.projection(x)


def main(folder):
    def write(name, model, module, grid, size, **settings):
        deck = ", ".join("%s: %s" % (k, v) for k, v in {**size, **settings}.items())
        path = os.path.join(folder, name + ".safetensors")
        write_case(path, model, deck, module(len(grid), 2, 3, **size, **settings), (2, 3), grid)

    small, flat = dict(width=2, levels=2), dict(width=2, levels=1)
    write("unet1d", "unet", UNet, (16,), dict(width=4, levels=2), groups=2)
    write("unet2d", "unet", UNet, (8, 12), small)
    write("unet3d", "unet", UNet, (4, 2, 6), flat, norm="none")
    write("unet_plain", "unet", UNet, (8, 4), small, norm="none", down="max", padding="zero",
          activation="silu")
    write("unet_linear", "unet", UNet, (8, 12), small, norm="instance", down="mean", up="resize",
          padding="replicate", activation="relu")
    write("unet_periodic", "unet", UNet, (4, 6, 2), flat, up="resize", activation="tanh")

    size = dict(width=3, layers=2)
    write("resnet1d", "resnet", ResNet, (10,), size, norm="none", padding="replicate")
    write("resnet2d", "resnet", ResNet, (5, 6), size)
    write("resnet3d", "resnet", ResNet, (3, 4, 5), size, groups=3, padding="zero",
          activation="silu")
    write("resnet_instance", "resnet", ResNet, (5, 6), size, norm="instance", activation="relu")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
