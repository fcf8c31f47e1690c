#!/bin/bash
# cli_solve.sh SOURCE BUILD - one simulation: each output at its own period; killed, stopped and out
# of disk it goes on to the bits of a run left alone; it begins from the states of other runs, and
# refuses what is none. LERAY_KILL_SEED repeats a series of moments.
. "${1:?}/tests/cli_tools"
seed=${LERAY_KILL_SEED:-$(od -An -tu2 -N2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
echo "seed $seed (LERAY_KILL_SEED)"
export SOURCE_DATE_EPOCH=0 # the same files from the same run
cp "$decks/solve_tiny.yaml" deck.yaml
deck=../deck.yaml
# Runs live in folders of the same name, because the command is written into their files.
solve() { # solve PLACE OPTIONS...
    local place=$1
    mkdir -p "$place"
    (cd "$place" && exec "$leray" solve "$deck" -q -o run "${@:2}")
}
solve_at() { # the same in the background; its pid is $pid
    mkdir -p "$1"
    (cd "$1" && exec "$leray" solve "$deck" -q -o run "${@:2}") >"$1/out" 2>"$1/err" &
    pid=$!
}
sums() { "$leray" info "$1" --json >info.json && value info.json 'd["checksums"], d["time"], d["steps"]'; }
same() { # same A B: every file of two runs but for the plans and the result's seconds
    local file
    for file in fields.h5 statistics.h5 statistics.csv means.csv spectra.csv fields.xdmf; do
        check "$1: another $file than $2" cmp -s "$1/run/$file" "$2/run/$file"
    done
    check "$1: another state than $2" [ "$(sums "$1/run/state.h5")" = "$(sums "$2/run/state.h5")" ]
    check "$1: something partial is left" [ -z "$(ls "$1/run" | grep -E 'partial|tmp')" ]
}
same_numbers() { # of runs that stopped with words of their own, which their files quote
    local file
    for file in statistics.csv means.csv spectra.csv; do
        check "$1: another $file than $2" cmp -s "$1/run/$file" "$2/run/$file"
    done
    check "$1: another state than $2" [ "$(sums "$1/run/state.h5")" = "$(sums "$2/run/state.h5")" ]
    "$leray" plot "$1/run/fields.h5" -o "pictures$1" >/dev/null
    check "$1: other fields than $2" cmp -s "pictures$1/fields.f32" pictureswhole/fields.f32
}
times() { cut -d, -f1 "$1" | tail -n +2 | uniq | while read -r t; do printf '%.4g ' "$t"; done; }
every() { # every STEP END: the times from 0 on
    python3 -c 'import sys; s, e = map(float, sys.argv[1:]); print("".join("%.4g " % (k * s) for k in range(int(e / s + 1 + 1e-9))), end="")' "$@"
}

# ---- every output at its own period -----------------------------------------------------------
expect 0 "11 frames, time 4.1 after" solve whole
cd whole/run || exit 1
check "statistics at $(times statistics.csv)" [ "$(times statistics.csv)" = "$(every 0.15 4.1)" ]
check "means at $(times means.csv)" [ "$(times means.csv)" = "$(every 0.3 4.1)" ]
check "spectra at $(times spectra.csv)" [ "$(times spectra.csv)" = "$(every 0.5 4.1)" ]
for file in config.yaml fields.h5 fields.xdmf statistics.h5 state.h5 state.previous.h5 result.json; do
    check "no $file" [ -s $file ]
done
cd ../..
expect 0 "time 4.1 after" "$leray" info whole/run/state.h5
expect 0 "time 3.5 after" "$leray" info whole/run/state.previous.h5
expect 0 "11 frames, grid 64 x 64, time 0.1 .. 4.1" "$leray" info whole/run/fields.h5
expect 0 "spectra      time, k, " "$leray" info whole/run/statistics.h5
check "result.json" [ "$(value whole/run/result.json \
    'd["metrics"]["frames"] == 11 and abs(d["statistics"]["energy_residual"]) < 1e-4')" = True ]
python3 - whole/run/fields.xdmf <<'PY' || complain "fields.xdmf has not 11 frames"
import sys, xml.etree.ElementTree as xml
grids = xml.parse(sys.argv[1]).getroot().findall(".//Grid/Grid")
times = [float(g.find("Time").get("Value")) for g in grids]
assert len(times) == 11 and max(abs(t - 0.1 - 0.4 * k) for k, t in enumerate(times)) < 1e-6, times
assert all("fields.h5:/t0_fields/vorticity" in "".join(g.itertext()) for g in grids)
PY
cp whole/run/state.h5 finished.h5
expect 0 "fields.png" "$leray" plot whole/run/fields.h5 -o pictureswhole
cp -r whole again
expect 0 "the run is complete" "$leray" solve deck.yaml -o again/run
sed 's/every: 0.15/every: 0/; s/every: 0.3/every: 0/; s/every: 0.5/every: 0/' deck.yaml >plain.yaml
deck=../plain.yaml expect 0 "11 frames" solve plain
check "statistics with each frame" [ "$(wc -l <plain/run/statistics.csv)" = 12 ]
check "diagnostics that nobody asked for" [ ! -e plain/run/means.csv ]

# ---- killed -----------------------------------------------------------------------------------
kills=0 runs=0
while [ $kills -lt 12 ]; do
    solve_at killed
    sleep "0.$(printf '%03d' $((RANDOM % 160 + 20)))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    rc=$?
    if [ $rc -eq 0 ]; then
        same killed whole
        rm -rf killed
        runs=$((runs + 1))
        [ $runs -lt 8 ] && continue
        break
    fi
    [ $rc -eq 137 ] || { complain "killed ends with $rc"; cat killed/err; break; }
    kills=$((kills + 1))
done
echo "$kills kills, $runs runs reached their end on the way"
expect 0 "11 frames" solve killed
same killed whole

# ---- stopped ----------------------------------------------------------------------------------
wait_for() { for _ in $(seq 500); do "$@" && return; kill -0 $pid 2>/dev/null || return; sleep 0.005; done; }
for signal in TERM INT USR1; do
    solve_at stopped$signal
    wait_for [ -s stopped$signal/run/spectra.csv ]
    kill -$signal $pid 2>/dev/null
    wait $pid
    rc=$?
    if [ $rc -ne 0 ]; then
        check "$signal: ends with $rc, not 75" [ $rc -eq 75 ]
        check "$signal: does not say where it is" grep -qs "stopped by a signal at time .*/state.h5" stopped$signal/err
    fi
    expect 0 "11 frames" solve stopped$signal
    same stopped$signal whole
done
# The limit of wall time, again and again; what is there meanwhile can be read.
limits=0
for k in 1 2 3 4 5; do
    solve elapsed elapsed=0.1 >out 2>err
    rc=$?
    [ $rc -eq 0 ] && break
    limits=$((limits + 1))
    check "elapsed: ends with $rc, not 75" [ $rc -eq 75 ]
    check "what to do" grep -q "limit of elapsed at time .* goes on from it" err
    if [ -e elapsed/run/fields.partial.xdmf ]; then
        expect 0 "trajectory 0 ends after" "$leray" info elapsed/run/fields.partial.h5
        expect 0 "fields.png" "$leray" plot elapsed/run/fields.partial.h5 -o pictures
        check "no statistics.h5 of a run that stopped" [ -s elapsed/run/statistics.h5 ]
    fi
done
check "elapsed: never stopped" [ $limits -gt 0 ]
expect 0 "11 frames" solve elapsed
same_numbers elapsed whole

# ---- another deck in the folder ---------------------------------------------------------------
expect 2 "solver.nu: 0.001' there, 'solver.nu: 0.002' now" solve whole solver.nu=2e-3
expect 2 "ensemble.frames: 11" solve whole ensemble.frames=12
expect 0 "11 frames" solve again output.state.every=1 threads=2
expect 0 "12 frames" solve fresh ensemble.frames=12
expect 0 "11 frames" solve fresh --fresh
check "--fresh: other spectra" cmp -s fresh/run/spectra.csv whole/run/spectra.csv
check "--fresh: another state" [ "$(sums fresh/run/state.h5)" = "$(sums whole/run/state.h5)" ]

# ---- begun from another run's state -----------------------------------------------------------
state=$folder/finished.h5
expect 0 "begins from" "$leray" solve deck.yaml -o on restart.path="$state" ensemble.frames=16
check "times from the state on" [ "$(times on/statistics.csv)" = \
    "$(python3 -c 'print("".join("%.4g " % (0.15 * k) for k in range(28, 41)), end="")')" ]
expect 0 "6 frames, grid 64 x 64, time 4.1 .. 6.1" "$leray" info on/fields.h5
expect 0 "time 4.1 after" "$leray" solve deck.yaml -q -o zero restart.path="$state" restart.time=zero
check "the energy of the state" python3 - whole/run/statistics.h5 zero/statistics.csv whole/run/result.json <<'PY'
import csv, json, sys
begin = float(next(csv.DictReader(open(sys.argv[2])))["energy"])
end = json.load(open(sys.argv[3]))["statistics"]["energy"]
sys.exit(abs(begin - end) > 1e-14 * end)
PY
# energies OPTIONS: of the first row with other points.
expect 0 "time 6.1" "$leray" solve deck.yaml -q -o fine restart.path="$state" solver.n='[96,128]' \
    ensemble.frames=16 solver.nu=2e-3
expect 0 "time 6.1" "$leray" solve deck.yaml -q -o coarse restart.path="$state" solver.n=32 \
    ensemble.frames=16
check "more points: other energy; or fewer points do not lose some" python3 - <<'PY'
import csv, json, sys
def first(name):
    return float(next(csv.DictReader(open(name + "/statistics.csv")))["energy"])
same, fine, coarse = first("on"), first("fine"), first("coarse")
sys.exit(not (abs(fine - same) < 0.03 * same and coarse < 1.03 * same and fine != same))
PY
spectrum() { # of the state that a run begins with: restart.time=zero puts it into the first rows
    "$leray" solve deck.yaml -q -o "$1" restart.path="$state" restart.time=zero ensemble.frames=2 \
        ensemble.warmup=0 ensemble.interval=1e-3 "${@:2}" >/dev/null
    awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) c[$i] = i; next} $1 == 0 {printf "%.9e\n", $c["energy"]}' "$1/spectra.csv"
}
spectrum sp64 >sp64.txt
spectrum sp96 solver.n=96 >sp96.txt
spectrum sp32 solver.n=32 >sp32.txt
check "more points: another spectrum below the old top" cmp -s <(head -20 sp64.txt) <(head -20 sp96.txt)
check "fewer points: another spectrum below the new top" cmp -s <(head -10 sp64.txt) <(head -10 sp32.txt)
expect 2 "is at time 4.1, and the last frame of this deck at 4.1" "$leray" solve deck.yaml -o never restart.path="$state"
expect 3 "long, this deck's is 1 long" "$leray" solve deck.yaml -o never restart.path="$state" solver.length=1
expect 3 "no.h5" "$leray" solve deck.yaml -o never restart.path=no.h5
expect 3 "not HDF5" "$leray" solve deck.yaml -o never restart.path=deck.yaml
expect 3 "not a state" "$leray" solve deck.yaml -o never restart.path=whole/run/fields.h5
head -c 9000 "$state" >short.h5
expect 3 "short.h5" "$leray" solve deck.yaml -o never restart.path=short.h5
expect 3 "a state of the solver ns2d" "$leray" solve "$decks/burgers_tiny.yaml" -o never restart.path="$state"
expect 2 "did you mean" "$leray" solve deck.yaml -o never output.spectra.evry=1
expect 2 "did you mean" "$leray" solve deck.yaml -o never restart.pth=x
check "a refused restart left results" [ ! -e never/fields.h5 ]

