"""tools/parity/exchange.py - model files between leray and PyTorch, both ways.

    exchange.py evaluate MODEL X.npy Y.npy            relative L2 of a file that leray wrote
    exchange.py train MODEL X.npy Y.npy OUT [STEPS]   trains it further here; leray reads OUT

MODEL holds the weights under the names of the twin's state_dict and, as metadata, the deck and
the normalisers (docs/fno.md). This script knows the original FNO in one to three dimensions, data
of [samples, grid..] float32 in C order, and targets that are states.
"""
import ast
import json
import struct
import sys

import torch

import tensors
from fno import FNO


def read_npy(path):
    with open(path, "rb") as f:
        f.read(8)
        (size,) = struct.unpack("<H", f.read(2))
        header = ast.literal_eval(f.read(size).decode())
        assert header["descr"] == "<f4" and not header["fortran_order"], header
        data = torch.frombuffer(bytearray(f.read()), dtype=torch.float32)
    return data.reshape(header["shape"]).unsqueeze(1)


def section(deck, name):
    """The keys of one section of a resolved deck: one "  key: value" per line."""
    keys, inside = {}, False
    for line in deck.splitlines():
        if line and not line.startswith(" "):
            inside = line == name + ":"
        elif inside and ":" in line:
            key, value = line.strip().split(": ", 1)
            keys[key] = value
    return keys


def build(path):
    weights, metadata = tensors.read(path)
    model = section(metadata["deck"], "model")
    assert model["type"] == "fno" and model.get("form", "original") == "original", model
    task = json.loads(metadata["task"])
    ndim = len(task["samples"]["grid"])
    modes = ast.literal_eval(model["modes"])
    modes = modes * ndim if len(modes) == 1 else modes
    grid = model["grid"] == "true"
    twin = FNO(task["samples"]["n_inputs"], task["samples"]["n_outputs"], int(model["width"]),
               tuple(modes), int(model["layers"]), int(model["projection"]), grid)
    twin.load_state_dict(weights, strict=True)
    return twin, task, metadata


def affine(normalizer):
    channels = normalizer["channels"]
    assert all(c["map"] == "linear" for c in channels)
    return channels[0]["shift"], channels[0]["scale"]


def predict(twin, task, x):
    shift, scale = affine(task["input"])
    y = twin((x - shift) / scale)
    shift, scale = affine(task["output"])
    return y * scale + shift


def report(twin, task, x, y):
    with torch.no_grad():
        print("%.9g" % tensors.relative_l2(predict(twin, task, x), y).item())


def main():
    what, path, x, y = sys.argv[1:5]
    x, y = read_npy(x), read_npy(y)
    twin, task, metadata = build(path)
    if what == "train":
        torch.manual_seed(0)
        optimizer = torch.optim.Adam(twin.parameters(), lr=5e-3)
        for _ in range(int(sys.argv[6]) if len(sys.argv) > 6 else 60):
            optimizer.zero_grad()
            tensors.relative_l2(predict(twin, task, x), y).backward()
            optimizer.step()
        tensors.write(sys.argv[5], twin.state_dict(), metadata)
    report(twin, task, x, y)


main()
