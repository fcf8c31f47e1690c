#!/bin/bash
# cli_refine.sh SOURCE BUILD - leray refine and leray forecast on a tiny flow: refining takes the error
# away, the certificate hands back all windows or none as the tolerance says, outputs are complete or
# absent, and whatever does not fit is refused with the reason.
. "${1:?}/tests/cli_tools"
# run_json FOLDER COMMAND..: succeeds with -o FOLDER, prints the JSON that result.json holds.
run_json() {
    expect 0 "" "$leray" "${@:2}" -q -o "$1" --json
    check "'${*:2}': what is printed is not $1/result.json" cmp -s <(python3 -m json.tool out) \
        <(python3 -m json.tool "$1/result.json")
}
has() { # has EXPRESSION: true of the metrics in out, m, and of all of it, d
    check "not so: $1" [ "$(value out "[m := d['metrics'], $1][1]")" = True ]
}
metric() { value "$1/result.json" "d['metrics']['$2']"; }
lines() { wc -l <"$1"; }
nothing_in() { # no outputs, complete or begun
    check "$1 holds $(ls -A "$1" 2>/dev/null)" [ -z "$(ls -A "$1" 2>/dev/null | grep -v '^lock$')" ]
}
data=d/ensemble.h5 model=m/model.safetensors
"$leray" gen "$decks/refine_data_tiny.yaml" -q -o d >/dev/null || exit 1
"$leray" train "$decks/refine_tiny.yaml" -q data.path=$data -o m >/dev/null || exit 1
"$leray" train "$decks/train_tiny.yaml" -q data.path=$data train.epochs=2 -o step >/dev/null || exit 1

# ---- refine ---------------------------------------------------------------------------------
expect 0 "nothing was written" "$leray" refine $model --data $data --dry-run -o dry
check "a dry run leaves files" [ ! -e dry ]
run_json r refine $model --data $data data.count=3 refine.solver_grids='[8, 16, 24]'
for file in refined.h5 refine.csv result.json spectra.png certificate.png spectra.gp; do
    check "refine leaves no $file" [ -s r/$file ]
done
has 'm["trajectories"] == 3 and m["trajectories_failed"] == 0 and d["window"] == 8'
has 'm["after_rel_l2"] < 0.2 * m["before_rel_l2"] and m["before_rel_l2"] < 0.5'
has 'm["after_rel_h1"] < 0.02 * m["before_rel_h1"]'
has 'm["after_rel_residual"] < 1e-3 * m["before_rel_residual"]'
has 'm["after_estimate"] < 0.1 * m["before_estimate"]'
has '0.5 < m["before_estimate"] / m["before_rel_l2"] < 20'
has 'm["solver_rel_l2"] < 1e-5 and m["solver_seconds"] > 0 and m["refine_seconds"] > 0'
has 'm["coarse_n"] < 32 and m["coarse_rel_l2"] <= m["after_rel_l2"]'
has 'm["after_energy_1_4"] < 0.01 * m["before_energy_1_4"] and "after_energy_16_32" in m'
has '{k + s for k in ("before_rel_l2", "after_rel_h_minus_1", "model_seconds", "certify_seconds") for s in ("", "_median")} <= set(m)'
has '"refine_tiny" in d["provenance"]["inputs_xxh128"] or len(d["provenance"]["inputs_xxh128"]) == 1'
check "refine.csv: a line for each trajectory" [ "$(lines r/refine.csv)" = 4 ]
expect 0 "" "$leray" info r/refined.h5 --json
check "refined.h5" [ "$(value out '(d["trajectories"], d["frames"])')" = "(3, 8)" ]
expect 0 "relative H^-1" "$leray" refine $model --data $data data.first=4 data.count=1 data.start=5 -o r2
check "the trajectory's number" grep -q "^4," r2/refine.csv
# An FNO over the window's time ends in the same layer.
"$leray" train "$decks/refine_tiny.yaml" -q data.path=$data 'model={type: fno, time: true, width: 8,
    modes: [4, 6, 6], layers: 2}' -o fno >/dev/null || exit 1