# ---- a solver without coefficients ------------------------------------------------------------
burgers() { (mkdir -p "$1" && cd "$1" && exec "$leray" solve "$decks/burgers_tiny.yaml" -q -o run "${@:2}"); }
expect 0 "6 frames" burgers bytes
burgers bytes2 elapsed=1e-6 >/dev/null 2>&1
expect 0 "6 frames" burgers bytes2
check "bytes: another state" [ "$(sums bytes/run/state.h5)" = "$(sums bytes2/run/state.h5)" ]
check "bytes: other statistics" cmp -s bytes/run/statistics.csv bytes2/run/statistics.csv
expect 2 "no spectral coefficients" burgers never output.means.every=1
expect 2 "no spectral coefficients" burgers never output.means.every=1 --dry-run

# ---- damaged ----------------------------------------------------------------------------------
flip() { # flip FILE: one bit in the middle of the values
    local at=$(($(stat -c %s "$1") * 2 / 3)) byte
    byte=$(od -An -tu1 -j$at -N1 "$1")
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek=$at conv=notrunc status=none
}
half() { # a run that stopped behind its first step: two states
    expect 75 "limit of elapsed" solve "$1" elapsed=1e-6
}
half hurt
flip hurt/run/state.h5
expect 0 "damaged" solve hurt
same_numbers hurt whole
half both
flip both/run/state.h5 && flip both/run/state.previous.h5
expect 3 "start over with --fresh" solve both
expect 0 "11 frames" solve both --fresh
half gone
mv gone/run/state.h5 lost.h5 # between the two renames
expect 0 "11 frames" solve gone
same_numbers gone whole
half cut
rm cut/run/fields.partial.h5
expect 3 "fields.partial.h5 is missing" solve cut

