#!/bin/bash
# cli_burgers.sh SOURCE BUILD - the way from solver to file to model to metrics and pictures, in one
# dimension.
. "${1:?}/tests/cli_tools"
online=$decks/burgers_tiny.yaml train=$decks/train_tiny.yaml
png() { check "$1 is no picture" [ "$(head -c 8 "$1" | od -An -c | tr -d ' ')" = '211PNG\r\n032\n' ]; }
curves() { check "$1 has not $2 curves" [ "$(grep -c '^#' "$1")" = "$2" ]; }
has() { check "not so: $1" [ "$(value out "$1")" = True ]; }

expect 0 "fields in" "$leray" solve "$online" -q -o one
expect 0 "grid 32" "$leray" info one/fields.h5
python3 - one/fields.xdmf <<'PY' || complain "fields.xdmf is not a plane of one row"
import sys, xml.etree.ElementTree as xml
grid = xml.parse(sys.argv[1]).getroot().find(".//Grid/Grid")
assert grid.find("Topology").get("Dimensions") == "1 32"
origin, spacing = (item.text.split() for item in grid.findall("Geometry/DataItem"))
assert len(origin) == len(spacing) == 2 and float(spacing[1]) == 1 / 32, spacing
PY
expect 0 "one/fields.png" "$leray" plot one/fields.h5
png one/fields.png
curves one/fields.dat 3

expect 0 "20 simulations, 120 frames" "$leray" gen "$online" -q -o data
expect 0 "{" "$leray" train "$train" data.path=data/ensemble.h5 tests.all.path=data/ensemble.h5 -q \
    -o file --json
trained=$(value out 'd["metrics"]["all_rel_l2"]')
expect 0 "{" "$leray" eval file/model.safetensors --data data/ensemble.h5 --json
has 'd["grid"] == [32] and 0 < d["metrics"]["rel_l2"] < d["metrics"]["identity_rel_l2"]'
check "eval and train disagree" [ "$(value out 'd["metrics"]["rel_l2"]')" = "$trained" ]

expect 0 "{" "$leray" online "$online" -q -o on --json
has 'd["metrics"]["one_step_rel_l2"] < d["metrics"]["identity_one_step_rel_l2"]'
png on/forecast.png
png on/curves.png
curves on/forecast.dat 9
finish
