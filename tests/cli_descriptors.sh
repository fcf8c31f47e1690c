#!/bin/bash
# cli_descriptors.sh SOURCE BUILD - with few file descriptors a command works, or says what it lacks: nothing aborts,
# and nothing waits for what will never come.
. "${1:?}/tests/cli_tools"
"$leray" gen "$decks/refine_data_tiny.yaml" ensemble.simulations=2 -q -o d >/dev/null || exit 1
"$leray" train "$decks/refine_tiny.yaml" -q data.path=d/ensemble.h5 train.epochs=1 -o m >/dev/null || exit 1
limited() { (ulimit -n "$1" && exec timeout 60 "$leray" "${@:2}"); }
commands=(
    "online $decks/online_tiny.yaml --fresh -q -o on"
    "refine m/model.safetensors --data d/ensemble.h5 data.count=1 -q -o refine"
)
for command in "${commands[@]}"; do
    said=0
    for n in 8 9 10 12 14 16 20 24 28 32 40 48 64; do
        # shellcheck disable=SC2086
        limited $n $command >out 2>err
        rc=$?
        check "ulimit -n $n: '$command' ends with $rc: $(tail -3 err)" [ $((rc == 0 || rc == 1 || rc == 5)) = 1 ]
        if [ $rc -ne 0 ] && grep -q 'leray: error: .* needs .* open files.*ulimit -n' err; then said=$((said + 1)); fi
        check "ulimit -n $n: no plain reason: $(cat err)" [ $rc -eq 0 -o "$(grep -ci 'open files' err)" -gt 0 ]
        check "ulimit -n $n: a library speaks: $(cat err)" [ "$(grep -vc '^leray: ' err)" = 0 ]
    done
    check "'$command' never says what it needs" [ $said -ge 3 ]
    check "'$command' fails with 64 descriptors" [ $rc = 0 ]
done
finish
