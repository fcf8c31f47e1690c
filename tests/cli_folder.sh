#!/bin/bash
# cli_folder.sh SOURCE BUILD - what is in a run's folder belongs together: a run that begins anew removes what an
# earlier one left before it writes its deck, also where it then fails; a data set is not replaced by another deck's.
. "${1:?}/tests/cli_tools"
data=$decks/refine_data_tiny.yaml
gone() { # gone FOLDER FILES..: none of them is there
    local file
    for file in "${@:2}"; do check "$1/$file is still there" [ ! -e "$1/$file" ]; done
}
there() {
    local file
    for file in "${@:2}"; do check "$1/$file is gone" [ -e "$1/$file" ]; done
}

# ---- gen --------------------------------------------------------------------------------------
expect 0 "2 simulations" "$leray" gen "$data" ensemble.simulations=2 -o d -q
cp d/ensemble.h5 d/config.yaml .
expect 2 "d/ensemble.h5 is the data set of another deck: 'seed: 3' there, 'seed: 4' now" "$leray" gen "$data" \
    ensemble.simulations=2 seed=4 -o d
expect 2 "'solver.n: [32]' there, 'solver.n: [16]' now" "$leray" gen "$data" ensemble.simulations=2 solver.n=16 -o d
expect 2 "ensemble.simulations: 2' there" "$leray" gen "$data" -o d
check "a refused gen changed the data" cmp -s d/ensemble.h5 ensemble.h5
check "a refused gen changed the deck" cmp -s d/config.yaml config.yaml
# The same data set again, under another name and with other threads, is no other.
expect 0 "2 simulations" "$leray" gen "$data" ensemble.simulations=2 name=again threads=1 ensemble.clients=1 -o d -q
check "the same deck's data are others" /usr/bin/python3 - d/ensemble.h5 ensemble.h5 <<'PY'
import sys
import h5py
a, b = (h5py.File(name)["t0_fields/vorticity"][:] for name in sys.argv[1:])
assert (a == b).all()
PY
expect 0 "2 simulations" "$leray" gen "$data" ensemble.simulations=2 seed=4 -o d --fresh -q
check "--fresh left the old data" grep -q 'seed: 4' d/config.yaml
# One that fails leaves nothing of the one before.
expect 4 "" "$leray" gen "$data" ensemble.simulations=2 solver.dt=1 solver.cfl=0 solver.forcing.amplitude=1e6 \
    parameters.nu.min=1e-9 -o d --fresh -q
gone d ensemble.h5 statistics.csv result.json
there d config.yaml
printf 'not HDF5' >d/ensemble.h5
expect 2 "d/ensemble.h5 is there, and no data set of this deck" "$leray" gen "$data" -o d -q
check "a file that is no data set was replaced" [ "$(cat d/ensemble.h5)" = "not HDF5" ]
cp ensemble.h5 d/ensemble.h5

# ---- train, online ----------------------------------------------------------------------------
train=("$leray" train "$decks/train_tiny.yaml" data.path=ensemble.h5 -q -o t)
expect 0 "trained in" "${train[@]}" train.epochs=2
expect 0 "loss.png" "$leray" plot t
there t model.safetensors result.json metrics.jsonl checkpoints curves.png loss.png
expect 4 "" "${train[@]}" --fresh optimizer.type=sgd optimizer.lr=1e25
gone t model.safetensors result.json curves.png curves.gp curves.dat loss.png
check "the deck is the old one's" grep -q 'type: sgd' t/config.yaml
there t  # the data are no output of a training
# A run whose checkpoints were taken away begins anew as well.
expect 0 "trained in" "${train[@]}" --fresh train.epochs=1
rm -r t/checkpoints
expect 4 "" "${train[@]}" optimizer.type=sgd optimizer.lr=1e25
gone t model.safetensors result.json
# A deck that is refused changes nothing, and a run that goes on keeps what it has.
expect 0 "trained in" "${train[@]}" --fresh train.epochs=1
expect 2 "" "${train[@]}" --fresh model.modes=99
there t model.safetensors result.json
expect 2 "holds a run of another deck" "${train[@]}" train.epochs=2
expect 0 "trained in" "${train[@]}" train.epochs=1
there t model.safetensors result.json curves.png
expect 0 "held-out" "$leray" online "$decks/online_tiny.yaml" -q -o on
there on forecast.png curves.png model.safetensors
expect 4 "" "$leray" online "$decks/online_tiny.yaml" -q -o on --fresh optimizer.type=sgd optimizer.lr=1e25 optimizer.clip=0
gone on forecast.png forecast.gp forecast.f32 curves.png model.safetensors result.json

# ---- solve ------------------------------------------------------------------------------------
expect 0 "fields in" "$leray" solve "$decks/solve_tiny.yaml" -q -o s
for file in fields.h5 statistics.csv spectra.csv; do expect 0 "png" "$leray" plot s/$file; done
there s result.json statistics.h5 state.h5 fields.png statistics.png spectra.png
expect 4 "" "$leray" solve "$decks/solve_tiny.yaml" -q -o s --fresh solver.nu=0 solver.dt=100 solver.cfl=0
gone s result.json fields.h5 fields.png fields.f32 statistics.png spectra.png
check "the deck is the old one's" grep -q 'nu: 0$' s/config.yaml

# ---- forecast ---------------------------------------------------------------------------------
expect 0 "trained in" "$leray" train "$decks/train_tiny.yaml" data.path=ensemble.h5 train.epochs=1 -q -o m
expect 0 "certified" "$leray" forecast m/model.safetensors --data ensemble.h5 data.count=1 certify=1e-6 -q -o f
there f handed_back.csv
expect 0 "surrogate" "$leray" forecast m/model.safetensors --data ensemble.h5 data.count=1 -q -o f
gone f handed_back.csv
# ---- one folder, one kind of output ----------------------------------------------------------------
expect 0 "2 simulations" "$leray" gen "$data" ensemble.simulations=2 ensemble.frames=12 -o mine -q
cp mine/config.yaml mine/result.json .
for command in "train $decks/train_tiny.yaml data.path=mine/ensemble.h5" "solve $data" "online $decks/online_tiny.yaml"; do
    # shellcheck disable=SC2086
    expect 2 "mine holds the output of leray gen (ensemble.h5)" "$leray" $command --fresh -o mine -q
done
check "a refused command changed the deck" cmp -s mine/config.yaml config.yaml
check "a refused command changed the result" cmp -s mine/result.json result.json
expect 0 "" "$leray" train "$decks/train_tiny.yaml" data.path=mine/ensemble.h5 train.epochs=1 -o trained -q
expect 2 "trained holds the output of leray train or leray online" "$leray" gen "$data" -o trained -q
expect 2 "trained holds the output of leray train or leray online" "$leray" forecast trained/model.safetensors \
    --data mine/ensemble.h5 -o trained -q
expect 0 "" "$leray" solve "$data" ensemble.frames=2 -o solved -q
expect 2 "solved holds the output of leray solve (fields.h5)" "$leray" gen "$data" -o solved -q
finish
