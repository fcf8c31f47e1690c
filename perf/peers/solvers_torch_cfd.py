"""perf/peers/solvers_torch_cfd.py - time of a step of decaying two-dimensional turbulence in torch-cfd.

The peer of perf/solvers.c. The package's NavierStokes2DSpectral with its RK4CrankNicolsonStepper as it
comes (five low-storage stages, Crank-Nicolson for the viscosity), the 2/3 rule, float64, without
gradients; no forcing, which is the cheapest of its flows. Prints one JSON line per size:
peer_ms is the best of single steps, as ours is, peer_median_ms their median, peer_rss_mib the largest
resident memory of the process.

Packages (pip): torch-cfd==0.2.6 torch==2.5.1, with what they ask for. Python 3.10 or later.
"""
import argparse
import json
import resource
import statistics
import time
from importlib.metadata import version

import torch

torch.set_default_dtype(torch.float64)  # the package makes its grids at import and after

from torch_cfd.grids import Grid
from torch_cfd.initial_conditions import filtered_vorticity_field
from torch_cfd.spectral import NavierStokes2DSpectral, RK4CrankNicolsonStepper


def step_ms(n, steps):
    grid = Grid((n, n), domain=((0, 2 * torch.pi), (0, 2 * torch.pi)))
    flow = NavierStokes2DSpectral(viscosity=1e-3, grid=grid, smooth=True,
                                  step_fn=RK4CrankNicolsonStepper())
    w = filtered_vorticity_field(grid, 4, random_state=0).data
    w_hat = torch.fft.rfft2(w.to(torch.float64))
    times = []
    with torch.inference_mode():
        for _ in range(steps + 3):
            start = time.perf_counter()
            w_hat, _ = flow(w_hat, 1e-3)
            times.append(1e3 * (time.perf_counter() - start))
    if not (w_hat.dtype == torch.complex128 and torch.isfinite(w_hat.abs()).all()):
        raise SystemExit("n = %d: %s, not finite or not double" % (n, w_hat.dtype))
    return times[3:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="256,512")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=25)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    for n in map(int, a.sizes.split(",")):
        times = step_ms(n, a.steps)
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"name": "ns2d", "n": [n, n], "threads": a.threads, "scheme": "rk4-cn",
                          "peer": "torch-cfd-%s pytorch-%s" % (version("torch-cfd"), torch.__version__),
                          "peer_ms": min(times), "peer_median_ms": statistics.median(times),
                          "peer_rss_mib": rss}), flush=True)


main()
