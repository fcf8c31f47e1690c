#!/bin/bash
# cli_errors.sh SOURCE BUILD - bad input of every kind: the exit code that its kind has, and a
# message that says where and what.
. "${1:?}/tests/cli_tools"
online=$decks/online_tiny.yaml train=$decks/train_tiny.yaml pairs=$decks/pairs_tiny.yaml
mkdir arrays && python3 "$source/tests/cli_arrays.py" arrays || exit 1

# ---- the command line -----------------------------------------------------------------------
expect 2 "usage: leray COMMAND" "$leray"
expect 2 "unknown command 'sovle'" "$leray" sovle "$online"
expect 2 "'--jsn'" "$leray" solve "$online" --jsn
expect 2 "'-o'" "$leray" solve "$online" -o
expect 2 "an argument is missing after 'train'" "$leray" train
expect 2 "unexpected argument 'b.yaml'" "$leray" solve "$online" b.yaml
expect 2 "does not take '--fresh'" "$leray" eval x --fresh
expect 2 "does not take '--data'" "$leray" train "$train" --data x.h5
expect 2 "does not take 'seed=1'" "$leray" list solvers seed=1
expect 2 "unexpected argument 'seed'" "$leray" solve "$online" seed
expect 2 "show DECK" "$leray" config shwo "$online"
expect 2 "--json goes with validate only" "$leray" config show "$online" --json
expect 2 "no kind of component" "$leray" list sovlers
expect 2 "ns2d" "$leray" list solvers ns4d
expect 2 "there are: online, train" "$leray" config init bench
expect 2 "needs --data" "$leray" eval model.safetensors
# Open MPI leaves memory behind when it ends; that is no leak of leray's.
for words in OMPI_COMM_WORLD_SIZE PMI_SIZE SLURM_STEP_NUM_TASKS; do
    expect 2 "the launcher says 4 ranks ($words)" env $words=4 \
        ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" "$leray" online "$online" -o ranks
done
check "a refused launch left a folder" [ ! -e ranks ]

# ---- decks ----------------------------------------------------------------------------------
# bad WORDS SED: the deck after this edit is refused, with the place and these words.
bad() {
    sed "$2" "$online" >bad.yaml
    cmp -s bad.yaml "$online" && complain "'$2' changes nothing"
    expect 2 "$1" "$leray" config validate bad.yaml
    grep -q "bad.yaml:[0-9]*:[0-9]*" err || { complain "$2: no file:line:column:"; cat err; }
    expect 2 "$1" "$leray" online bad.yaml -o never
}
bad "did you mean" 's/  cfl: 1/  cfk: 1/'
bad "did you mean" 's/^ensemble:/ensmble:/'
bad "did you mean" 's/seed: 3/sede: 3/'
bad "bad.yaml:10:" 's/  cfl: 1/  cfl: fast/'
bad "bad.yaml:10:" 's/  cfl: 1/  cfl: -1/'
bad "[0, 10]" 's/  cfl: 1/  cfl: 11/'
bad "n" 's/  n: 16/  n: 16.5/'
bad "ns2d" 's/type: ns2d/type: ns2s/'
bad "relative-l2" 's/relative-l2/relative_l3/'
bad "increment" 's/target: increment/target: incremental/'
bad "bad.yaml" 's/  cfl: 1/  cfl: 1\n  cfl: 2/'
bad "bad.yaml" 's/^model: {/model: {{/'
# unfit WORDS COMMAND DECK KEYS..: what takes the components themselves to find out. --dry-run does, and config
# validate is no other.
unfit() {
    expect 2 "$1" "$leray" "${@:2}" --dry-run
    expect 2 "$1" "$leray" config validate "${@:3}"
}
sed 's/min: 1e-3, //' "$online" >bad.yaml
expect 2 "required key 'parameters.nu.min'" "$leray" config validate bad.yaml
unfit "parameters.nu: min 0.1 and max 0.01" online "$online" parameters.nu.min=1e-1
unfit "the range of solver.nu" online "$online" parameters.nu.min=-1 parameters.nu.scale=linear
unfit "reservoir.threshold = 50" online "$online" reservoir.threshold=50
unfit "modes = 9 per sign in y need at least 18 points" online "$online" model.modes=9
unfit "solver.n (command line): 3 numbers given" online "$online" "solver.n=[8,8,8]"
for command in solve gen; do
    unfit "solver.n (command line): 3 numbers given" $command "$decks/refine_data_tiny.yaml" "solver.n=[8,8,8]"
