"""tools/parity/common.py - the files of numbers that tests compare with (tests/fixture.h reads them).

A sequence of records, little-endian: 32 bytes of name (padded with 0), int64 count, count float64
numbers. It ends with the file.
"""
import struct

import torch


def record(f, name, tensor):
    data = tensor.detach().double().contiguous().flatten().tolist()
    assert len(name) < 32, name
    f.write(struct.pack("<32sq", name.encode(), len(data)))
    f.write(struct.pack("<%dd" % len(data), *data))


def array(f, name, tensor):
    """The tensor and, as NAME.shape, its extents."""
    record(f, name + ".shape", torch.tensor(tensor.shape))
    record(f, name, tensor)
