#!/bin/bash
# cli_stdout.sh SOURCE BUILD - a stdout that is full or closed is an input/output error of every command, after its
# work is done; and no file of a run ever takes the place of a stream that is closed.
. "${1:?}/tests/cli_tools"
"$leray" gen "$decks/refine_data_tiny.yaml" ensemble.simulations=4 -q -o d >/dev/null || exit 1
"$leray" train "$decks/refine_tiny.yaml" -q data.path=d/ensemble.h5 -o m >/dev/null || exit 1
[ -w /dev/full ] || { echo "no /dev/full"; exit 1; }
commands=(
    "--help"
    "help"
    "help solve"
    "solve --help"
    "--version"
    "list"
    "list solvers ns2d --json"
    "config init online"
    "config show $decks/online_tiny.yaml"
    "config validate $decks/online_tiny.yaml"
    "info d/ensemble.h5"
    "info m --json"
    "eval m/model.safetensors --data d/ensemble.h5 --json"
    "plot d/ensemble.h5 -o p"
    "online $decks/online_tiny.yaml --dry-run"
    "online $decks/online_tiny.yaml -q -o on"
    "train $decks/train_tiny.yaml data.path=d/ensemble.h5 train.epochs=1 -q -o tr"
    "gen $decks/online_tiny.yaml ensemble.simulations=2 -q -o gen"
    "solve $decks/online_tiny.yaml -q -o solve"
    "refine m/model.safetensors --data d/ensemble.h5 data.count=1 -q -o refine"
    "forecast m/model.safetensors --data d/ensemble.h5 data.count=1 -q -o forecast"
)
full() { "$leray" "$@" >/dev/full; }
closed() { "$leray" "$@" >&-; }
all_closed() { "$leray" "$@" <&- >&- 2>&-; }
for command in "${commands[@]}"; do
    for how in full closed; do
        # shellcheck disable=SC2086
        expect 5 "cannot be written to stdout" $how $command
        # shellcheck disable=SC2086
        [ ! -s out ] || complain "$how $command: something came out"
    done
done
# The files are what they are with a stdout: nothing was printed into them.
for file in gen/ensemble.h5 solve/fields.h5 refine/refined.h5 forecast/forecast.h5 tr/model.safetensors; do
    expect 0 "" "$leray" info $file --json
    check "$file: no JSON" is_json out
done
for folder_ in on tr gen solve refine forecast; do
    check "$folder_/result.json" is_json $folder_/result.json
done
rm -r solve
all_closed solve "$decks/online_tiny.yaml" -q -o solve
rc=$?
check "all streams closed: exit code $rc" [ $rc = 5 ]
expect 0 "vorticity" "$leray" info solve/fields.h5
# An error keeps its own code.
expect 3 "no such file" full info no.h5
expect 2 "unknown command" closed sovle
finish
