#!/bin/bash
# cli_threads.sh SOURCE BUILD - with threads: 0 a command takes as many threads as OMP_NUM_THREADS says, else one for
# each core that the process may use; a number in the deck is that number.
. "${1:?}/tests/cli_tools"
data=$decks/refine_data_tiny.yaml
unset OMP_NUM_THREADS OMP_THREAD_LIMIT
# threads NUMBER COMMAND..: so many are in the provenance of what it prints.
threads() {
    expect 0 '"threads"' "${@:2}" --json
    check "'${*:2}': not $1 threads but $(value out 'd["provenance"]["threads"]')" \
        [ "$(value out 'd["provenance"]["threads"]')" = "$1" ]
}
gen=("$leray" gen "$data" ensemble.simulations=2 ensemble.frames=12 -q -o d)
solve=("$leray" solve "$data" ensemble.frames=2 -q --fresh -o s)
threads 2 "${gen[@]}" threads=2
threads "$(nproc)" "${solve[@]}" threads=0
threads 1 env OMP_NUM_THREADS=1 "${solve[@]}" threads=0
threads 3 env OMP_NUM_THREADS=3 "${solve[@]}" threads=0
threads 3 env OMP_NUM_THREADS=3,2 "${solve[@]}" threads=0
threads 2 env OMP_NUM_THREADS=1 "${solve[@]}" threads=2
threads "$(nproc)" env OMP_NUM_THREADS=many "${solve[@]}" threads=0
threads 1 taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" "${solve[@]}" threads=0
threads 1 env OMP_THREAD_LIMIT=1 "${solve[@]}" threads=0
threads 1 env OMP_NUM_THREADS=1 "${gen[@]}" threads=0
threads 1 env OMP_NUM_THREADS=1 "$leray" train "$decks/train_tiny.yaml" data.path=d/ensemble.h5 train.epochs=1 \
    threads=0 -q -o m
threads 1 env OMP_NUM_THREADS=1 "$leray" eval m/model.safetensors --data d/ensemble.h5
threads 1 env OMP_NUM_THREADS=1 "$leray" forecast m/model.safetensors --data d/ensemble.h5 data.count=1 -q -o f
threads 3 env OMP_NUM_THREADS=3 "$leray" forecast m/model.safetensors --data d/ensemble.h5 data.count=1 -q -o f
finish
