#!/bin/bash
# online_kill.sh SOURCE BUILD - a run that is killed, stopped, damaged and disturbed ends with the
# weights of one that was left alone, bit for bit. LERAY_KILL_SEED repeats a series of moments.
. "${1:?}/tests/cli_tools"
seed=${LERAY_KILL_SEED:-$(od -An -tu2 -N2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
echo "seed $seed (LERAY_KILL_SEED)"
# Delays make a run of a few seconds out of one that would be over before the first kill.
deck=$folder/deck.yaml
sed 's/clients: 2/clients: 2, delays: [0.02, 0.02]/' "$decks/online_tiny.yaml" >"$deck"

newest() { ls "$1/checkpoints" 2>/dev/null | grep -v '\.' | tail -1; }
start() { # start FOLDER OPTIONS...: in the background; its pid is $pid
    "$leray" online "$deck" -o "$1" "${@:2}" >"$1.out" 2>"$1.err" &
    pid=$!
}
# Moments are waited for, not guessed: a loaded machine may take seconds to get there.
wait_for() { for _ in $(seq 3000); do "$@" && return; kill -0 $pid 2>/dev/null || return; sleep 0.01; done; }
owns() { wait_for grep -qsw "$pid" "$1/lock"; } # the process started last has the folder
ms() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }
now() { date +%s%3N; }
same() {
    check "$1: other weights than $2" same_weights "$1" "$2"
    check "$1: other losses than $2" cmp -s <(losses "$1") <(losses "$2")
    check "$1: another model file than $2" \
        same_tensors "$1/model.safetensors" "$2/model.safetensors"
}

began=$(now)
expect 0 "trained in" "$leray" online "$deck" -o whole
length=$(($(now) - began))
check "a run without a temporary left" [ "$(ls whole/checkpoints | wc -l)" = 2 ]

# 20 kills at moments up to the length of a run: before the first checkpoint, inside writes, and
# after training, while the model is measured. Runs that reach their end are compared; then the
# next one begins.
kills=0 runs=1 steps=""
while [ $kills -lt 20 ]; do
    start killed$runs
    sleep "$(ms $((RANDOM % (length * 2 / 5 + 20) + 10)))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    rc=$?
    if [ $rc -eq 0 ]; then # it was over
        same killed$runs whole
        runs=$((runs + 1))
        continue
    fi
    [ $rc -eq 137 ] || { complain "killed$runs ends with $rc"; cat killed$runs.err; break; }
    kills=$((kills + 1))
    at=$(newest killed$runs) steps="$steps ${at:+$((10#${at#step-}))}"
done
echo "$kills kills of $runs runs, checkpoints at steps:$steps"
expect 0 "trained in" "$leray" online "$deck" -o killed$runs
same killed$runs whole

# Signals that ask for a checkpoint, at three moments each.
for signal in TERM USR1; do
    stops=0
    for k in 1 2 3; do
        start sig$signal
        owns sig$signal
        sleep "$(ms $((length / 4 + RANDOM % (length / 4 + 1))))"
        kill -$signal $pid 2>/dev/null
        wait $pid
        rc=$?
        [ $rc -eq 0 ] && break
        checks=$((checks + 1))
        [ $rc -eq 75 ] || complain "$signal: ends with $rc, not 75"
        check "$signal: says what to do" grep -q "the same command goes on" sig$signal.err
        stops=$((stops + 1))
    done
    check "$signal never hit" [ $stops -ge 1 ]
    expect 0 "trained in" "$leray" online "$deck" -o sig$signal
    same sig$signal whole
done

# A damaged newest checkpoint: named, set aside, and the one before leads to the same end.
start hurt
wait_for eval '[ "$(ls hurt/checkpoints 2>/dev/null | grep -vc "\.")" = 2 ]'
kill -9 $pid
wait $pid 2>/dev/null
at=$(newest hurt)
byte=$(od -An -tu1 -j1000 -N1 "hurt/checkpoints/$at/weights.f32")
printf "\\$(printf '%03o' $((byte ^ 1)))" |
    dd of="hurt/checkpoints/$at/weights.f32" bs=1 seek=1000 conv=notrunc status=none
expect 0 "$at is damaged" "$leray" online "$deck" -o hurt
check "the damaged one is set aside" [ -d "hurt/checkpoints/$at.damaged" ]
same hurt whole

# Both damaged: an error, and no silent beginning from nothing; --fresh begins.
cp -r hurt both
for at in both/checkpoints/step-*; do echo >"$at/manifest.json"; done
expect 3 "start over with --fresh" "$leray" online "$deck" -o both
expect 3 "start over with --fresh" "$leray" online "$deck" -o both
expect 0 "trained in" "$leray" online "$deck" -o both --fresh
same both whole

# Another deck in the same folder is refused; nothing of the run is touched.
start other
wait_for eval '[ -n "$(newest other)" ]'
kill -9 $pid
wait $pid 2>/dev/null
expect 2 "lr: 0.004" "$leray" online "$deck" -o other optimizer.lr=4e-3
expect 2 "--fresh" "$leray" online "$deck" -o other seed=9
expect 0 "trained in" "$leray" online "$deck" -o other
same other whole

# A second run in a folder that is in use names the owner, and does not disturb it.
start owned
owns owned
expect 2 "pid $pid" "$leray" online "$deck" -o owned
expect 2 "pid $pid" "$leray" online "$deck" -o owned --fresh
wait $pid
same owned whole

# After the end: the same table again, without training.
table() { sed '/trained in/d; /^  solver/d; s/^\(  fno.*[^ ]\) \+[-0-9.e]*$/\1/; s/killed1/whole/' "$1"; }
"$leray" online "$deck" -o killed1 >first.out 2>first.err
"$leray" online "$deck" -o whole >again.out 2>again.err
check "the second table differs" cmp -s <(table first.out) <(table again.out)
check "the table has the model's errors" grep -q '^  fno .*[0-9.]* .*[0-9.]*$' again.out
check "says that it is complete" grep -q "training is complete" again.err
check "attempts are counted" [ "$(value killed1/result.json 'd["training"]["attempts"]')" -gt 2 ]
expect 0 "trained in" "$leray" online "$deck" -o whole --fresh
check "--fresh trains again" [ "$(value whole/result.json 'd["training"]["attempts"]')" = 1 ]
same killed1 whole
finish
