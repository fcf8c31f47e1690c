#!/usr/bin/python3
"""reference.py LERAY > docs/decks.md - the reference of decks, from `leray list all --json`.

LERAY is the command. tests/docs_reference.sh runs it and compares.
"""
import json
import subprocess
import sys

INTRO = """# Decks: the reference

This page is generated from the tables that the code itself reads
(`tools/reference.py build/leray > docs/decks.md`); `leray list` prints the same.

A deck is a YAML file that describes an experiment in sections. The section of a component names the component by the key
`type` (in section `parameters` by `sampler`) and has the keys of that component. A dotted key is a nested mapping:
`forcing.amplitude` in section `solver` is `solver: {forcing: {amplitude: 0.1}}`. On the command line
`solver.forcing.amplitude=0.2` overrides it. The value is YAML, too; but for a key of type text it is all characters
after the first `=`, so that `data.path=any: path #1` needs no quotes (quotes around the whole value are removed).
A key that is not in these tables is an error, and so is a value outside its range. `leray config show DECK` prints
every key with its value and where it was set.

Keys marked *p* are physical parameters: an ensemble can vary them. Its section
`parameters.<key>` then has the keys of [range](#range).

| command | sections it reads |
| --- | --- |
| `leray solve` | solver, ensemble, output, restart |
| `leray gen` | solver, parameters, ensemble |
| `leray online` | solver, parameters, ensemble, reservoir, model, task, loss, optimizer, schedule, train, validation |
| `leray train` | data, tests, model, task, loss, optimizer, schedule, train |

Each section below `loss.plus` is one more loss, with its own `type`, that is added to the first:
`loss: {type: relative-l2, plus: {slopes: {type: sobolev, factor: 0.1}}}`.

Each section below `tests` is one more dataset on which the trained model is measured. It has the keys of `data`; a key
that is not given has the value from `data`.
"""
def cell(text):
    return text.replace("|", "\\|") or " "


def allowed(key):
    if "choices" in key:
        return ", ".join("`%s`" % c for c in key["choices"])
    if key["type"] == "boolean":
        return "`true`, `false`"
    if "min" in key:
        return "%.6g .. %.6g" % (key["min"], key["max"])
    return {"text": "text", "texts": "list of texts"}.get(key["type"], "")


def table(keys):
    if not keys:
        return "No keys.\n"
    lines = ["| key | default | allowed | unit | meaning |", "| --- | --- | --- | --- | --- |"]
    for key in keys:
        name = "`%s`%s" % (key["key"], " *p*" if key["parameter"] else "")
        default = "`%s`" % (key["default"] or '""') if "default" in key else "required"
        unit = "" if key["unit"] == "1" else key["unit"]
        row = (name, default, allowed(key), unit, key["help"])
        lines.append("| " + " | ".join(cell(x) for x in row) + " |")
    return "\n".join(lines) + "\n"


def main():
    rows = json.loads(subprocess.check_output([sys.argv[1], "list", "all", "--json"]))
    print(INTRO)
    for head in (r for r in rows if "summary" in r):
        own = [r for r in rows if "key" in r and r["kind"] == head["kind"] and
               r.get("component") == head.get("component")]
        summary = head["summary"][0].upper() + head["summary"][1:]
        if "component" in head:
            section = head["section"].split(".")[0]
            print("### %s: %s\n\n%s.\n" % (section, head["component"], summary))
            print(table(own))
        else:
            print("## %s\n\n%s.\n" % (head["kind"], summary))
            if not any(r["kind"] == head["kind"] and "component" in r for r in rows):
                print(table(own))


if __name__ == "__main__":
    main()
