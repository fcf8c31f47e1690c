"""perf/peers/operators_torch.py - training step and inference of models in PyTorch.

The peer of perf/operators.c, and with --batch 1 of perf/latency.c: the FNO of the original scripts (einsum over complex weights, full
FFTs) in two and three dimensions, neuraloperator's FNO of the same width, modes and layers beside it, and the U-Net of tools/parity/unet.py, plain torch.nn layers, with
relative L2 and torch.optim.AdamW. Prints the
peer's part of one line. RSS is the largest resident memory of the process. The U-Net is tried in
both memory formats and the faster one is reported.
"""
import argparse
import itertools
import json
import os
import resource
import statistics
import sys
import time

import neuralop
import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/parity"))

from unet import UNet  # noqa: E402

CONV = {2: nn.Conv2d, 3: nn.Conv3d}


class SpectralConv(nn.Module):
    def __init__(self, width, modes, ndim):
        super().__init__()
        self.modes, self.ndim = modes, ndim
        shape = (width, width) + (modes,) * ndim
        self.weights = nn.ParameterList(
            nn.Parameter(torch.rand(*shape, dtype=torch.cfloat) / width**2)
            for _ in range(2 ** (ndim - 1))
        )

    def forward(self, x):
        m, axes = self.modes, list(range(2, 2 + self.ndim))
        x_ft = torch.fft.rfftn(x, dim=axes)
        out = torch.zeros_like(x_ft)
        letters = "xyz"[: self.ndim]
        rule = "bi%s,io%s->bo%s" % (letters, letters, letters)
        corners = itertools.product((slice(0, m), slice(-m, None)), repeat=self.ndim - 1)
        for weight, corner in zip(self.weights, corners):
            at = (slice(None), slice(None)) + corner + (slice(0, m),)
            out[at] = torch.einsum(rule, x_ft[at], weight)
        return torch.fft.irfftn(out, s=x.shape[2:], dim=axes)


class FNO(nn.Module):
    def __init__(self, channels, width, modes, ndim, layers=4, projection=128):
        super().__init__()
        conv = CONV[ndim]
        self.lifting = conv(channels, width, 1)
        self.spectral = nn.ModuleList(SpectralConv(width, modes, ndim) for _ in range(layers))
        self.map = nn.ModuleList(conv(width, width, 1) for _ in range(layers))
        self.head = nn.Sequential(conv(width, projection, 1), nn.GELU(), conv(projection, 1, 1))

    def forward(self, x):
        x = self.lifting(x)
        for i, (s, w) in enumerate(zip(self.spectral, self.map)):
            x = s(x) + w(x)
            if i + 1 < len(self.map):
                x = nn.functional.gelu(x)
        return self.head(x)


def median_ms(run, steps):
    times = []
    for _ in range(steps + 2):
        start = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[2:])


def measure(model, x, t, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        y = model(x)
        b = y.shape[0]
        loss = ((y - t).reshape(b, -1).norm(dim=1) / t.reshape(b, -1).norm(dim=1)).mean()
        loss.backward()
        optimizer.step()

    def infer():
        with torch.inference_mode():
            model(x)

    return median_ms(step, steps), median_ms(infer, steps)


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=["fno", "unet"])
    parser.add_argument("--grid", default="64,64")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--modes", type=int, default=12)
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    a = parser.parse_args()
    grid = [int(n) for n in a.grid.split(",")]
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    x, t = torch.randn(a.batch, 3, *grid), torch.randn(a.batch, 1, *grid)
    if a.model == "fno":
        train, infer = measure(FNO(3, a.width, a.modes, len(grid)), x, t, a.steps)
        rss = peak_mib()
        form = "contiguous"
        theirs = neuralop.models.FNO(n_modes=(2 * a.modes,) * len(grid), hidden_channels=a.width,
                                     in_channels=3, out_channels=1, n_layers=4)
        other = measure(theirs, x, t, a.steps)
    else:
        results = []
        for form in (torch.contiguous_format, torch.channels_last):
            model = UNet(len(grid), 3, 1, a.width, a.levels).to(memory_format=form)
            results.append(measure(model, x.to(memory_format=form), t, a.steps) + (str(form),))
        train, infer, form = min(results)
        rss = peak_mib()
    line = {"peer": "pytorch-" + torch.__version__, "peer_ms": train, "peer_infer_ms": infer,
            "peer_rss_mib": rss, "peer_format": form}
    if a.model == "fno":
        line.update({"neuralop": neuralop.__version__, "neuralop_ms": other[0],
                     "neuralop_infer_ms": other[1]})
    print(json.dumps(line)[1:-1])


main()
