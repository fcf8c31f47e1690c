"""tools/parity/tensors.py - safetensors files in plain Python, and the fixtures of models.

    write(path, {name: tensor}, {key: text})        read(path) -> ({name: tensor}, {key: text})

The format is 8 bytes of header size, a JSON header and the data; see data/formats/safetensors.h. Only
float32 and float64 are known, as in leray.
"""
import json
import struct
import sys

import torch

KINDS = {torch.float32: "F32", torch.float64: "F64"}
DTYPES = {kind: dtype for dtype, kind in KINDS.items()}


def write(path, tensors, metadata=None):
    header, blobs, at = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu().contiguous()
        blob = tensor.numpy().tobytes()
        header[name] = {
            "dtype": KINDS[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + len(blob)],
        }
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for blob in blobs:
            f.write(blob)


def read(path):
    with open(path, "rb") as f:
        (size,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(size))
        data = bytearray(f.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


def relative_l2(p, t):
    b = p.shape[0]
    return ((p - t).reshape(b, -1).norm(dim=1) / t.reshape(b, -1).norm(dim=1)).mean()


def randomise(module, seed=20):
    """Weights of order one: initial values may be too small for every path to carry weight."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(0.4 * torch.randn_like(p))


def write_case(path, model, deck, module, channels, grid, batch=2, scale=None, bounded=False,
               metadata=None):
    """One fixture of tests/operators_parity.c, all in float64.

    `model` and `deck` are the id and the settings (YAML flow, without braces) for which `module`
    is the twin; `grid` is the grid of the data, channels = (in, out). The module takes
    [batch, in, grid..] and gives [batch, out, grid..]; its state_dict has leray's names. Axes are
    periodic unless `bounded`. `metadata` is written beside the id and the deck.
    """
    torch.set_default_dtype(torch.float64)
    module = module.double()
    randomise(module)
    if scale:
        with torch.no_grad():
            scale(module)
    x = torch.randn(batch, channels[0], *grid)
    target = torch.randn(batch, channels[1], *grid)
    y = module(x)
    loss = relative_l2(y, target)
    loss.backward()
    tensors = {"x": x, "target": target, "y": y, "loss": loss.reshape(1)}
    for name, p in module.named_parameters():
        if p.grad is None:
            sys.exit("%s: %s has no gradient" % (path, name))
        tensors["weight." + name] = p
        tensors["grad." + name] = p.grad
    metadata = {"model": model, "deck": deck, **(metadata or {})}
    if bounded:
        metadata["bounded"] = "all"
    write(path, tensors, metadata)
    print(path, "loss %.6f" % loss.item())