run_json rfno refine fno/model.safetensors --data $data data.count=3
has 'm["after_rel_l2"] < 0.2 * m["before_rel_l2"] and m["before_rel_l2"] < 0.5'
run_json rfno2 refine fno/model.safetensors --data $data data.count=8 refine.share=true refine.steps=4
has 'm["after_rel_residual"] < 0.5 * m["before_rel_residual"]'
run_json ffno forecast fno/model.safetensors --data $data data.count=1 forecast.steps=11 certify=1e-12
has 'd["window"] == 8 and m["windows_handed_back_share"] == 1'
# One layer for all: the model that is written predicts what the table says of it.
run_json shared refine $model --data $data data.count=8 refine.share=true refine.steps=4
has 'm["after_rel_residual"] < 0.5 * m["before_rel_residual"] and m["after_rel_l2"] < m["before_rel_l2"]'
residual=$(metric shared after_rel_residual) error=$(metric shared after_rel_l2)
run_json shared2 refine shared/model.safetensors --data $data data.count=8 refine.steps=1
has "abs(m['before_rel_residual'] - $residual) < 0.05 * $residual"
has "abs(m['before_rel_l2'] - $error) < 0.05 * $error"
# The errors in the table are those of the files, by another program.
if with h5py; then
    check "errors of refined.h5 are not those of refine.csv" /usr/bin/python3 - <<'PY'
import csv
import h5py
import numpy as np
refined, truth = h5py.File("r/refined.h5"), h5py.File("d/ensemble.h5")
p, u = (f["t0_fields/vorticity"][:3].astype(float) for f in (refined, truth))
u = u[:, 2:10]
assert np.allclose(refined["dimensions/time"][:], truth["dimensions/time"][2:10])
assert np.allclose(refined["scalars/nu"][:3], truth["scalars/nu"][:3])
k = 2 * np.pi * np.fft.fftfreq(32, 1 / 32)
k2 = k[:, None] ** 2 + k[None, :] ** 2
hat = lambda f: np.fft.fft2(f) / 1024
for i, row in enumerate(csv.DictReader(open("r/refine.csv"))):
    for s, name in ((0, "l2"), (1, "h1"), (-1, "h_minus_1")):
        norm = lambda f: np.sum((1 + k2) ** s * abs(hat(f)) ** 2)
        error = np.sqrt(norm(p[i] - u[i]) / norm(u[i]))
        assert abs(error / float(row["after_rel_" + name]) - 1) < 1e-3, (name, error, row)
PY
fi
# Numbers do not depend on threads.
for threads in 1 2; do
    expect 0 "" "$leray" refine $model --data $data data.count=2 threads=$threads -q -o t$threads
done
errors() { cut -d, -f1-20 "$1"; }
check "refined with 1 and 2 threads: other numbers" cmp -s <(errors t1/refine.csv) <(errors t2/refine.csv)

