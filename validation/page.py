#!/usr/bin/env python3
"""page.py FOLDER MACHINE - docs/validation.md and its pictures from what run.py left in FOLDER: the text of a section is
the module's own, MACHINE says where and when it ran."""
import importlib
import json
import os
import shutil
import sys

from common import ROOT
from run import NAMES

INTRO = """# Validation

Comparisons with published results. `make validate` runs them (configs/validation, validation/) and prints the tables; in
`make check`, `tests/validation.sh` runs them on smaller grids. A difference above the allowed one is an error. Tables without a
column `allowed` are for information: there is no accepted limit for the error of a sub-grid model. %s.
"""


def number(x):
    return "%.5g" % x if abs(x) < 1e4 and (abs(x) >= 1e-4 or x == 0) else "%.3e" % x


def judged(checks):
    lines = ["| what | ours | reference | difference | allowed | source |", "| --- | --- | --- | --- | --- | --- |"]
    for c in checks:
        lines.append("| %s%s | %s | %s | %.1e | %.1e | %s |" % (
            c["what"], "" if c["passed"] else " **missed**", number(c["ours"]), number(c["reference"]),
            abs(c["ours"] - c["reference"]), c["tolerance"], c["source"]))
    return "\n".join(lines)


def shown(checks):
    """Checks "ROW: COLUMN" as one table, the reference as its last row; others line by line."""
    columns, rows, reference = [], {}, {}
    for c in checks:
        row, _, column = c["what"].rpartition(": ")
        if column not in columns:
            columns.append(column)
        rows.setdefault(row, {})[column] = c["ours"]
        reference[column] = c["reference"]
    lines = ["| | " + " | ".join(columns) + " |", "| --- " * (len(columns) + 1) + "|"]
    for row, values in list(rows.items()) + [("reference", reference)]:
        lines.append("| %s | %s |" % (row, " | ".join(number(values[c]) if c in values else "" for c in columns)))
    return "\n".join(lines)


def section(folder, name):
    module = importlib.import_module(name)
    _, _, text = module.__doc__.partition(" - ")
    with open(os.path.join(folder, name + ".json")) as f:
        checks = json.load(f)
    parts = ["## " + module.TITLE, text[0].upper() + text[1:].strip(),
             judged([c for c in checks if c["tolerance"] is not None])]
    if any(c["tolerance"] is None for c in checks):
        parts.append(shown([c for c in checks if c["tolerance"] is None or ": " in c["what"]]))
    for picture, caption in module.PICTURES:
        target = os.path.join(ROOT, "docs", "images", "validation_" + picture + ".png")
        shutil.copy(os.path.join(folder, picture + ".png"), target)
        parts.append("![%s](images/validation_%s.png)" % (caption, picture))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    with open(os.path.join(ROOT, "docs", "validation.md"), "w") as page:
        page.write("\n".join([INTRO % sys.argv[2]] + [section(sys.argv[1], name) for name in NAMES]))