done
unfit "the range of solver.nu" gen "$decks/refine_data_tiny.yaml" parameters.nu.min=-1 parameters.nu.scale=linear
unfit "modes = 9 per sign" train "$pairs" model.modes=9
unfit "must be state" train "$pairs" task.target=increment
# Data that are not there are no error of the deck, and what is not checked is told.
expect 0 "what depends on data is not checked: cannot open none/a_C.npy" "$leray" config validate "$pairs" \
    data.path=none
expect 0 '"unchecked": "cannot open' "$leray" config validate "$pairs" data.path=none --json
# Three dimensions: a model that has none says so, and names all that have.
cat >box.yaml <<'Y'
threads: 1
solver: {type: ns3d, n: 8, nu: 1e-2, dt: 0.05}
ensemble: {simulations: 4, frames: 4, interval: 0.1}
reservoir: {capacity: 20, threshold: 4}
train: {batch: 4}
validation: {simulations: 1, rollout: 2}
Y
expect 2 "not supported: model: fno predicts windows in time of fields in two dimensions, not in 3" "$leray" online \
    box.yaml model.type=fno model.time=true --dry-run
expect 2 "not supported: model: stfno" "$leray" online box.yaml model.type=stfno --dry-run
sed -n 's/.*three dimensions, do //p' err | tr ',' '\n' | sed 's/ and /\n/; s/(.*)//; s/ //g' | sort >named
for model in $("$leray" list models | sed -n 's/^  \([a-z0-9-]*\) .*/\1/p'); do
    keys=
    case $model in unet) keys=model.levels=1 ;; t1u) keys="model.levels=1 model.modes=2" ;; resnet | mlp) ;; *) keys=model.modes=2 ;; esac
    # shellcheck disable=SC2086
    "$leray" online box.yaml model.type=$model $keys --dry-run >/dev/null 2>&1 && echo $model
done | sort >able
check "models of three dimensions: $(tr '\n' ' ' <able), named: $(tr '\n' ' ' <named)" cmp -s able named
# One document, and sections where they belong.
printf 'name: a\n---\nname: b\n' >two.yaml
expect 2 "two.yaml:2:1: a second document" "$leray" config validate two.yaml
echo 'model: fno' >model.yaml
expect 2 "write 'model: {type: fno}'" "$leray" config validate model.yaml
sed '/^solver:/,/  cfl/d' "$online" >bad.yaml
expect 2 "solver" "$leray" train bad.yaml -o never
expect 2 "use leray train" "$leray" online "$pairs" -o never
expect 2 "use leray online" "$leray" train "$online" -o never
expect 2 "unexpected argument '=3'" "$leray" config validate "$online" =3
expect 2 "command line" "$leray" config validate "$online" solver.m=3
expect 2 "solver.n" "$leray" config validate "$online" solver.n=abc
expect 3 "no.yaml" "$leray" config validate no.yaml
echo 'just words' >words.yaml
expect 2 "words.yaml" "$leray" config validate words.yaml
expect 2 "modes = 9 per sign in y need at least 18 points, the grid has 16" "$leray" online "$online" model.modes=9 -o never
expect 2 "train.batch = 500" "$leray" online "$online" train.batch=500 -o never
expect 2 "train.ratio = 4: this reservoir" "$leray" online "$online" reservoir.type=fifo -o never
expect 2 "reservoir.capacity = 12" "$leray" online "$online" reservoir.capacity=12 \
    train.ratio=0.2 -o never
expect 2 "must be state" "$leray" train "$pairs" task.target=increment -o never

