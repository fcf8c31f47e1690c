#!/bin/bash
# cli_components.sh SOURCE BUILD - every model, loss, optimizer, schedule, reservoir and sampler of the
# lists learns from a deck, is stopped after its first epoch and ends with the weights of a run
# that was not, and its model file is measured by leray eval.
. "${1:?}/tests/cli_tools"
mkdir arrays && python3 "$source/tests/cli_arrays.py" arrays || exit 1
cat >train.yaml <<'EOF'
name: components
seed: 3
threads: 1
data: {type: npy-pairs, path: arrays, inputs: a_C.npy, outputs: u_C.npy, periodic: true}
model: {type: fno, width: 4, modes: 3, layers: 2, projection: 8}
train: {batch: 4, epochs: 2, checkpoint: 0, log: 1}
EOF
names() { "$leray" list "$1" | awk '/^  /{print $1}'; }

# learns WHAT COMMAND DECK OVERRIDE...
learns() {
    local what=$1 command=$2
    shift 2
    expect 0 "trained in" "$leray" "$command" "$@" -o "$what"
    check "$what: a finite loss" grep -qE '"loss": [0-9]' "$what/metrics.jsonl"
    [ "$command" = train ] || return
    # Its second run goes on from the checkpoint before the last.
    rm -rf "resumed-$what" && cp -r "$what" "resumed-$what"
    rm -rf "resumed-$what/checkpoints/$(ls "$what/checkpoints" | tail -1)"
    expect 0 "trained in" "$leray" "$command" "$@" -o "resumed-$what"
    check "$what: other weights after a stop" same_weights "$what" "resumed-$what"
    expect 0 "relative L2" "$leray" eval "$what/model.safetensors" --data "${held_out[@]}"
}
held_out=(arrays data.inputs=a_C.npy data.outputs=u_C.npy)

sed '/^model:/d' train.yaml >models.yaml
for model in $(names models); do
    # Those that need windows of frames learn below.
    "$leray" list models "$model" | awk '$1 == "latent" {found = 1} END {exit !found}' && continue
    small=$("$leray" list models "$model" | awk '$1 == "modes" {print "model.modes=8"}
        $1 == "levels" {print "model.levels=2"}')
    learns "$model" train models.yaml model.type="$model" $small
done
"$leray" gen "$decks/refine_data_tiny.yaml" -q -o windows >/dev/null || exit 1
held_out=(windows/ensemble.h5)
learns stfno train "$decks/refine_tiny.yaml" data.path=windows/ensemble.h5 train.checkpoint=0 train.epochs=2
held_out=(arrays data.inputs=a_C.npy data.outputs=u_C.npy)
for loss in $(names losses); do learns "$loss" train train.yaml loss.type="$loss"; done
for optimizer in $(names optimizers); do
    learns "$optimizer" train train.yaml optimizer.type="$optimizer"
done
for schedule in $(names schedules); do learns "$schedule" train train.yaml schedule.type="$schedule"; done
learns sum train train.yaml loss.plus.smooth.type=sobolev loss.plus.smooth.factor=0.1
learns everything train train.yaml train.recompute=true train.accumulate=2 optimizer.noise=1e-4 \
    optimizer.average=0.9 optimizer.clip=1 schedule.warmup=0.1
for reservoir in $(names reservoirs); do
    learns "$reservoir" online "$decks/online_tiny.yaml" train.ratio=1 reservoir.type="$reservoir"
done
printf 'time,nu\n0,2e-3\n0,5e-3\n' >points.csv # for samplers that read a table
for sampler in $(names samplers); do
    table=$("$leray" list samplers "$sampler" | awk '$1 == "path" {print "parameters.path=points.csv"}')
    learns "$sampler" online "$decks/online_tiny.yaml" parameters.sampler="$sampler" $table
done
finish
