#!/bin/bash
# gen_ranks.sh SOURCE BUILD - an ensemble on any number of ranks and threads, and with several ranks within one
# simulation, is the same file, byte for byte; failures and signals on any rank are those of the run.
. "${1:?}/tests/cli_tools"
/usr/bin/python3 -c 'import h5py' || exit 77
mpirun=$(command -v mpirun) || { echo "no mpirun"; exit 77; }
export SOURCE_DATE_EPOCH=0 ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
ranks() { "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n "$@"; }

cat >deck.yaml <<'Y'
name: deck
threads: 1
solver: {type: ns2d, n: [24, 16], length: [1, 2], dt: 0.02, forcing: {type: fno}, scalar: {on: true}}
parameters: {nu: {min: 1e-3, max: 1e-2, scale: log}}
ensemble: {simulations: 7, warmup: 0.3, frames: 4, interval: 0.1}
Y
# The file without what must differ: the numbers of ranks and threads in its provenance.
bare() { sed -E 's/"ranks": [0-9]+/"ranks": 0/; s/"threads": [0-9]+/"threads": 0/' "$1"; }
same_file() { cmp -s <(bare "$1") <(bare "$2"); }
# gen NAME RANKS ARGUMENTS..: in a folder of its own, so that the command is the same text everywhere.
gen() {
    mkdir "$1" && cp ./*.yaml "$1" && cd "$1" || exit 1
    if [ "$2" = 0 ]; then expect 0 "7 simulations, 28 frames" "$leray" gen "${@:3}" -o e
    else expect 0 "7 simulations, 28 frames" ranks "$2" "$leray" gen "${@:3}" -o e; fi
    check "$1: $(wc -l <"$folder/out") lines of report" [ "$(wc -l <"$folder/out")" = 2 ]
    cd ..
}
gen one 0 deck.yaml
for n in 1 2 3 4 9; do
    gen n$n $n deck.yaml
    check "fields on $n ranks are others" same_file one/e/ensemble.h5 n$n/e/ensemble.h5
    check "statistics on $n ranks are others" cmp -s one/e/statistics.csv n$n/e/statistics.csv
done
# Threads, several simulations at a time on each rank: other text in the provenance, the same content.
content() {
    /usr/bin/python3 - "$@" <<'PY'
import sys, h5py
a, b = (h5py.File(p) for p in sys.argv[1:3])
names = []
a.visititems(lambda name, o: names.append(name) if isinstance(o, h5py.Dataset) else None)
assert len(names) > 6, names
for name in names:
    assert a[name][()].tobytes() == b[name][()].tobytes(), name
PY
}
gen threads 0 deck.yaml threads=3
gen both 2 deck.yaml threads=2
for made in threads both; do
    check "$made: other fields" content one/e/ensemble.h5 $made/e/ensemble.h5
    check "$made: other statistics" cmp -s one/e/statistics.csv $made/e/statistics.csv
done

# Ranks within a simulation. The deck says so, hence in the file.
sed 's/simulations: 7/ranks: 2, simulations: 7/' deck.yaml >divided.yaml
gen divided2 2 divided.yaml
gen divided4 4 divided.yaml
gen divided8 8 divided.yaml
for n in 4 8; do
    check "fields by pairs of $n ranks are others" same_file divided2/e/ensemble.h5 divided$n/e/ensemble.h5
    check "statistics by pairs of $n ranks are others" \
        cmp -s divided2/e/statistics.csv divided$n/e/statistics.csv
done
check "divided simulations have other fields" content one/e/ensemble.h5 divided2/e/ensemble.h5
check "divided simulations have other statistics" python3 - one/e/statistics.csv divided2/e/statistics.csv <<'PY'
import sys
a, b = ([line.split(",") for line in open(p)] for p in sys.argv[1:3])
assert a[0] == b[0] and len(a) == len(b) == 29
for x, y in zip(a[1:], b[1:]):
    assert x[:3] == y[:3]
    for name, p, q in zip(a[0], x, y):
        assert abs(float(p) - float(q)) <= 1e-12 * max(abs(float(p)), 1), (name, p, q)
PY
expect 2 "ensemble.ranks = 2 (divided.yaml:5:12): it must divide the number of ranks, which is 3" \
    ranks 3 "$leray" gen divided.yaml -o never
expect 2 "it must divide the number of ranks, which is 1" "$leray" gen divided.yaml -o never
expect 2 "it must divide the number of ranks, which is 1" "$leray" gen divided.yaml -n
expect 0 "7 simulations of 4 frames" ranks 2 "$leray" gen divided.yaml -n
check "a dry run on 2 ranks is told $(grep -c 'dry run' out) times" [ "$(grep -c 'dry run' out)" = 1 ]
expect 0 "1 simulation of 4 frames" ranks 2 "$leray" solve deck.yaml -n
check "a dry run of solve is told $(grep -c 'dry run' out) times" [ "$(grep -c 'dry run' out)" = 1 ]

# Simulations that diverge, on every rank and on one; the same file again.
sed 's/dt: 0.02/dt: 0.5/; s/min: 1e-3, max: 1e-2/min: 1e-6, max: 10/; s/type: fno/type: fno, amplitude: 3000/' deck.yaml \
    >failing.yaml
mkdir f1 f3
cp failing.yaml f1 && cp failing.yaml f3
(cd f1 && "$leray" gen failing.yaml -o e >out 2>err) || complain "the run of failing.yaml fails"
(cd f3 && ranks 3 "$leray" gen failing.yaml -o e >out 2>err) || complain "the run of failing.yaml on 3 ranks fails"
check "no simulation of failing.yaml fails, or all do" \
    grep -q '7 simulations, [1-9][0-9]* frames in .*; [1-6] failed' f1/out
check "counts of failures differ" cmp -s <(sed 's/in [-0-9.e]* s//' f1/out) <(sed 's/in [-0-9.e]* s//' f3/out)
check "warnings of failures differ" \
    cmp -s <(grep -o 'warning: simulation.*' f1/err | sort) <(grep -o 'warning: simulation.*' f3/err | sort)
check "fields with failures differ" same_file f1/e/ensemble.h5 f3/e/ensemble.h5
check "statistics with failures differ" cmp -s f1/e/statistics.csv f3/e/statistics.csv

# A signal to one rank ends all; nothing is left.
sed 's/frames: 4/frames: 100000/' deck.yaml >long.yaml
cat >signal_one.sh <<'S'
#!/bin/bash
[ "$OMPI_COMM_WORLD_RANK" != 1 ] || (sleep 1.5; kill -TERM $$) &
exec "$@"
S
chmod +x signal_one.sh
for each in 1 2; do
    ranks 4 ./signal_one.sh "$leray" gen long.yaml -o stopped$each ensemble.ranks=$each >out 2>err
    rc=$?
    check "groups of $each: a signal to one of 4 ranks ends with $rc" [ $rc = 75 ]
    check "groups of $each: the signal is not named" grep -q "stopped by a signal" err
    check "groups of $each: something is left" [ -z "$(ls stopped$each | grep -v 'config.yaml\|lock')" ]
done

# One rank that cannot write ends all, without one waiting for another; nothing is left.
cat >limit_one.sh <<'S'
#!/bin/bash
[ "$OMPI_COMM_WORLD_RANK" != 1 ] || ulimit -f 40
exec "$@"
S
chmod +x limit_one.sh
for each in 1 2; do
    timeout 60 "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n 4 ./limit_one.sh \
        "$leray" gen deck.yaml -o full$each ensemble.ranks=$each ensemble.simulations=40 >out 2>err
    rc=$?
    check "groups of $each: a full disk of one rank ends with $rc" [ $rc = 5 -o $rc = 6 ]
    check "groups of $each: the full disk is not named" grep -q "cannot write" err
    check "groups of $each: something is left" [ -z "$(ls full$each | grep -v 'config.yaml\|lock')" ]
done

# Ranks that may use the same cores share them.
cores=$(env -u OMP_NUM_THREADS nproc) share=$((cores / 2 > 0 ? cores / 2 : 1))
expect 0 "7 simulations" env -u OMP_NUM_THREADS "$mpirun" --allow-run-as-root --oversubscribe \
    --bind-to none -n 2 "$leray" gen deck.yaml threads=0 -o shared
check "2 ranks on $cores cores do not take $share threads each" \
    grep -q "\"threads\": $share," shared/result.json
finish
