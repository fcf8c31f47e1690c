"""mcwilliams.py - decaying two-dimensional turbulence (J. C. McWilliams, J. Fluid Mech. 146 (1984) 21): energy is
nearly conserved, enstrophy falls, coherent vortices remain and the spectrum becomes steeper."""
import numpy as np

from common import Check, at_times, table

TITLE = "McWilliams' decaying turbulence"
PICTURES = [("mcwilliams_decay", "Energy and enstrophy over their initial values"), ("mcwilliams_spectra", "Spectra")]


def checks(lab):
    quick = ["solver.n=128", "solver.hyperviscosity.coefficient=7.7e-12", "ensemble.interval=1",
             "output.spectra.every=1"] if lab.quick else []
    out = lab.solve("mcwilliams.yaml", "mcwilliams", *quick)
    run, spectra = table(out, "statistics"), table(out, "spectra")
    t, energy, enstrophy = run["time"], run["energy"], run["enstrophy"]
    k = at_times(spectra, "k")[-1][1]
    last = at_times(spectra, "energy")[-1][1]
    inertial = (k >= 10) & (k <= 40)
    slope = np.polyfit(np.log(k[inertial]), np.log(last[inertial]), 1)[0]
    lab.draw("mcwilliams_decay", "set xlabel 't'; set logscale y\nplot 'DATA_e.dat' w l lw 2 t 'E/E(0)', "
             "'DATA_z.dat' w l lw 2 t 'Z/Z(0)'", e=(t, energy / energy[0]), z=(t, enstrophy / enstrophy[0]))
    curves = {"t%d" % i: (k[1:], e[1:]) for i, (_, e) in enumerate(at_times(spectra, "energy"))}
    names = ["'DATA_t%d.dat' w l lw 2 t 't = %g'" % (i, time) for i, (time, _) in enumerate(at_times(spectra, "energy"))]
    lab.draw("mcwilliams_spectra", "set logscale; set xlabel 'k'; set ylabel 'E(k)'; set yrange [1e-10:1]\nplot " +
             ", ".join(names) + ", 30 * x**-3 dt 2 lc 'black' t 'k^{-3}'", **curves)
    budget = np.abs(run["energy_residual"]).max() / run["energy_hyperviscosity"].max()
    return [Check("E(end)/E(0)", energy[-1] / energy[0], 1, 0.1 if lab.quick else 0.05,
                  "conserved in the limit of no dissipation"),
            Check("Z(end)/Z(0)", enstrophy[-1] / enstrophy[0], 0, None, "enstrophy falls"),
            Check("largest residual of the energy budget over its largest dissipation", budget, 0, 1e-3, "identity, falls with dt^4"),
            Check("slope of E(k), k = 10..40, at the end", slope, -3, None, "Kraichnan; steeper where vortices are")]
