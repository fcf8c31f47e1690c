#!/bin/bash
# online_determinism.sh SOURCE BUILD - who computes a simulation, how fast, and on how many threads
# changes no bit of the weights; nor does the reservoir's being another time the same one.
. "${1:?}/tests/cli_tools"
deck=$decks/online_tiny.yaml

run() { # run FOLDER OVERRIDES...
    checks=$((checks + 1))
    "$leray" online "$deck" -q -o "$1" train.checkpoint=60 "${@:2}" >"$1.out" 2>"$1.err" ||
        { complain "run $1 ends with $?"; cat "$1.err"; }
}
same() { # same A B: weights, model file, losses
    check "$1 and $2: other weights" same_weights "$1" "$2"
    check "$1 and $2: other model files" same_tensors "$1/model.safetensors" "$2/model.safetensors"
    check "$1 and $2: other losses" cmp -s <(losses "$1") <(losses "$2")
}

for type in reservoir fifo firo; do
    of="reservoir.type=$type"
    [ $type = reservoir ] || of="$of train.ratio=1 ensemble.simulations=40"
    # shellcheck disable=SC2086
    {
        run $type $of
        run $type-1 $of ensemble.clients=1
        run $type-3 $of ensemble.clients=3
        run $type-slow $of "ensemble.delays=[0, 0.01]"
        run $type-thread $of threads=1
    }
    for other in 1 3 slow thread; do same $type $type-$other; done
done
# The comparison can fail.
run seed seed=4
checks=$((checks + 2))
same_weights reservoir seed && complain "another seed, the same weights"
same_tensors reservoir/model.safetensors fifo/model.safetensors && complain "fifo, the same tensors"
check "100 steps in lines of 5" [ "$(losses reservoir | wc -l)" = 20 ]

# The same loop on a file: as many threads as you like, twice the same.
expect 0 "20 simulations" "$leray" gen "$deck" -q -o data
for k in 1 2 3; do
    expect 0 "trained in" "$leray" train "$decks/train_tiny.yaml" data.path=data/ensemble.h5 \
        threads=$k -q -o file$k
done
same file1 file2
same file1 file3
finish
