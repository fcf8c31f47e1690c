"""perf/peers/fno2d_torch.py - one FNO-2D training step in PyTorch, for perf/operators.c.

The FNO of the original scripts (weights [in, out, modes, modes], einsum "bixy,ioxy->boxy"),
relative L2 loss and torch.optim.AdamW. Prints one line: {"version": .., "ms": ..}, the median
of the steps after warming up.
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn


class SpectralConv2d(nn.Module):
    def __init__(self, width, modes):
        super().__init__()
        self.modes = modes
        shape = (width, width, modes, modes)
        self.weights1 = nn.Parameter(torch.rand(*shape, dtype=torch.cfloat) / width**2)
        self.weights2 = nn.Parameter(torch.rand(*shape, dtype=torch.cfloat) / width**2)

    def forward(self, x):
        m = self.modes
        x_ft = torch.fft.rfft2(x)
        out = torch.zeros_like(x_ft)
        out[:, :, :m, :m] = torch.einsum("bixy,ioxy->boxy", x_ft[:, :, :m, :m], self.weights1)
        out[:, :, -m:, :m] = torch.einsum("bixy,ioxy->boxy", x_ft[:, :, -m:, :m], self.weights2)
        return torch.fft.irfft2(out, s=x.shape[-2:])


class FNO2d(nn.Module):
    def __init__(self, channels_in, width, modes, layers, projection):
        super().__init__()
        self.lifting = nn.Conv2d(channels_in, width, 1)
        self.spectral = nn.ModuleList(SpectralConv2d(width, modes) for _ in range(layers))
        self.map = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(layers))
        self.head = nn.Sequential(nn.Conv2d(width, projection, 1), nn.GELU(),
                                  nn.Conv2d(projection, 1, 1))

    def forward(self, x):
        x = self.lifting(x)
        for i, (s, w) in enumerate(zip(self.spectral, self.map)):
            x = s(x) + w(x)
            if i + 1 < len(self.map):
                x = nn.functional.gelu(x)
        return self.head(x)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--modes", type=int, default=12)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--projection", type=int, default=128)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--channels", type=int, default=3)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    model = FNO2d(a.channels, a.width, a.modes, a.layers, a.projection)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    x = torch.randn(a.batch, a.channels, a.grid, a.grid)
    t = torch.randn(a.batch, 1, a.grid, a.grid)
    times = []
    for _ in range(a.steps + 2):
        start = time.perf_counter()
        optimizer.zero_grad()
        y = model(x)
        b = y.shape[0]
        loss = ((y - t).reshape(b, -1).norm(dim=1) / t.reshape(b, -1).norm(dim=1)).mean()
        loss.backward()
        optimizer.step()
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps({"version": torch.__version__, "ms": statistics.median(times[2:])}))


main()