# ---- files ----------------------------------------------------------------------------------
expect 0 "20 simulations" "$leray" gen "$online" -q -o data
expect 0 "trained in" "$leray" train "$train" data.path=data/ensemble.h5 -q -o file
expect 0 "trained in" "$leray" train "$pairs" -q -o pairs
head -c 3000 data/ensemble.h5 >short.h5
: >empty.h5
cp "$source/tests/fixtures/cli/foreign.h5" .
for file in no.h5 short.h5 empty.h5 foreign.h5 arrays/text.npy; do
    expect 3 "$file" "$leray" train "$train" data.path=$file -q -o never
    expect 3 "$file" "$leray" eval file/model.safetensors --data $file
done
for file in no.npy big.npy nan.npy narrow.npy few.npy short.npy head.npy empty.npy text.npy; do
    expect 3 "$file" "$leray" train "$pairs" data.inputs=$file -q -o never
    expect 3 "$file" "$leray" eval pairs/model.safetensors --data arrays data.inputs=$file \
        data.outputs=u_C.npy
done
expect 3 "big" "$leray" train "$pairs" data.inputs=big.npy -q -o never
expect 3 "the model takes the parameter 'nu'" "$leray" eval file/model.safetensors --data arrays \
    data.inputs=a_C.npy data.outputs=u_C.npy
# The order of the axes in the file is no matter of the numbers.
for order in C F; do
    expect 0 '"rel_l2"' "$leray" eval pairs/model.safetensors --data arrays --json \
        data.inputs=a_$order.npy data.outputs=u_$order.npy
    value out 'd["metrics"]' >$order.txt
    expect 0 "trained in" "$leray" train "$pairs" data.inputs=a_$order.npy \
        data.outputs=u_$order.npy -q -o order$order
done
check "Fortran order: other metrics" cmp -s C.txt F.txt
check "Fortran order: other weights" same_weights orderC orderF

model=pairs/model.safetensors
size=$(stat -c %s $model)
head -c 100 $model >short.st
head -c $((size - 4)) $model >cut.st
{ cat $model; printf 'more'; } >long.st
sed 's/"format"/"tamrof"/' $model >format.st
sed 's/width: 6/width: 5/' $model >width.st
sed 's/layers: 2/layers: 3/' $model >layers.st
printf '\377\377\377\377\377\377\377\377{}' >huge.st
for file in no.st short.st cut.st long.st format.st width.st layers.st huge.st arrays/text.npy; do
    expect 3 "$file" "$leray" eval $file --data arrays data.inputs=a_C.npy data.outputs=u_C.npy
done
# A model on data that are not for it: grid, channels, normaliser, loss.
narrow="data.inputs=narrow.npy data.outputs=narrow.npy"
grep -v '^model:' "$pairs" >models.yaml
# shellcheck disable=SC2086
{
    expect 2 "modes = 6 in x need at least 10 points, the grid has 8" "$leray" train "$pairs" $narrow \
        model.modes=6 -o never
    expect 0 "trained in" "$leray" train models.yaml model.type=unet model.width=4 model.levels=2 -q -o unet
    expect 2 "trained on 16 x 16 points, it cannot be used on 16 x 8" "$leray" eval \
        unet/model.safetensors --data arrays $narrow
}
expect 2 "not a multiple of 2^5" "$leray" train models.yaml model.type=unet model.levels=5 -o never
expect 2 "made of squares" "$leray" train models.yaml model.type=t1 model.modes=8 loss.type=huber -o never
expect 3 "weights are at least 0" "$leray" train "$pairs" loss.mask=arrays/few.npy -o never
sed 's/kind\\": \\"mean-std/kind\\": \\"mean-sdt/' pairs/model.safetensors >normaliser.st
expect 3 "mean-sdt" "$leray" eval normaliser.st --data arrays data.inputs=a_C.npy data.outputs=u_C.npy
expect 2 "only keys of section data can be set" "$leray" eval pairs/model.safetensors --data arrays \
    data.inputs=a_C.npy data.outputs=u_C.npy model.width=3
expect 3 "is a folder" "$leray" train "$train" data.path=data -q -o never
expect 3 "No such file" "$leray" train "$train" data.path=no.h5 -q -o never
expect 3 "it is a folder" "$leray" eval pairs --data arrays data.inputs=a_C.npy data.outputs=u_C.npy
expect 3 "no such file" "$leray" info no.h5
expect 3 "not HDF5" "$leray" info arrays/text.npy
expect 3 "not a run" "$leray" info arrays
expect 3 "no such file" "$leray" plot no.csv
expect 3 "not the folder of a training run" "$leray" plot arrays
expect 3 "pictures are made of" "$leray" plot "$online"