# ---- numbers and disks ------------------------------------------------------------------------
expect 4 "take a smaller dt" "$leray" solve deck.yaml -q -o wild solver.cfl=0 solver.dt=0.05 \
    output.state.every=0.05
check "which state is good" grep -q "the last good state is wild/state.h5, at time" err
expect 0 "a state of solver ns2d" "$leray" info wild/state.h5
limited() { (ulimit -f "$1" && solve "${@:2}"); }
half full
expect 5 "is the disk full?" limited 60 full
expect 0 "a state of solver ns2d" "$leray" info full/run/state.h5
before=$(sums full/run/state.h5)
expect 5 "is the disk full?" limited 12 full
expect 5 "" limited 1 full
check "a full disk: no good state is left" [ "$before" = "$(sums full/run/state.h5)" ]
check "a full disk: part of a file is left" [ -z "$(ls full/run | grep tmp)" ]
expect 0 "11 frames" solve full
same_numbers full whole

# ---- three dimensions, pictures ---------------------------------------------------------------
png() { check "$1 is no picture" [ "$(head -c 8 "$1" | od -An -c | tr -d ' ')" = '211PNG\r\n032\n' ]; }
cat >three.yaml <<'YAML'
seed: 2
threads: 1
solver: {type: ns3d, n: [12, 16, 20], length: [4, 5, 6], nu: 0.01, dt: 0.02}
ensemble: {frames: 4, interval: 0.1}
output: {means: {every: 0.05}, spectra: {every: 0.15}}
YAML
expect 0 "4 frames" "$leray" solve three.yaml -q -o three
expect 0 "velocity" "$leray" info three/fields.h5
check "fields.xdmf has not the components of the velocity" \
    [ "$(grep -c 'Name="velocity_[xyz]"' three/fields.xdmf)" = 12 ]
