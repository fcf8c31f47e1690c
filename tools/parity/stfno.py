"""tools/parity/stfno.py - the spatiotemporal FNO in PyTorch, and fixtures of its numbers.

Written with torch.fft, as operators/models/stfno.c says; the state_dict has the names and layouts of
leray_model_parameters(). Fields are [batch, channels, t, y, x]. Run as a program it writes the
fixtures that tests/operators_parity.c reads:

    /usr/bin/python3 tools/parity/stfno.py [tests/fixtures/operators]
"""
import math
import os
import sys

import torch
from torch import nn

from fno import Map, SpectralConv
from tensors import write_case

AXES = (2, 3, 4)


class TimeSpectral(SpectralConv):
    """Modes of one lattice of time, synthesised at `steps` points of the same period."""

    def __init__(self, channels_in, channels_out, modes, bias=False):
        super().__init__(channels_in, channels_out, modes)
        mt, my, mx = modes
        if bias:
            self.bias = nn.Parameter(torch.zeros(2 * mt, 2 * my, mx, channels_out, 2))
        else:
            self.bias = None

    def forward(self, x, steps):
        mt, my, mx = self.modes
        ny, nx = x.shape[3:]
        kt = list(range(mt)) + list(range(-mt, 0))
        ky = list(range(my)) + list(range(-my, 0))
        x_hat = torch.fft.rfftn(x, dim=AXES, norm="forward")
        x_hat = x_hat[:, :, kt][:, :, :, ky][..., :mx]
        y_hat = torch.einsum("bituv,tuvio->botuv", x_hat, torch.view_as_complex(self.weight))
        if self.bias is not None:
            y_hat = y_hat + 1e-4 * torch.view_as_complex(self.bias).permute(3, 0, 1, 2)
        # Time by its sum, at any points; space by irfftn.
        t = torch.arange(steps, dtype=x.dtype) / steps
        waves = torch.exp(2j * math.pi * torch.outer(t, torch.tensor(kt, dtype=x.dtype)))
        y_hat = torch.einsum("st,botuv->bosuv", waves, y_hat)
        full = torch.zeros(*y_hat.shape[:3], ny, nx // 2 + 1, dtype=y_hat.dtype)
        full[:, :, :, ky, :mx] = y_hat
        return self.real_part(full, ny, nx)

    @staticmethod
    def real_part(hat, ny, nx):
        """Re of the sum over ky and kx, each kx > 0 standing for two but for kx = nx / 2."""
        double = torch.full((nx // 2 + 1,), 2.0, dtype=torch.float64)
        double[0] = 1
        if nx % 2 == 0:
            double[-1] = 1
        rows = torch.fft.ifft(hat, dim=3, norm="forward")
        at = torch.outer(torch.arange(nx // 2 + 1.0), torch.arange(nx) / nx)
        return torch.einsum("bosyk,kx->bosyx", rows * double, torch.exp(2j * math.pi * at)).real


class Spectral(TimeSpectral):
    def forward(self, x):
        return super().forward(x, x.shape[2])


class Feed(nn.ModuleList):
    def __init__(self, width, activation):
        super().__init__([Map(width, 4 * width), Map(4 * width, width)])
        self.activation = activation

    def forward(self, x):
        return self[1](self.activation(self[0](x)))


class Block(nn.Module):
    def __init__(self, width, modes, activation):
        super().__init__()
        self.spectral = Spectral(width, width, modes)
        self.mlp = Feed(width, activation)
        self.map = Map(width, width)
        self.activation = activation

    def forward(self, v):
        return self.activation(self.mlp(self.spectral(v)) + self.map(v))


class Lifting(nn.Module):
    def __init__(self, channels, width, modes, latent, beta, activation):
        super().__init__()
        self.width, self.latent, self.beta, self.activation = width, latent, beta, activation
        self.input = Map(channels, width, bias=False) if channels > 1 else None
        self.norm = nn.GroupNorm(1, width, eps=1e-7)
        self.map = Map(width, width)
        self.spectral = TimeSpectral(width, width, modes)
        self.mlp = Feed(width, activation)

    def encoding(self, h, ny, nx):
        t = torch.arange(1, h + 1) / h
        channels = [
            (torch.arange(nx) / nx).view(1, 1, nx).expand(h, ny, nx),
            (torch.arange(ny) / ny).view(1, ny, 1).expand(h, ny, nx),
            t.view(h, 1, 1).expand(h, ny, nx),
        ]
        for k in range(self.width - 3):
            basis = torch.sin if k % 2 == 0 else torch.cos
            e = torch.exp(self.beta * t) * basis(math.pi * (k + 1) * t)
            channels.append(e.view(h, 1, 1).expand(h, ny, nx))
        return torch.stack(channels)

    def forward(self, x):
        z = self.input(x) if self.input else x.expand(-1, self.width, -1, -1, -1)
        u = self.map(self.norm(z + self.encoding(*x.shape[2:])))
        w = self.mlp(self.spectral(u, self.latent))
        return self.activation(z[:, :, -1:] + w)


class Head(TimeSpectral):
    def __init__(self, fields, modes):
        super().__init__(fields, fields, modes, bias=True)

    def forward(self, newest, latent, frames):
        zeros = torch.zeros_like(latent[:, :, 1:])
        w = torch.cat([newest, latent, zeros], 2)
        stride = -(-self.modes[0] // frames)
        y = super().forward(w, 2 * stride * frames)[:, :, ::stride]
        return newest + y[:, :, 1 : frames + 1]


class STFNO(nn.Module):
    def __init__(self, fields, history, rest, width, modes, latent=10, layers=4, head_modes=None,
                 beta=0.02, activation=nn.functional.gelu):
        super().__init__()
        self.fields, self.history, self.rest, self.frames = fields, history, rest, 0
        first = (min(modes[0], history // 2), *modes[1:])
        self.lifting = Lifting(fields + rest, width, first, latent, beta, activation)
        self.blocks = nn.ModuleList(Block(width, modes, activation) for _ in range(layers - 1))
        self.reduction = Map(width, fields)
        self.head = Head(fields, head_modes or modes)

    def forward(self, x):
        given = self.history * self.fields
        frames = x[:, :given].unflatten(1, (self.history, self.fields)).transpose(1, 2)
        rest = x[:, given:].unsqueeze(2).expand(-1, -1, self.history, -1, -1)
        v = self.lifting(torch.cat([frames, rest], 1))
        for block in self.blocks:
            v = block(v)
        y = self.head(frames[:, :, -1:], self.reduction(v), self.frames)
        return y.transpose(1, 2).flatten(1, 2)


def main(folder):
    relu = nn.functional.relu
    for name, fields, history, rest, window, frames, grid, deck, arguments in (
        ("stfno", 1, 5, 0, 4, 4, (5, 8), "modes: [2, 2, 3], latent: 4, layers: 3",
         dict(modes=(2, 2, 3), latent=4, layers=3)),
        ("stfno_frames", 1, 5, 0, 4, 7, (5, 8), "modes: [2, 2, 3], latent: 4, layers: 3",
         dict(modes=(2, 2, 3), latent=4, layers=3)),
        ("stfno_fields", 2, 3, 1, 2, 2, (7, 6),
         "modes: [2, 2, 3], head_modes: [3, 3, 2], latent: 6, layers: 2, beta: -0.5, "
         "activation: relu",
         dict(modes=(2, 2, 3), head_modes=(3, 3, 2), latent=6, layers=2, beta=-0.5,
              activation=relu)),
    ):
        module = STFNO(fields, history, rest, 4, **arguments)
        module.frames = frames
        metadata = {"fields": fields, "history": history, "window": window, "frames": frames}
        write_case(os.path.join(folder, name + ".safetensors"), "stfno", "width: 4, " + deck,
                   module, (history * fields + rest, frames * fields), grid,
                   metadata={key: str(value) for key, value in metadata.items()})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators")