# ---- numbers --------------------------------------------------------------------------------
strong="solver.cfl=0 solver.forcing.amplitude=1e6"
# shellcheck disable=SC2086
{
    expect 4 "not finite" "$leray" solve "$online" $strong -q -o strong
    expect 4 "every simulation so far has failed" "$leray" online "$online" $strong -q -o strong2
    expect 4 "no simulation reaches its first frame" "$leray" gen "$online" $strong -q -o strong3
}
# A step that overflows: its number, the first tensor to blame, and no checkpoint of it.
grep -v '^optimizer:' "$pairs" >sgd.yaml
expect 4 "in step 2; the first tensor that is not finite is " "$leray" train sgd.yaml optimizer.type=sgd optimizer.lr=1e30 \
    train.checkpoint=0 -q -o overflow
check "a checkpoint of weights that are not finite" [ ! -e overflow/checkpoints/step-000000000002 ]
mixed="solver.cfl=0 parameters.forcing.amplitude.min=0.1 parameters.forcing.amplitude.max=1e4
    parameters.forcing.amplitude.scale=log validation.simulations=6"
# shellcheck disable=SC2086
expect 0 "trained in" "$leray" online "$online" $mixed -o mixed
check "failures are warned of" grep -q "warning: simulation .* (.*forcing.amplitude = .*not finite" err
check "failures are counted" [ "$(value mixed/result.json \
    'd["training"]["simulations_failed"] == len(d["training"]["failures"]) > 0')" = True ]
check "failures have parameters" [ "$(value mixed/result.json 'all("forcing.amplitude = " in f["parameters"]
    and "finite" in f["reason"] for f in d["training"]["failures"])')" = True ]
expect 4 "the loss is not finite" "$leray" train "$pairs" optimizer.lr=1000 optimizer.weight_decay=100 \
    train.epochs=50 -q -o wild

# ---- disks ----------------------------------------------------------------------------------
touch file.txt
for command in solve gen online; do
    expect 5 "file.txt" "$leray" $command "$online" -q -o file.txt/run
done
expect 0 "trained in" "$leray" online "$online" -q -o whole
deck=$folder/slow.yaml
sed 's/clients: 2/clients: 2, delays: [0.02, 0.02]/' "$online" >"$deck"
"$leray" online "$deck" -q -o full 2>/dev/null &
pid=$!
for k in $(seq 1000); do [ "$(ls full/checkpoints 2>/dev/null | grep -c '^step')" = 2 ] && break; sleep 0.02; done
kill -9 $pid
wait $pid 2>/dev/null # Killed
before=$(ls full/checkpoints | grep '^step')
limited() { (ulimit -f 12 && exec "$@"); }
expect 5 "File too large" limited "$leray" online "$deck" -o full
check "the message names the file" grep -q "checkpoints/writing.tmp" err
check "the checkpoints are those from before" [ "$before" = "$(ls full/checkpoints)" ]
expect 0 "going on from step" "$leray" online "$deck" -o full
check "after a full disk: other weights" same_weights full whole
check "after a full disk: other losses" cmp -s <(losses full) <(losses whole)
expect 5 "is the disk full?" limited "$leray" gen "$online" -q -o full2
check "no part of a file stays" [ ! -e full2/ensemble.h5 ]
check "nothing was written that should not be" [ ! -e never/model.safetensors ]
# ---- keys that would have no effect ---------------------------------------------------------------
expect 2 "ensemble.ranks = 2 (command line): leray online works on one rank" "$leray" online "$decks/online_tiny.yaml" \
    ensemble.ranks=2 --dry-run
printf 'time,energy\n0,1\n1,2\n' >table.csv
expect 2 "frames=all is for a file of fields (*.h5), not for table.csv" "$leray" plot table.csv frames=all
expect 0 "table.png" "$leray" plot table.csv
finish