for file in fields.h5 statistics.csv means.csv spectra.csv; do
    expect 0 "$(basename ${file%.*}).png" "$leray" plot three/$file -o pictures3
    png pictures3/$(basename ${file%.*}).png
    check "no script beside the picture" [ -s pictures3/$(basename ${file%.*}).gp ]
done
# 3 components, the magnitude of vorticity and Q, at three times, of 16 x 20 points.
check "other slices" [ "$(stat -c %s pictures3/fields.f32)" = $((5 * 3 * 16 * 20 * 4)) ]
for guide in 'k^(-5/3)' 'k^(-3)'; do
    check "no guide $guide" grep -qF "$guide" pictures3/spectra.gp
done
expect 0 "ffmpeg" "$leray" plot three/fields.h5 frames=all -o film
for k in 0 1 2 3; do png film/fields-000$k.png; done
expect 0 "fields-0002.png" "$leray" plot three/fields.h5 frames=2 -o film
expect 0 "{" "$leray" plot three/fields.h5 frames=all -o film --json
check "pictures as JSON" [ "$(value out 'len(d["pictures"])')" = 4 ]
expect 2 "0 to 3" "$leray" plot three/fields.h5 frames=4 -o film
expect 2 "did you mean 'frames'" "$leray" plot three/fields.h5 frame=4 -o film
expect 3 "is 6 long, this deck's is 7 long" "$leray" solve three.yaml -o never \
    restart.path=three/state.h5 solver.length='[4,5,7]' restart.time=zero
expect 0 "4 frames" "$leray" solve three.yaml -q -o three2 restart.path=three/state.h5 \
    solver.n='[16,12,24]' restart.time=zero

