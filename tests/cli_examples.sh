#!/bin/bash
# cli_examples.sh SOURCE BUILD - every program of examples/ runs: decay finds the exact energies,
# online learns to predict held-out simulations better than the identity does, surrogate couples a model that
# has learned a little longer to a drag, and follows the solver that has it.
set -u
source=$1 build=$2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
for example in "$source"/examples/*.c; do
    name=$(basename "$example" .c)
    "$build/example_$name" >"$name.out" 2>"$name.err" || { cat "$name.err"; echo "$name failed"; exit 1; }
done
awk '$1 == "t" { n++; if (($6 - $9) ^ 2 > 1e-20) bad = 1 } END { exit bad || n != 6 }' decay.out ||
    { cat decay.out; echo "decay: wrong energies"; exit 1; }
metric() { sed -n "s/^ *\"$1\": \([-+.e0-9]*\),*$/\1/p" online.out; }
error=$(metric one_step_rel_l2) identity=$(metric identity_one_step_rel_l2)
awk -v e="$error" -v i="$identity" 'BEGIN { exit !(e > 0 && e < 0.8 * i) }' ||
    { cat online.out; echo "online: error '$error', identity '$identity'"; exit 1; }
[ -s runs/online/model.safetensors ] || { echo "online left no model"; exit 1; }
"$build/example_online" runs/longer ensemble.simulations=100 reservoir.capacity=900 reservoir.threshold=60 \
    train.ratio=8 >longer.out 2>longer.err || { cat longer.err; echo "online failed"; exit 1; }
"$build/example_surrogate" runs/longer/model.safetensors >surrogate.out || exit 1
awk '{ n++; if (!($7 < 0.25 && $7 < $10)) bad = 1 } END { exit bad || n != 8 || $7 > $10 / 4 }' surrogate.out ||
    { cat surrogate.out; echo "surrogate: the coupled model does not follow the solver"; exit 1; }
"$build/example_surrogate" "$source/tests/fixtures/models/burgers_fno.safetensors" >/dev/null 2>&1
[ $? = 2 ] || { echo "surrogate takes a model of another flow"; exit 1; }
echo "decay exact; online $error against identity $identity"
