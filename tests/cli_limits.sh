#!/bin/bash
# cli_limits.sh SOURCE BUILD - what a user may have many of: test sets, terms of the loss, arguments, columns of
# tables, fields and curves of pictures. None is left out.
. "${1:?}/tests/cli_tools"
with h5py || finish
PYTHONPATH=$source/tests /usr/bin/python3 - <<'PY' || exit 1
import numpy as np
import cli_well

axes = {"y": np.arange(16) / 16, "x": np.arange(16) / 16}
cli_well.write("waves.h5", {"a": cli_well.waves(16, 1, 6, 4)}, axes, range(4))
wave = cli_well.waves(16, 1, 1, 3)
cli_well.write("fields.h5", {f"f{i:02}": (i + 1) * wave for i in range(24)}, axes, range(3))
line = wave[:, :, 0]
cli_well.write("lines.h5", {f"f{i:02}": (i + 1) * line for i in range(24)}, {"x": axes["x"]}, range(3))
with open("table.csv", "w") as f:
    print("time", *(f"c{i:03}" for i in range(24)), sep=",", file=f)
    for t in range(4):
        print(t, *(t * (i + 1) for i in range(24)), sep=",", file=f)
PY

# ---- test sets and terms of the loss ----------------------------------------------------------
long=$(printf 'n%.0s' {1..300}) # of a name
{
    cat <<END
name: many
data: {type: well, path: $PWD/waves.h5, count: 4}
model: {type: fno, width: 4, modes: 3, layers: 1, projection: 4}
loss:
  type: mse
  factor: 0.5
  plus:
END
    for i in {1..20}; do echo "    term$i: {type: mse, factor: 0.025}"; done
    echo "tests:"
    for i in {1..40}; do echo "  set$i: {first: $((i % 3)), count: 1}"; done
    echo "  $long: {first: 5, count: 1}"
    echo "optimizer: {type: adamw, lr: 1e-3}"
    echo "train: {batch: 2, epochs: 2}"
} >many.yaml
expect 0 "set40 " "$leray" train many.yaml -q -o many
check "a result for each of 41 test sets" [ "$(value many/result.json \
    'len([k for k in d["metrics"] if k.endswith("_max_error")])')" = 41 ]
check "sets of the same data have the same result, others have not" [ "$(value many/result.json \
    '[d["metrics"]["set%d_rel_l2" % i] for i in (1, 40)].count(d["metrics"]["set4_rel_l2"]), d["metrics"]["set2_rel_l2"] == d["metrics"]["set4_rel_l2"]')" = "(2, False)" ]
check "a long name is whole" [ "$(value many/result.json "'${long}_rel_l2' in d['metrics']")" = True ]
# 0.5 + 20 * 0.025 of one loss are that loss.
"$leray" train many.yaml -q loss.factor=1 $(for i in {1..20}; do echo "loss.plus.term$i.factor=0"; done) -o one \
    >/dev/null || exit 1
check "twenty terms add up" [ "$(value many/result.json 'abs(d["metrics"]["train_loss"] - '"$(
    value one/result.json 'd["metrics"]["train_loss"]')"') < 1e-4 * d["metrics"]["train_loss"]')" = True ]
sed 's/^  set1:/  set1: {first: 0, count: 1, nosuch: 1}\n  setx:/' many.yaml >wrong.yaml
expect 2 "unknown key 'tests.set1.nosuch'" "$leray" config validate wrong.yaml

# ---- arguments --------------------------------------------------------------------------------
arguments() { for ((i = 1; i <= $1; i++)); do echo "$2=$i"; done; }
expect 0 "1000" "$leray" config show "$decks/online_tiny.yaml" $(arguments 1000 seed)
check "the last argument counts" grep -q '^seed: 1000 ' out
# 300 of a solver: the last one decides again.
"$leray" gen "$decks/refine_data_tiny.yaml" ensemble.simulations=2 -q -o d >/dev/null || exit 1
"$leray" train "$decks/train_tiny.yaml" -q data.path=d/ensemble.h5 train.epochs=1 -o m >/dev/null || exit 1
expect 2 "solver.nu = -1" "$leray" forecast m/model.safetensors --data d/ensemble.h5 certify=1 \
    forecast.window=8 $(arguments 300 solver.nu) solver.nu=-1 -o f

# ---- tables and pictures ----------------------------------------------------------------------
# 70 separations: 1 + 2 (2 + 1 + 2 70) columns behind the time.
separations=$(seq -s, 70)
expect 0 "fields.h5" "$leray" solve "$decks/solve_tiny.yaml" solver.n=144 ensemble='{frames: 2, interval: 1}' \
    output.pdf="{every: 1, bins: 11, separations: [$separations]}" output.spectra.every=0 -o s
check "287 columns in pdf.csv" [ "$(head -1 s/pdf.csv | tr ',' '\n' | wc -l)" = 288 ]
for file in fields.h5 lines.h5 table.csv; do
    expect 0 "p/${file%.*}.png" "$leray" plot $file -o p -v
    check "$file: gnuplot says $(cat err)" [ ! -s err ]
done
check "fields.png: $(grep -c '^plot' p/fields.gp) panels" [ "$(grep -c '^plot' p/fields.gp)" = 72 ]
check "lines.png: $(grep -c '^plot' p/lines.gp) panels" [ "$(grep -c '^plot' p/lines.gp)" = 24 ]
check "table.png: $(grep -c '^plot' p/table.gp) panels" [ "$(grep -c '^plot' p/table.gp)" = 24 ]
check "the last field" grep -q 'f23, time 2' p/fields.gp
check "the last column" grep -q 'c023' p/table.gp
finish