# ---- ranks ------------------------------------------------------------------------------------
with mpirun || finish
mpirun=$(command -v mpirun)
export OMP_NUM_THREADS=1 ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
ranks() { "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n "$@"; }
close() { # close A B TOLERANCE: all numbers of the final statistics
    python3 - "$@" <<'PY'
import json, sys
a, b = (json.load(open(p + "/result.json"))["statistics"] for p in sys.argv[1:3])
off = {k: abs(a[k] - b[k]) / max(abs(a[k]), abs(b[k]), 1e-3) for k in a if "residual" not in k}
worst = max(off, key=off.get)
sys.exit(0 if a.keys() == b.keys() and off[worst] <= float(sys.argv[3]) else "%s: off by %g" % (worst, off[worst]))
PY
}
fields() { # fields A B TOLERANCE: of the pictures of two runs
    local run
    for run in "$1" "$2"; do
        [ -e "$run.f/fields.f32" ] || "$leray" plot "$run/fields.h5" -o "$run.f" >/dev/null
    done
    python3 - "$@" <<'PY'
import array, sys
a, b = (array.array("f", open(p + ".f/fields.f32", "rb").read()) for p in sys.argv[1:3])
top, off = max(map(abs, a)), max(abs(x - y) for x, y in zip(a, b))
sys.exit(0 if len(a) == len(b) and off <= float(sys.argv[3]) * top else "off by %g" % (off / top))
PY
}
for n in 2 3; do # planes that ranks cannot share evenly
    expect 0 "4 frames" ranks $n "$leray" solve three.yaml -q -o three.ranks$n
    check "$n ranks in 3-D: another flow" close three three.ranks$n 1e-9
    check "$n ranks in 3-D: other fields" fields three three.ranks$n 1e-6
done
for n in 1 2 4; do
    expect 0 "11 frames" ranks $n "$leray" solve deck.yaml -q -o ranks$n
    check "$n ranks: one report" [ "$(grep -c '11 frames' out)" = 1 ]
    check "$n ranks: another flow" close whole/run ranks$n 1e-9
    check "$n ranks: other fields" fields whole/run ranks$n 1e-6
    expect 0 "11 frames, grid 64 x 64" "$leray" info ranks$n/fields.h5
    check "$n ranks: another number of rows" [ "$(wc -l <ranks$n/spectra.csv)" = "$(wc -l <whole/run/spectra.csv)" ]
done
expect 75 "limit of elapsed" ranks 2 "$leray" solve deck.yaml -q -o mixed elapsed=1e-6
expect 75 "limit of elapsed" ranks 4 "$leray" solve deck.yaml -q -o mixed elapsed=0.05
expect 75 "limit of elapsed" ranks 1 "$leray" solve deck.yaml -q -o mixed elapsed=0.05
expect 0 "11 frames" ranks 2 "$leray" solve deck.yaml -q -o mixed
check "2, 4, 1 and 2 ranks: another flow" close whole/run mixed 1e-9
expect 75 "limit of elapsed" ranks 2 "$leray" solve deck.yaml -q -o equal elapsed=0.05
expect 0 "11 frames" ranks 2 "$leray" solve deck.yaml -q -o equal
check "2 ranks, stopped and resumed: other bits" [ "$(sums ranks2/state.h5)" = "$(sums equal/state.h5)" ]
# A signal to the launcher, as a batch system sends it; Open MPI takes a second or more to hand it on.
"$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n 2 "$leray" solve deck.yaml -q -o told \
    ensemble.frames=2000 >/dev/null 2>told.err &
pid=$!
wait_for [ -s told/spectra.csv ]
kill -TERM $pid
wait $pid
check "2 ranks: not stopped by a signal" grep -q "stopped by a signal at time" told.err
expect 0 "a state of solver ns2d" "$leray" info told/state.h5
expect 2 "rank" ranks 4 "$leray" solve deck.yaml -q -o many solver.n=4
expect 2 "one rank" ranks 2 "$leray" solve "$decks/burgers_tiny.yaml" -q -o many
expect 2 "one rank" ranks 2 "$leray" plot ranks2/spectra.csv
expect 4 "the last good state is" ranks 2 "$leray" solve deck.yaml -q -o wild2 solver.cfl=0 \
    solver.dt=0.05 output.state.every=0.05
finish
