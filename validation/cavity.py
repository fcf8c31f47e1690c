#!/usr/bin/python3
"""validation/cavity.py FIELDS.h5 ... - the lid-driven cavity at Re = 1000 against Botella and Peyret (1998).

Each file is the fields.h5 of

    leray solve configs/walls/cavity.yaml solver.n=N ensemble.frames=2 ensemble.interval=115 -o FOLDER

Prints the largest errors of u along x = 1/2 and of v along y = 1/2 at the stations of Ghia et al. (multiples of 1/128). Values
come from the centres of the cells: the mean of the two middle columns or rows, then a cubic through four neighbours.
"""
import sys

import h5py
import numpy as np

U = {7: -.1812881, 8: -.2023300, 9: -.2228955, 13: -.3004561, 22: -.3885691, 36: -.2803696, 58: -.1081999,
     64: -.0620561, 79: .0570178, 94: .1886747, 109: .3372212, 122: .4723329, 123: .5169277, 124: .5808359,
     125: .6644227}
V = {8: .2807056, 9: .2962703, 10: .3099097, 12: .3330442, 20: .3769189, 29: .3339924, 30: .3253592,
     64: .0257995, 103: -.3202137, 110: -.4264545, 116: -.5264392, 121: -.4103754, 122: -.3553213,
     123: -.2936869, 124: -.2279225}


def cubic(x, f, at):
    k = int(np.clip(np.searchsorted(x, at) - 2, 0, len(x) - 4))
    near = range(k, k + 4)
    return sum(f[i] * np.prod([(at - x[m]) / (x[i] - x[m]) for m in near if m != i]) for i in near)


def error(values, ends, table):
    n = len(values)
    x = np.concatenate([[0], (np.arange(n) + 0.5) / n, [1]])
    f = np.concatenate([[ends[0]], values, [ends[1]]])
    return max(abs(cubic(x, f, station / 128) - want) for station, want in table.items())


print("cells      u         v")
for path in sys.argv[1:]:
    with h5py.File(path) as file:
        velocity = file["t1_fields/velocity"][0, -1]  # [y, x, component], components in the order of the axes
    n = len(velocity)
    middle = [velocity[:, n // 2 - 1:n // 2 + 1].mean(axis=1), velocity[n // 2 - 1:n // 2 + 1].mean(axis=0)]
    # u is the component that is carried along by the lid
    u = int(abs(velocity[-1, :, 1].mean()) > abs(velocity[-1, :, 0].mean()))
    print("%4d^2  %.2e  %.2e" % (n, error(middle[0][:, u], (0, 1), U), error(middle[1][:, 1 - u], (0, 0), V)))
