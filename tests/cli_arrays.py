#!/usr/bin/env python3
"""cli_arrays.py FOLDER - small .npy files, good and bad, without NumPy: 12 pairs of smooth fields
a and u = 2 a + 1 on 16 x 16, in C and Fortran order, and what leray must refuse."""
import math
import os
import struct
import sys

N, SAMPLES = 16, 12


def header(shape, descr="<f4", fortran=False):
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def write(name, values, shape, order="C", endian="<"):
    s, y, x = shape
    index = [(i * y + j) * x + k for i in range(s) for j in range(y) for k in range(x)]
    if order == "F":  # first index fastest
        index = [(i * y + j) * x + k for k in range(x) for j in range(y) for i in range(s)]
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(header(shape, endian + "f4", order == "F"))
        f.write(struct.pack("%s%df" % (endian, len(index)), *(values[i] for i in index)))


w = 2 * math.pi / N
a = [math.sin(w * (k + i)) * math.cos(w * j * (1 + i % 2)) + 0.1 * i
     for i in range(SAMPLES) for j in range(N) for k in range(N)]
u = [2 * v + 1 for v in a]
shape = (SAMPLES, N, N)
for order in "CF":
    write("a_%s.npy" % order, a, shape, order)
    write("u_%s.npy" % order, u, shape, order)
write("big.npy", a, shape, endian=">")
write("few.npy", u, (SAMPLES - 1, N, N))
write("narrow.npy", u, (SAMPLES, N, N // 2))
nan = list(a)
nan[1000] = math.nan
write("nan.npy", nan, shape)
with open(os.path.join(sys.argv[1], "a_C.npy"), "rb") as f:
    data = f.read()
for name, content in (("short.npy", data[:5000]), ("head.npy", data[:7]), ("empty.npy", b""),
                      ("text.npy", b"not an array\n" * 100)):
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(content)
