#!/usr/bin/env python3
"""weak_scaling.py [NS_PER_POINT [GB_PER_S [MICROSECONDS [THREADS [SIDE]]]]] - the model of docs/scaling.md: ns3d on slabs with a
constant number of points per core.

NS_PER_POINT  measured time of one core for one right-hand side, per point of the grid (perf_solvers, ns3d_128: step / 4 / 128^3)
GB_PER_S      bandwidth of one node to the network, each direction
MICROSECONDS  latency of a message
THREADS       cores of a rank, which share its slab
SIDE          side of the cube of points that each core has"""
import math
import sys

given = [float(x) for x in sys.argv[1:]]
ns, bandwidth, latency, threads, side = given + [31, 25, 2, 8, 128][len(given):]
cores_per_node = 64
out, back, complex_bytes = 3, 5, 16  # fields to physical space, products back

print("| cores | ranks | n | largest number of ranks | compute, ms | exchange per rank, MiB | message, KiB "
      "| exchange, ms | efficiency |")
print("| --- " * 9 + "|")
for power in range(0, 13):
    cores = 2**power
    ranks = max(1, cores // int(threads))
    n = side * cores ** (1 / 3)
    limit = math.ceil(n / 3)  # wavenumbers along x that the 2/3 rule keeps
    points = n**3 / cores
    compute = ns * 1e-6 * points
    # of n^3 points the exchange carries (n planes) x (2n/3 rows) x (n/3 wavenumbers)
    per_rank = (out + back) * complex_bytes * n**3 * 2 / 9 / ranks
    away = per_rank * (1 - 1 / ranks)
    nodes = max(1, cores / cores_per_node)
    sharing = min(ranks, cores_per_node / threads)
    wire = away * sharing / (bandwidth * 1e9) * 1e3 if nodes > 1 else 2 * away / 10e9 * 1e3
    messages = 2 * (ranks - 1) * latency * 1e-3
    exchange = wire + messages
    print("| %d | %d | %d | %d%s | %.1f | %.1f | %.1f | %.1f | %.0f %% |" % (
        cores, ranks, round(n), limit, "" if ranks <= limit else " **exceeded**", compute, per_rank / 2**20,
        per_rank / max(1, ranks) / (out + back) * 4 / 2**10, exchange, 100 * compute / (compute + exchange)))
