#!/bin/bash
# training_ranks.sh SOURCE BUILD - data-parallel training: 1, 2 and 3 ranks see the same batches, so
# they have the same gradient, losses and metrics to rounding; equal ranks give equal bits, also
# after a signal; one rank writes; what fails on one rank ends all; the rest refuses ranks.
. "${1:?}/tests/cli_tools"
# Open MPI leaves memory behind when it ends; that is no leak of leray's.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
mpirun=$(command -v mpirun) || { echo "mpirun is missing: tools/deps.sh build"; exit 77; }
mpirun=("$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n)
ranks() { "${mpirun[@]}" "$@"; } # ranks N COMMAND...
mkdir arrays
python3 "$source/tests/cli_arrays.py" arrays || exit 1
sed 's/clip: 1/clip: 0/; s/log: 5/log: 1/' "$decks/pairs_tiny.yaml" >deck.yaml
echo 'tests: {same: {inputs: a_C.npy, outputs: u_C.npy}}' >>deck.yaml

# close A B TOLERANCE: largest difference of two files of floats over their largest element.
close() {
    python3 - "$@" <<'EOF'
import array, sys
a, b = (array.array("f", open(p, "rb").read()) for p in sys.argv[1:3])
top = max(map(abs, a))
off = max(abs(x - y) for x, y in zip(a, b)) / top
sys.exit(0 if len(a) == len(b) and top > 0 and off <= float(sys.argv[3]) else "off by %g" % off)
EOF
}
# same_losses A B: the numbers of metrics.jsonl, and the metrics of result.json, to 1e-5.
same_losses() {
    python3 - "$@" <<'EOF'
import json, math, sys
def lines(folder):
    return [json.loads(line) for line in open(folder + "/metrics.jsonl")]
a, b = map(lines, sys.argv[1:3])
m, n = (json.load(open(p + "/result.json"))["metrics"] for p in sys.argv[1:3])
pairs = [(x[k], y[k]) for x, y in zip(a, b) for k in ("loss", "gradient_norm")]
pairs += [(m[k], n[k]) for k in m if not k.endswith("seconds") and not k.startswith("seconds")]
ok = len(a) == len(b) > 0 and m.keys() == n.keys()
for x, y in pairs:
    if isinstance(x, float) and math.isfinite(x):
        ok = ok and abs(x - y) <= 1e-5 * max(abs(x), 1e-3)
sys.exit(0 if ok else "losses or metrics differ")
EOF
}
gradient() { echo "$1/checkpoints/$(ls "$1/checkpoints" | grep -v '\.' | tail -1)/optimizer-mean.f32"; }

# One step of AdamW on the whole file: its first moment is a tenth of the gradient.
for n in 1 2 3 5; do
    expect 0 "trained in" ranks $n "$leray" train deck.yaml -o step$n train.batch=12 train.epochs=1
    [ $n = 1 ] || check "$n ranks: another gradient" close "$(gradient step1)" "$(gradient step$n)" 1e-6
done
# Batches that ranks cannot share evenly: 12 samples in batches of 5 end with one of 2.
expect 0 "trained in" "$leray" train deck.yaml -o alone train.batch=5
for n in 1 2 3; do
    expect 0 "trained in" ranks $n "$leray" train deck.yaml -o whole$n train.batch=5
    check "$n ranks: other losses than without a launcher" same_losses alone whole$n
done
check "one rank under a launcher: other weights" same_weights alone whole1
expect 0 "trained in" ranks 3 "$leray" train deck.yaml -o again3 train.batch=5
check "3 ranks twice: other weights" same_weights whole3 again3
check "3 ranks: one report" [ "$(grep -c 'trained in' out)" = 1 ]
check "result.json counts the ranks" grep -q '"ranks": 3' again3/result.json
expect 0 "trained in" ranks 2 "$leray" train deck.yaml -o recompute train.batch=5 train.recompute=true
check "recomputing on 2 ranks: other weights" same_weights whole2 recompute
expect 0 "trained in" ranks 2 "$leray" train deck.yaml -o accumulate train.batch=5 train.accumulate=2

# Sums of gradients start while backward runs: of several buckets only the last waits for its end.
expect 0 "trained in" ranks 2 "$leray" train deck.yaml -o wide train.batch=12 train.epochs=1 \
    model.width=48 model.modes=8 model.layers=4
check "no sum of gradients starts before backward ends" \
    [ "$(value wide/result.json 'd["training"]["gradient_overlap"] > 0.9')" = True ]

# A signal in the middle, as a batch system sends it to the launcher or to one rank.
for to in launcher rank; do
    "${mpirun[@]}" 2 "$leray" train deck.yaml -o stopped$to train.batch=5 train.epochs=3000 2>err$to >/dev/null &
    pid=$!
    for _ in $(seq 600); do [ -s stopped$to/metrics.jsonl ] && break; sleep 0.05; done
    if [ $to = launcher ]; then kill -TERM $pid
    else kill -TERM "$(pgrep -f -- "train deck.yaml -o stopped$to" | tail -1)"; fi
    wait $pid
    check "stopped by a signal to the $to: exit code $?" grep -q 'after step' err$to
    check "stopped by a signal to the $to: a checkpoint" [ -s "$(gradient stopped$to)" ]
done
# 40 epochs at once, and 40 with a stop on the way, to the same bits.
expect 0 "trained in" ranks 2 "$leray" train deck.yaml -o long train.batch=5 train.epochs=400
"${mpirun[@]}" 2 "$leray" train deck.yaml -o parts train.batch=5 train.epochs=400 2>/dev/null >/dev/null &
pid=$!
for _ in $(seq 600); do [ -s parts/metrics.jsonl ] && break; sleep 0.02; done
kill -TERM $pid; wait $pid
expect 0 "trained in" ranks 2 "$leray" train deck.yaml -o parts train.batch=5 train.epochs=400
check "stopped and resumed on 2 ranks: other weights" same_weights long parts

# What fails, fails everywhere, with the code of what failed.
expect 2 "did you mean" ranks 2 "$leray" train deck.yaml -o bad train.batsh=5
expect 3 "data" ranks 2 "$leray" train deck.yaml -o bad data.inputs=nan.npy
expect 4 "not finite" ranks 2 "$leray" train deck.yaml -o bad4 optimizer.lr=1000 optimizer.weight_decay=1 schedule.type=constant
expect 2 "one rank" ranks 2 "$leray" online "$decks/online_tiny.yaml" -o bad
expect 2 "one rank" ranks 2 "$leray" eval alone/model.safetensors --data arrays
finish
