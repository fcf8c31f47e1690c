"""perf/peers/unet_torch.py - one U-Net training step in PyTorch.

The module is the twin of operators/models/unet.c in tools/parity/unet.py, plain torch.nn layers;
relative L2 loss and torch.optim.AdamW. Prints one line: {"version": .., "ms": ..}, the median of
the steps after warming up.
"""
import argparse
import json
import os
import statistics
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/parity"))

from tensors import relative_l2  # noqa: E402
from unet import UNet  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--grid", type=int, default=64)
    parser.add_argument("--ndim", type=int, default=2)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--norm", default="group")
    parser.add_argument("--activation", default="gelu")
    parser.add_argument("--padding", default="periodic")
    parser.add_argument("--down", default="conv")
    parser.add_argument("--up", default="transpose")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    model = UNet(a.ndim, a.channels, 1, a.width, a.levels, norm=a.norm, activation=a.activation,
                 padding=a.padding, down=a.down, up=a.up)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    grid = [a.grid] * a.ndim
    x = torch.randn(a.batch, a.channels, *grid)
    t = torch.randn(a.batch, 1, *grid)
    times = []
    for _ in range(a.steps + 2):
        start = time.perf_counter()
        optimizer.zero_grad()
        relative_l2(model(x), t).backward()
        optimizer.step()
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps({"version": torch.__version__, "ms": statistics.median(times[2:])}))


main()