# ---- forecast -------------------------------------------------------------------------------
run_json plain forecast $model --data $data data.count=3
has 'm["trajectories"] == 3 and m["windows"] == 9 and m["frames"] == 23'
has 'm["end_rel_l2"] < 0.6 and "handed_back_share" not in m'
check "windows.csv" [ "$(lines plain/windows.csv)" = 10 ]
check "a plain roll-out hands back" [ ! -e plain/handed_back.csv ]
expect 0 "" "$leray" info plain/forecast.h5 --json
check "forecast.h5" [ "$(value out '(d["trajectories"], d["frames"])')" = "(3, 23)" ]
# With a tolerance that nothing meets the solver computes everything.
run_json all forecast $model --data $data data.count=3 certify=1e-12
has 'm["windows_handed_back_share"] == 1 and m["handed_back_share"] == 1'
has 'm["end_rel_l2"] < 3 * m["solver_end_rel_l2"] < 1e-5'
has 'm["surrogate_end_rel_l2"] > 0.01 and m["surrogate_seconds"] > 0 and m["solver_seconds"] > 0'
has 'abs(m["surrogate_end_rel_l2"] / '$(metric plain end_rel_l2)' - 1) < 1e-9'
has '0.3 < m["effectivity_q05"] <= m["effectivity_q50"] <= m["effectivity_q95"] < 30'
check "handed_back.csv" [ "$(lines all/handed_back.csv)" = 10 ]
# With one that everything meets it is the surrogate.
run_json none forecast $model --data $data data.count=3 certify=1e3
has 'm["windows_handed_back_share"] == 0 and m["violations_of_tolerance"] == 0'
has 'm["end_rel_l2"] == m["surrogate_end_rel_l2"]'
has '-1 <= m["rank_correlation"] <= 1 and 0 <= m["violations_of_estimate"] <= 1'
check "handed_back.csv" [ "$(lines none/handed_back.csv)" = 1 ]
# In between, some; a window is handed back where its estimate is above its share of the tolerance.
tolerance=$(python3 -c "
import csv; e = sorted(float(r['estimate']) * 3 / (int(r['window']) + 1) for r in csv.DictReader(open('none/windows.csv')))
print(0.5 * (e[3] + e[4]))")
run_json some forecast $model --data $data data.count=3 certify=$tolerance forecast.steps=24 forecast.compare=false
has '0 < m["windows_handed_back_share"] < 1 and m["surrogate_rel_l2"] is None'
check "which windows are handed back" python3 - "$tolerance" <<'PY'
import csv, sys
rows = list(csv.DictReader(open("some/windows.csv")))
for r in rows:
    above = float(r["estimate"]) > float(sys.argv[1]) * (int(r["window"]) + 1) / 3
    assert above == (r["handed_back"] == "1"), r
assert len(list(csv.DictReader(open("some/handed_back.csv")))) == sum(r["handed_back"] == "1" for r in rows)
PY
# Frames that the file does not have are forecast too.
run_json long forecast $model --data $data data.count=1 forecast.steps=32
has 'm["frames"] == 32 and m["windows"] == 4 and m["end_rel_l2"] > 0'
# Every second frame of a file that has twice as many, with the same times.
"$leray" gen "$decks/refine_data_tiny.yaml" ensemble.frames=50 ensemble.interval=0.05 -q -o dense >/dev/null
run_json every forecast $model --data dense/ensemble.h5 data.count=2 data.every=2 certify=1e3
has 'm["frames"] == 23 and m["solver_rel_l2"] < 1e-5'
run_json shifted forecast $model --data dense/ensemble.h5 data.count=2 data.every=2 data.start=1
has 'm["frames"] == 23 and abs(m["end_rel_l2"] / '$(metric every end_rel_l2)' - 1) < 0.2'
# A model of single steps, in windows of our choice.
run_json single forecast step/model.safetensors --data $data data.count=2 forecast.window=12 certify=1e-12
has 'd["window"] == 12 and m["windows"] == 4 and m["handed_back_share"] == 1'
expect 2 "leave it at 1" "$leray" forecast $model --data $data data.lead=2 -o no
run_json single2 forecast step/model.safetensors --data $data data.count=2
has 'd["window"] == 10 and m["windows"] == 6'

# ---- windows handed back become simulations -----------------------------------------------------
expect 0 "" "$leray" gen "$decks/refine_data_tiny.yaml" parameters.sampler=certificate \
    parameters.path=all/handed_back.csv ensemble.frames=2 -q -o again
check "parameters of handed_back.csv" python3 - <<'PY'
import csv
want = [float(r["nu"]) for r in csv.DictReader(open("all/handed_back.csv"))]
have = {}
for r in csv.DictReader(open("again/statistics.csv")):
    have[int(next(iter(r.values())))] = float(r["nu"])
assert len(have) == 12 and all(abs(have[i] / want[i] - 1) < 1e-6 for i in range(9)), (want, have)
assert all(have[i] != want[i - 9] and 2e-3 <= have[i] <= 5e-3 for i in range(9, 12)), have
PY
expect 2 "parameters.nu" "$leray" gen "$decks/refine_data_tiny.yaml" parameters.sampler=certificate \
    parameters.path=all/handed_back.csv parameters.nu.max=3e-3 -o no
expect 2 "parameters.path" "$leray" gen "$decks/refine_data_tiny.yaml" parameters.sampler=certificate -o no

# ---- refusals -----------------------------------------------------------------------------------
expect 2 "does not end in a linear spectral layer over the window, which leray refine needs: train a stfno, or a fno with time: true" \
    "$leray" refine step/model.safetensors --data $data -o no
expect 2 "needs --data" "$leray" refine $model -o no
expect 2 "needs --data" "$leray" forecast $model -o no
expect 3 "nowhere.h5" "$leray" refine $model --data nowhere.h5 -o no
expect 3 "" "$leray" refine $data --data $data -o no
expect 3 "too few frames: 5 from data.start = 20 on" "$leray" refine $model --data $data data.start=20 -o no
expect 2 "refine.steps" "$leray" refine $model --data $data refine.steps=0 -o no
expect 2 "did you mean 'refine.levels'" "$leray" refine $model --data $data refine.level=2 -o no
expect 2 "refine.solver_grids: 32" "$leray" refine $model --data $data refine.solver_grids='[16, 32]' -o no
expect 2 "" "$leray" forecast $model --data $data forecast.window=12 -o no
expect 2 "certify.tolerance" "$leray" forecast $model --data $data certify=-1 -o no
expect 3 "the model was trained on" "$leray" forecast $model --data $data data.every=2 -o no
expect 2 "" "$leray" refine $model --data $data solver.nonsense=2 -o no
expect 2 "ring" "$leray" refine $model --data $data solver.forcing.type=ring solver.forcing.k_min=6 \
    solver.forcing.k_max=20 -o no
"$leray" gen "$decks/refine_data_tiny.yaml" solver.n=16 solver.type=ns2d ensemble.frames=4 -q -o short >/dev/null
expect 3 "too few frames: 4" "$leray" refine $model --data short/ensemble.h5 -o no
"$leray" gen "$decks/burgers_tiny.yaml" -q -o burgers >/dev/null
[ ! -s burgers/ensemble.h5 ] || expect 3 "" "$leray" forecast $model --data burgers/ensemble.h5 -o no
check "a refusal leaves a folder" [ ! -e no ]
if with h5py; then
    /usr/bin/python3 - <<'PY'
import shutil, h5py
for name in ("uneven", "foreign"):
    shutil.copy("d/ensemble.h5", name + ".h5")
with h5py.File("uneven.h5", "r+") as f:
    f["dimensions/time"][5] += 0.02
with h5py.File("foreign.h5", "r+") as f:
    del f.attrs["provenance"]
PY
    expect 3 "even spacing" "$leray" refine $model --data uneven.h5 -o no
    expect 3 "between frames 4 and 5" "$leray" forecast step/model.safetensors --data uneven.h5 -o no
    expect 3 "solver parameters missing" "$leray" refine $model --data foreign.h5 -o no
    expect 3 "give solver.type=ns2d solver.nu=" "$leray" forecast $model --data foreign.h5 certify=1 -o no
    expect 0 "surrogate" "$leray" forecast $model --data foreign.h5 -o foreign data.count=1
    # The deck as overrides is as good as the deck in the file; scalars give what varies.
    run_json given refine $model --data foreign.h5 data.count=3 solver.type=ns2d \
        solver.forcing.type=fno solver.dt=0.02 solver.cfl=1
    has 'abs(m["after_rel_h1"] / '$(metric r after_rel_h1)' - 1) < 0.01'
    # The wrong viscosity is another flow.
    run_json wrong refine $model --data $data data.count=3 solver.nu=1e-2
    has 'm["after_rel_l2"] > 0.01 and m["solver_rel_l2"] > 0.01'
fi

# ---- what is cut short leaves nothing ---------------------------------------------------------
limited() { (ulimit -f "$1" && exec "${@:2}"); }
expect 5 "" limited 8 "$leray" refine $model --data $data -q -o full
nothing_in full
expect 5 "" limited 8 "$leray" forecast $model --data $data -q -o full
nothing_in full
"$leray" forecast $model --data $data forecast.steps=1000000 data.count=1 -q -o killed >out 2>err &
pid=$!
for _ in $(seq 100); do [ -e killed/lock ] && break; sleep 0.1; done
sleep 0.5
kill -TERM $pid
wait $pid
check "a signal: exit code $?" [ $? -eq 75 ]
nothing_in killed
expect 0 "" "$leray" forecast $model --data $data data.count=1 -q -o killed
finish
