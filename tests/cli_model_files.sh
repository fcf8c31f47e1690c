#!/bin/bash
# cli_model_files.sh SOURCE BUILD - model files of earlier versions predict what they did, and no file depends on
# the keys of what only its training needed.
. "${1:?}/tests/cli_tools"
fixtures=$source/tests/fixtures/models

# edit IN OUT KEY EXPRESSION: the metadata KEY of a model file, as a Python expression of its text t (None: gone).
cat >edit.py <<'PY'
import json, struct, sys
data = open(sys.argv[1], "rb").read()
n = struct.unpack("<Q", data[:8])[0]
head = json.loads(data[8 : 8 + n])
meta = head["__metadata__"]
t = meta.get(sys.argv[3])
new = eval(sys.argv[4])
assert new != t, "the edit changes nothing"
if new is None:
    del meta[sys.argv[3]]
else:
    meta[sys.argv[3]] = new
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + data[8 + n :])
PY
edit() { check "cannot edit $1" python3 edit.py "$@"; }
metrics() { # metrics MODEL DATA: in out, as JSON
    expect 0 '"metrics"' "$leray" eval "$1" --data "$2" --json
}
same_metrics() { # same_metrics MODEL: out holds what expected.json says of it
    check "$1 predicts something else" python3 - "$folder/out" "$fixtures/expected.json" "$1" <<'PY'
import json, sys
got, want = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))[sys.argv[3]]
assert got["samples"] == want.pop("samples")
for key, value in want.items():
    assert abs(got["metrics"][key] - value) <= 1e-5 * abs(value), (key, got["metrics"][key], value)
PY
}

for data in flow_data burgers_data; do
    expect 0 "simulations" "$leray" gen "$fixtures/$data.yaml" -o $data
done
for model in online_fno stfno burgers_fno; do
    file=$fixtures/$model.safetensors data=flow_data/ensemble.h5
    [ $model != burgers_fno ] || data=burgers_data/ensemble.h5
    metrics "$file" $data
    same_metrics $model
    # The training's own keys have other names by now, and there is a section that nobody knows.
    edit "$file" old.st deck 't.replace("lr:", "rate:").replace("batch:", "size:") + "weather:\n  wind: 3\n"'
    metrics old.st $data
    same_metrics $model
    edit "$file" old.st deck 't.replace("optimizer:\n  type: ", "optimizer:\n  type: no")'
    metrics old.st $data
    same_metrics $model
    # What makes the model is looked at.
    edit "$file" old.st deck 't.replace("  width:", "  breadth:")'
    expect 2 "unknown key 'model.breadth'" "$leray" eval old.st --data $data
    edit "$file" old.st format '"3"'
    expect 3 "model format 3; this version reads 1 and 2" "$leray" eval old.st --data $data
    edit "$file" old.st deck None
    expect 3 "no 'deck' in its metadata" "$leray" eval old.st --data $data
done

# A file of this version: only what makes the model and its inputs, and the whole deck for people.
expect 0 "trained" "$leray" train "$fixtures/burgers_fno.yaml" -o made -q
metrics made/model.safetensors burgers_data/ensemble.h5
same_metrics burgers_fno
expect 0 '"deck"' "$leray" info made/model.safetensors --json
check "the deck of a model file holds more, or less, than makes the model" python3 - "$folder/out" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["format"] == "2", d["format"]
top = [line for line in d["deck"].split("\n") if line and line[0] != " "]
assert top == ["name: burgers_fno", "model:", "task:"], top
assert "loss_space" not in d["deck"] and "  width: 3\n" in d["deck"]
whole = json.loads(d["provenance"])["config"]
assert "optimizer:\n  type: sgd" in whole and "tests:\n  last:" in whole, whole
PY
# Parameters have the units of the solver, also where samples come from its file.
expect 0 "trained" "$leray" online "$decks/online_tiny.yaml" -o streamed -q
expect 0 "trained" "$leray" train "$decks/train_tiny.yaml" data.path=flow_data/ensemble.h5 train.epochs=1 -o read -q
for model in streamed read; do
    expect 0 '"task"' "$leray" info $model/model.safetensors --json
    check "units of parameters: $model" [ "$(value out 'json.loads(d["task"])["samples"]["parameter_units"]')" = \
        "['length^2/time']" ]
done
for key in provenance parameters; do
    edit made/model.safetensors new.st $key None
    metrics new.st burgers_data/ensemble.h5
    same_metrics burgers_fno
done
finish
