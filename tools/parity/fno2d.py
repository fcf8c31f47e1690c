"""tools/parity/fno2d.py - FNO-2D in PyTorch, and a fixture of its numbers.

The module is operators/models/fno.c written with torch.fft: its state_dict has the names and
layouts of leray_model_parameters(). Run as a program it writes
tests/fixtures/operators/fno2d.bin, which tests/operators_parity.c reads:

    /usr/bin/python3 tools/parity/fno2d.py [tests/fixtures/operators/fno2d.bin]

The file is a sequence of records, little-endian: 32 bytes of name (padded with 0), int64
count, count float64 numbers. It ends with the file. Everything is computed in float64, so one
fixture serves the checks in both precisions.
"""
import struct
import sys

import torch
from torch import nn


class SpectralConv2d(nn.Module):
    """Kept modes: kx = 0..mx-1, ky = 0..my-1 and then -my..-1.

    weight is [2 my, mx, in, out, 2], mode-major, (re, im) last.
    """

    def __init__(self, channels_in, channels_out, my, mx):
        super().__init__()
        self.my, self.mx = my, mx
        scale = 1 / (channels_in * channels_out)
        self.weight = nn.Parameter(scale * torch.rand(2 * my, mx, channels_in, channels_out, 2))

    def forward(self, x):
        ny, nx = x.shape[-2:]
        my, mx = self.my, self.mx
        w = torch.view_as_complex(self.weight)
        x_hat = torch.fft.rfft2(x, norm="forward")
        y_hat = torch.zeros(x.shape[0], w.shape[3], ny, nx // 2 + 1, dtype=x_hat.dtype)
        y_hat[:, :, :my, :mx] = torch.einsum("bixy,xyio->boxy", x_hat[:, :, :my, :mx], w[:my])
        y_hat[:, :, -my:, :mx] = torch.einsum("bixy,xyio->boxy", x_hat[:, :, -my:, :mx], w[my:])
        return torch.fft.irfft2(y_hat, s=(ny, nx), norm="forward")


class Block(nn.Module):
    def __init__(self, width, my, mx):
        super().__init__()
        self.spectral = SpectralConv2d(width, width, my, mx)
        self.map = nn.Conv2d(width, width, 1)

    def forward(self, x):
        return self.spectral(x) + self.map(x)


class FNO2d(nn.Module):
    def __init__(self, channels_in, channels_out, width, my, mx, layers, projection, grid):
        super().__init__()
        self.grid = grid
        self.lifting = nn.Conv2d(channels_in + (2 if grid else 0), width, 1)
        self.blocks = nn.ModuleList(Block(width, my, mx) for _ in range(layers))
        self.projection = nn.ModuleList(
            [nn.Conv2d(width, projection, 1), nn.Conv2d(projection, channels_out, 1)]
        )

    def forward(self, x):
        if self.grid:
            b, _, ny, nx = x.shape
            gx = torch.arange(nx, dtype=x.dtype).div(nx).view(1, 1, 1, nx).expand(b, 1, ny, nx)
            gy = torch.arange(ny, dtype=x.dtype).div(ny).view(1, 1, ny, 1).expand(b, 1, ny, nx)
            x = torch.cat([x, gx, gy], 1)
        x = self.lifting(x)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i + 1 < len(self.blocks):
                x = nn.functional.gelu(x)
        return self.projection[1](nn.functional.gelu(self.projection[0](x)))


def relative_l2(p, t):
    b = p.shape[0]
    return ((p - t).reshape(b, -1).norm(dim=1) / t.reshape(b, -1).norm(dim=1)).mean()


def record(f, name, tensor):
    data = tensor.detach().double().contiguous().flatten().tolist()
    f.write(struct.pack("<32sq", name.encode(), len(data)))
    f.write(struct.pack("<%dd" % len(data), *data))


def write_fixture(path):
    torch.manual_seed(20)
    torch.set_default_dtype(torch.float64)
    model = FNO2d(2, 2, width=6, my=3, mx=3, layers=2, projection=9, grid=True)
    x = torch.randn(2, 2, 12, 10)
    target = torch.randn(2, 2, 12, 10)
    # Larger spectral weights than the initial ones, so that every path carries weight.
    with torch.no_grad():
        for block in model.blocks:
            block.spectral.weight.copy_(0.5 * torch.randn_like(block.spectral.weight))
    with open(path, "wb") as f:
        record(f, "x", x)
        record(f, "target", target)
        for name, p in model.named_parameters():
            record(f, name[:32], p)
        y = model(x)
        loss = relative_l2(y, target)
        loss.backward()
        record(f, "y", y)
        record(f, "loss", loss)
        for name, p in model.named_parameters():
            record(f, ("d." + name)[:32], p.grad)
        adam = torch.optim.AdamW(
            model.parameters(), lr=1e-2, betas=(0.9, 0.98), eps=1e-8, weight_decay=1e-2
        )
        losses = []
        for _ in range(10):
            adam.zero_grad()
            loss = relative_l2(model(x), target)
            loss.backward()
            adam.step()
            losses.append(loss.detach())
        record(f, "losses", torch.stack(losses))
        for name, p in model.named_parameters():
            record(f, ("10." + name)[:32], p)


if __name__ == "__main__":
    write_fixture(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/operators/fno2d.bin")
