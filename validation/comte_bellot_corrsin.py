"""comte_bellot_corrsin.py - decaying grid turbulence, as large-eddy simulations on 64^3 points. They begin with the spectrum measured
at the first station; compared are the energy of the resolved modes and the spectra at the second and third. One seed."""
import numpy as np

from common import ROOT, Check, at_times, table
from taylor_green import MODELS

SOURCE = "Comte-Bellot, Corrsin 1971, table 3"
TITLE = "Comte-Bellot and Corrsin's grid turbulence"
PICTURES = [("cbc_98", "Spectra at t U0/M = 98"), ("cbc_171", "Spectra at t U0/M = 171")]
MESH, RMS = 5.08, 22.2
LENGTH = 10.8 * MESH / (2 * np.pi)  # the box is 2 pi long
VELOCITY = np.sqrt(1.5) * RMS
TIMES = (np.array([0.21336, 0.49784, 0.86868]) - 0.21336) * VELOCITY / LENGTH
CUT = 21  # largest wavenumber of 64^3 points after dealiasing


def measured(station):
    """k, E without units, and E at any k by straight lines in both logarithms."""
    data = np.loadtxt(ROOT + "/validation/data/comte_bellot_corrsin.csv", delimiter=",")
    k, e = data[:, 0] * LENGTH, data[:, 1 + station] / (VELOCITY**2 * LENGTH)
    there = np.isfinite(e)
    return k[there], e[there], lambda x: np.exp(np.interp(np.log(x), np.log(k[there]), np.log(e[there])))


def checks(lab):
    result, curves = [], {}
    cut = 15 if lab.quick else CUT
    quick = ["solver.n=48"] if lab.quick else []
    shells = np.arange(2, cut + 1)  # the second station's table begins at 1.75
    for model in ["dynamic-smagorinsky"] if lab.quick else ["none"] + MODELS:
        out = lab.solve("comte_bellot_corrsin.yaml", "cbc_" + model, "solver.les.type=" + model, *quick)
        spectra = at_times(table(out, "spectra"), "energy")
        for station, name in ((1, "98"), (2, "171")):
            t, e = min(spectra, key=lambda s: abs(s[0] - TIMES[station]))
            reference = measured(station)[2](shells)
            e = e[2:cut + 1]
            curves["%s_%s" % (model.split("-")[0], name)] = (shells, e)
            allowed = 0.1 * reference.sum() if model == "dynamic-smagorinsky" else None
            result.append(Check("%s: resolved energy at t U0/M = %s" % (model, name), e.sum(), reference.sum(),
                                allowed, SOURCE + ", k = 2..%d" % cut))
            error = np.sqrt(np.mean(np.log10(e / reference)**2))
            result.append(Check("%s: rms of log10 E, k = 2..%d, at %s" % (model, cut, name), error, 0, None, SOURCE))
    for name, station in () if lab.quick else (("98", 1), ("171", 2)):
        mine = [key for key in curves if key.endswith("_" + name)]
        lines = ", ".join("'DATA_%s.dat' w l lw 2 t '%s'" % (key, key.split("_")[0]) for key in mine)
        k, e, _ = measured(station)
        lab.draw("cbc_" + name, "set logscale; set format '10^{%%T}'; set xlabel 'k L/2{/Symbol p}'; set ylabel 'E'\n"
                 "set xrange [1:40]\nset yrange [1e-4:0.1]\nset key outside\nplot " .replace("%%", "%") + lines +
                 ", 'DATA_measured.dat' w p pt 7 lc 'black' t 'measured'", measured=(k, e),
                 **{key: curves[key] for key in mine})
    return result
