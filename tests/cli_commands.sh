#!/bin/bash
# cli_commands.sh SOURCE BUILD - every subcommand does what its help says: help, JSON, keys that
# scripts read, and the way from solver to file to model to metrics and pictures.
. "${1:?}/tests/cli_tools"
online=$decks/online_tiny.yaml train=$decks/train_tiny.yaml pairs=$decks/pairs_tiny.yaml
mkdir arrays && python3 "$source/tests/cli_arrays.py" arrays || exit 1
json() { # json COMMAND...: succeeds, and prints JSON and nothing else on stdout
    expect 0 "" "$@"
    check "'$*': no JSON" is_json "$folder/out"
}
has() { # has EXPRESSION: true of the JSON in out
    check "not so: $1" [ "$(value "$folder/out" "$1")" = True ]
}
png() { check "$1 is no picture" [ "$(head -c 8 "$1" | od -An -c | tr -d ' ')" = '211PNG\r\n032\n' ]; }

# ---- help -----------------------------------------------------------------------------------
commands=$("$leray" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
check "commands: $commands" [ "$(echo $commands | wc -w)" -ge 9 ]
for command in $commands; do
    expect 0 "leray $command - " "$leray" "$command" --help
    check "help of $command begins without an example" \
        grep -q "^  leray $command" <(grep -m 1 '^  ' out)
    cp out long
    expect 0 "leray $command - " "$leray" help "$command"
    check "two helps of $command" cmp -s out long
done
expect 0 "exit codes:" "$leray" --help
expect 0 "exit codes:" "$leray" help
expect 0 "fftw" "$leray" --version

# ---- list -----------------------------------------------------------------------------------
json "$leray" list --json
has '{"solvers", "models", "losses", "train"} <= {row["name"] for row in d}'
"$leray" list | sed -n 's/^  \([a-z]*\) .*/\1/p' >kinds
while read -r kind; do
    expect 0 "" "$leray" list "$kind"
    sed -n 's/^  \([a-z0-9-]*\)  .*/\1/p' out >names
    expect 0 "[" "$leray" list "$kind" --json
    cat out >>lists.json
    grep -q '"summary"' out || continue # a section: these are its keys
    while read -r component; do
        expect 0 "'$component'" "$leray" list "$kind" "$component"
        expect 0 "[" "$leray" list "$kind" "$component" --json
        cat out >>lists.json
    done <names
done <kinds
check "lists as JSON: not a name and a text in every row" python3 - lists.json <<'PY'
import json, sys
text, at, n = open(sys.argv[1]).read(), 0, 0
while at < len(text):
    rows, end = json.JSONDecoder().raw_decode(text[at:])
    at, n = at + end + 1, n + 1
    for row in rows:
        assert row["name"] and (row.get("summary") or row["help"]), row
assert n > 25, n
PY
json "$leray" list solver ns2d --json
has 'any(row["name"] == "nu" and row["parameter"] and row["unit"] == "length^2/time" for row in d)'

# ---- config ---------------------------------------------------------------------------------
json "$leray" config validate "$online" --json
has 'd == {"valid": True}'
expect 0 "is valid" "$leray" config validate "$online" seed=5
expect 0 "seed: 5" "$leray" config show "$online" seed=5
check "origins" [ "$(grep -c 'online_tiny.yaml:\|command line\|default' out)" -gt 30 ]
cp out shown.yaml # what is shown is a deck, and says the same
expect 0 "is valid" "$leray" config validate shown.yaml
"$leray" config show shown.yaml | sed 's/ *#.*//' >again.yaml
check "a shown deck means another" cmp -s <(sed 's/ *#.*//' shown.yaml) again.yaml
for kind in online train; do
    expect 0 "model:" "$leray" config init $kind
    cp out begun.yaml
    expect 0 "is valid" "$leray" config validate begun.yaml
done
"$leray" config init >begun.yaml
expect 0 "dry run" "$leray" online begun.yaml --dry-run

# ---- dry runs -------------------------------------------------------------------------------
mkdir dry && cd dry || exit 1
for command in solve gen online; do
    expect 0 "nothing was written" "$leray" $command "$online" --dry-run
    json "$leray" $command "$online" --dry-run --json -o somewhere
done
expect 0 "100 of 4 samples" "$leray" online "$online" --dry-run
expect 0 "nothing was written" "$leray" train "$pairs" data.path=../arrays --dry-run
check "a dry run leaves $(ls)" [ -z "$(ls -A)" ]
cd ..

# ---- solve, info, plot ----------------------------------------------------------------------
json "$leray" solve "$online" -q -o one --json
has 'd["metrics"]["simulations"] == 1 and d["metrics"]["frames"] == 6'
has 'd["provenance"]["version"] and "ns2d" in json.dumps(d["provenance"])'
for file in fields.h5 fields.xdmf statistics.csv result.json config.yaml; do
    check "solve leaves no $file" [ -s one/$file ]
done
check "statistics: a line for each frame" [ "$(wc -l <one/statistics.csv)" = 7 ]
expect 0 "vorticity" "$leray" info one/fields.h5
json "$leray" info one/fields.h5 --json
has 'd["format"] == "well" and d["frames"] == 6 and d["trajectories"] == 1'
for file in one/fields.h5 one/statistics.csv; do
    json "$leray" plot $file -o pictures --json
    has 'len(d["pictures"]) == 1'
    name=$(basename ${file%.*})
    png pictures/$name.png
    check "no script beside the picture" [ -s pictures/$name.gp ]
done
expect 0 "one/fields.png" "$leray" plot one/fields.h5
png one/fields.png

# ---- gen, train, eval -----------------------------------------------------------------------
json "$leray" gen "$online" -q -o data --json
has 'd["metrics"]["simulations"] == 20 and d["metrics"]["frames"] == 120'
json "$leray" train "$train" data.path=data/ensemble.h5 tests.all.path=data/ensemble.h5 -q -o file \
    --json
has 'd["training"]["samples"] == 100 and d["training"]["steps"] == 8 * 13'
trained=$(value out 'd["metrics"]["all_rel_l2"]')
json "$leray" eval file/model.safetensors --data data/ensemble.h5 --json
has '{"rel_l2", "rel_l2_ratio_of_sums", "rel_h1", "rmse", "max_error", "identity_rel_l2"} == set(d["metrics"])'
has 'd["samples"] == 100 and d["seconds"] > 0 and d["grid"] == [16, 16]'
has '0 < d["metrics"]["rel_l2"] < d["metrics"]["identity_rel_l2"]'
check "eval and train disagree" [ "$(value out 'd["metrics"]["rel_l2"]')" = "$trained" ]
expect 0 "relative H1" "$leray" eval file/model.safetensors --data data/ensemble.h5
json "$leray" eval file/model.safetensors --data data/ensemble.h5 data.first=3 data.count=2 --json
has 'd["samples"] == 10'
expect 0 "trained in" "$leray" train "$pairs" -q -o pairs
json "$leray" eval pairs/model.safetensors --data arrays data.inputs=a_C.npy data.outputs=u_C.npy \
    --json
has 'd["samples"] == 12 and d["metrics"]["identity_rel_l2"] is None'

# ---- online ---------------------------------------------------------------------------------
json "$leray" online "$online" -q -o on --json
has 'd["metrics"]["one_step_rel_l2"] < d["metrics"]["identity_one_step_rel_l2"]'
has '"rollout4_rel_l2" in d["metrics"] and d["training"]["steps"] == 100'
check "result.json is not what was printed" [ "$(value out d)" = "$(value on/result.json d)" ]
png on/curves.png
png on/forecast.png
json "$leray" info on --json
has 'd["format"] == "run" and d["result"]["training"]["steps"] == 100'
json "$leray" info on/model.safetensors --json
has '"width: 6" in d["deck"] and json.loads(d["task"])["samples"]["grid"]["axes"][0]["n"] == 16'
json "$leray" info arrays/a_F.npy --json
expect 0 "[12, 16, 16]" "$leray" info arrays/a_F.npy
json "$leray" plot on --json
png on/loss.png
json "$leray" eval on/model.safetensors --data data/ensemble.h5 --json
has 'd["metrics"]["rel_l2"] < d["metrics"]["identity_rel_l2"]'
# The deck that a run leaves behind makes the same run.
expect 0 "trained in" "$leray" online on/config.yaml -q -o on2
check "config.yaml makes another run" same_weights on on2
finish
