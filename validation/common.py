"""common.py - runs decks with `leray solve`, reads their tables, compares, draws. Needs NumPy.

A validation is a function that returns a list of Check. `make validate` runs all of them and
writes validation.json, pictures and a table; docs/validation.md is made from these."""
import csv
import json
import os
import subprocess
import sys
import time
from collections import namedtuple

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# what was measured, ours, the reference's, largest allowed difference (None: shown, not judged)
Check = namedtuple("Check", "what ours reference tolerance source")


def passes(check):
    if check.tolerance is None:
        return None
    return bool(abs(check.ours - check.reference) <= check.tolerance)


class Lab:
    """Where runs go, and how they are started. `quick`: small forms, for every day."""

    def __init__(self, leray, folder, quick=False):
        self.leray, self.folder, self.quick = leray, folder, quick
        os.makedirs(folder, exist_ok=True)

    def solve(self, deck, name, *overrides):
        """Runs configs/validation/DECK into the folder NAME, going on where an earlier run stopped."""
        out = os.path.join(self.folder, name)
        command = [self.leray, "solve", os.path.join(ROOT, "configs", "validation", deck), "-q", "-o", out]
        started = time.time()
        subprocess.run(command + list(overrides), check=True, stdout=subprocess.DEVNULL)
        print("  %s: %.1f s" % (name, time.time() - started), file=sys.stderr, flush=True)
        return out

    def draw(self, name, script, **data):
        """A picture by gnuplot, its script and data beside it; `data`: name -> columns."""
        if self.quick:
            return
        for key, columns in data.items():
            np.savetxt(os.path.join(self.folder, "%s_%s.dat" % (name, key)), np.column_stack(columns))
        path = os.path.join(self.folder, name + ".gp")
        with open(path, "w") as f:
            f.write("set terminal pngcairo size 900,600 font 'sans,11'\nset output '%s.png'\n"
                    "set grid lc rgb '#dddddd'\n%s\n" % (name, script.replace("DATA_", name + "_")))
        subprocess.run(["gnuplot", name + ".gp"], cwd=self.folder, check=True)


def table(folder, name):
    """The columns of NAME.csv as arrays."""
    with open(os.path.join(folder, name + ".csv")) as f:
        rows = list(csv.DictReader(f))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def at_times(curves, key):
    """A table of curves split by time: [(time, rows of `key`)]."""
    return [(t, curves[key][curves["time"] == t]) for t in np.unique(curves["time"])]


def report(checks):
    lines = ["| what | ours | reference | difference | allowed | source |", "| --- | --- | --- | --- | --- | --- |"]
    for c in checks:
        allowed = "-" if c.tolerance is None else "%.3g" % c.tolerance
        verdict = {None: "", True: "", False: " **MISSED**"}[passes(c)]
        lines.append("| %s | %.10g | %.10g | %.2e | %s%s | %s |" % (
            c.what, c.ours, c.reference, abs(c.ours - c.reference), allowed, verdict, c.source))
    return "\n".join(lines)


def save(lab, name, checks):
    with open(os.path.join(lab.folder, name + ".json"), "w") as f:
        json.dump([dict(c._asdict(), passed=passes(c)) for c in checks], f, indent=1)
