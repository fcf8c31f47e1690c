#!/usr/bin/python3
"""check_safetensors.py FILE - is this a safetensors file? An independent reader, with NumPy only.

Prints one line per tensor (name, type, shape, sum of squares) and per metadata entry; ends with 1
and the reason if the file breaks a rule of the format.
"""
import json
import struct
import sys

import numpy as np

TYPES = {"F32": "<f4", "F64": "<f8"}


def fail(*why):
    sys.exit("%s: %s" % (sys.argv[1], " ".join(str(w) for w in why)))


def pairs(items):
    """A dict, unless a key comes twice."""
    keys = [k for k, _ in items]
    if len(set(keys)) != len(keys):
        fail("duplicate key")
    return dict(items)


def read(path):
    data = open(path, "rb").read()
    if len(data) < 8:
        fail("too short")
    size = struct.unpack("<Q", data[:8])[0]
    if size > 100_000_000 or size > len(data) - 8:
        fail("header of", size, "bytes")
    text = data[8:8 + size].decode("utf-8")
    if not text.startswith("{"):
        fail("the header does not start with {")
    return json.loads(text, object_pairs_hook=pairs), data[8 + size:]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    header, data = read(sys.argv[1])
    metadata = header.pop("__metadata__", {})
    if not all(isinstance(k, str) and isinstance(v, str) for k, v in metadata.items()):
        fail("__metadata__ does not map text to text")
    end = 0
    for name, t in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = t["data_offsets"]
        if first != end:
            fail(name, "begins at", first, "but the one before ends at", end)
        x = np.frombuffer(data[first:last], TYPES[t["dtype"]])
        x = x.reshape(t["shape"])  # raises unless the sizes agree
        print("tensor", name, t["dtype"], t["shape"], "%.17g" % np.sum(x.astype("f8") ** 2))
        end = last
    if end != len(data):
        fail(len(data) - end, "bytes belong to no tensor")
    for key, value in metadata.items():
        print("metadata", key, json.dumps(value))


main()
