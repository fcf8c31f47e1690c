"""perf/peers/solvers_fluidsim.py - time of a step of fluidsim: ns2d and ns3d, RK4, 2/3 rule.

The peer of perf/solvers.c. Each of the FFT classes that are installed is tried and the fastest is
reported; output is off, steps are those of its time loop. One JSON line per case: peer_ms is the
best of single steps, as ours is, peer_median_ms their median, peer_rss_mib the largest resident memory
of the process that ran it.

Packages (pip): fluidsim==26.10.0 fluidfft==0.4.5 fluidfft-fftw==0.0.1 pyfftw==0.15.1, with what they
ask for. Python 3.11 or later. fluidfft-fftw is compiled on installation and wants FFTW's development
files; without it the class over pyFFTW remains.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

CASES = {
    "ns2d-512": ("ns2d", 512, ["fft2d.with_fftw2d", "fft2d.with_fftw1d", "fft2d.with_pyfftw"]),
    "ns3d-64": ("ns3d", 64, ["fft3d.with_fftw3d", "fft3d.with_pyfftw"]),
}


def make(solver, n, fft):
    from importlib import import_module

    simulation = import_module("fluidsim.solvers.%s.solver" % solver).Simul
    p = simulation.create_default_params()
    for axis in "xyz"[: 3 if solver == "ns3d" else 2]:
        setattr(p.oper, "n" + axis, n)
        setattr(p.oper, "L" + axis, 2 * 3.141592653589793)
    p.oper.type_fft = fft
    p.oper.coef_dealiasing = 2 / 3
    p.nu_2 = 1e-3
    p.time_stepping.USE_CFL = False
    p.time_stepping.deltat0 = 1e-3
    p.time_stepping.type_time_scheme = "RK4"
    p.init_fields.type = "noise"
    p.output.HAS_TO_SAVE = False
    p.output.ONLINE_PLOT_OK = False
    return simulation(p)


def one(solver, n, fft, steps):
    """In a process of its own: prints a line that the caller reads."""
    sim = make(solver, n, fft)
    times = []
    for _ in range(steps + 3):
        start = time.perf_counter()
        sim.time_stepping.one_time_step_computation()
        times.append(1e3 * (time.perf_counter() - start))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("RESULT " + json.dumps({"peer_ms": min(times[3:]), "peer_median_ms": statistics.median(times[3:]),
                                  "peer_rss_mib": rss, "fft": fft}))


def run(case, fft, steps):
    """None where this class is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, OMP_NUM_THREADS="1", FLUIDSIM_PATH=folder)
        out = subprocess.run([sys.executable, __file__, "--one", case, fft, "--steps", str(steps)],
                             env=environment, cwd=folder, capture_output=True, text=True)
    lines = [line[7:] for line in out.stdout.splitlines() if line.startswith("RESULT ")]
    return json.loads(lines[0]) if lines else None


def main():
    from importlib.metadata import version

    parser = argparse.ArgumentParser()
    parser.add_argument("--one", nargs=2, metavar=("CASE", "FFT"), help="for its own use")
    parser.add_argument("--steps", type=int, default=15)
    a = parser.parse_args()
    if a.one:
        solver, n, _ = CASES[a.one[0]]
        return one(solver, n, a.one[1], a.steps)
    for case, (solver, n, ffts) in CASES.items():
        results = [r for r in (run(case, fft, a.steps) for fft in ffts) if r]
        if not results:
            raise SystemExit("%s: no FFT class of fluidfft works" % case)
        line = {"name": solver, "n": [n] * (3 if solver == "ns3d" else 2), "threads": 1,
                "scheme": "rk4", "peer": "fluidsim-" + version("fluidsim"),
                "tried": {r["fft"]: r["peer_ms"] for r in results}}
        line.update(min(results, key=lambda r: r["peer_ms"]))
        print(json.dumps(line), flush=True)


main()
