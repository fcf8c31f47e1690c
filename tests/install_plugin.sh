#!/bin/bash
# install_plugin.sh SOURCE BUILD - components from outside: examples/plugin and tests/plugin, built against an
# installed tree alone, are listed, stream, resume after kills, are refused where they do not fit, and are loaded
# only where the user names them.
. "${1:?}/tests/cli_tools"
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
[ "$(cached LERAY_SANITIZE)" != ON ] || { echo "a sanitized library wants a sanitized plugin"; exit 77; }
CC=$(cached CMAKE_C_COMPILER)
export CC
prefix=$folder/prefix
DESTDIR='' cmake --install "$build" --prefix "$prefix" >/dev/null || complain "cannot be installed"
leray=$prefix/bin/leray
libdir=$(dirname "$(find "$prefix" -name 'libleray.so')")

# ---- built by CMake against the installed tree ---------------------------------------------------
cp -r "$source/examples/plugin" example
warnings='-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror'
cmake -S example -B example/build -Dleray_ROOT="$prefix" -DCMAKE_C_FLAGS="$warnings" >log 2>&1 &&
    cmake --build example/build >>log 2>&1 || { cat log; complain "examples/plugin does not build"; }
so=$folder/example/build/reaction.so
part() { # part NAME FLAGS...: NAME.so out of tests/plugin/parts.c
    $CC -std=c11 $warnings -shared -fPIC "${@:2}" -I"$prefix/include" "$source/tests/plugin/parts.c" \
        -o "$1.so" -L"$libdir" -lleray -lm || complain "$1.so does not build"
}
part parts

# ---- listed --------------------------------------------------------------------------------------
expect 0 "gray-scott" "$leray" list solvers --plugin "$so"
check "the list does not say where it is from" grep -qF "($so)" out
expect 0 "stepper" "$leray" list models --plugin "$so"
expect 0 "u that flows in" "$leray" list solvers gray-scott --plugin="$so"
expect 0 '"plugin": ' "$leray" list losses --json --plugin parts.so
expect 0 "middles" "$leray" list samplers --plugin "$so" --plugin parts.so
"$leray" list solvers >out
check "a plugin is there that nobody named" [ "$(grep -c gray-scott out)" = 0 ]
expect 2 "no solver named 'gray-scott'" "$leray" list solvers gray-scott
check "the error does not say what to do" grep -qF -- "--plugin FILE" err

# ---- streaming and resuming ----------------------------------------------------------------------
cd example
cat >deck.yaml <<'YAML'
name: small
plugins: [build/reaction.so]
solver: {type: gray-scott, n: 16, length: 0.3, spots: 3}
parameters:
  feed: {min: 0.03, max: 0.05}
ensemble: {simulations: 10, warmup: 20, frames: 8, interval: 10, clients: 2, delays: [0.02, 0.02]}
reservoir: {capacity: 40, threshold: 8}
model: {type: stepper, width: 4, steps: 2}
task: {target: increment}
train: {batch: 4, ratio: 3, checkpoint: 0.05}
validation: {simulations: 2, rollout: 5}
YAML
expect 0 "trained in" "$leray" online deck.yaml -o whole
checkpoint() { ls killed/checkpoints 2>/dev/null | grep -v '\.' | tail -1; }
for kill in 1 2 3; do # each time when another checkpoint is there
    before=$(checkpoint)
    "$leray" online deck.yaml -o killed >log 2>&1 &
    pid=$!
    while kill -0 $pid 2>/dev/null && [ "$(checkpoint)" = "$before" ]; do sleep 0.01; done
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "kill $kill came too late" [ $? -eq 137 ]
    echo "killed at ${before:-the beginning} to $(checkpoint)"
done
expect 0 "trained in" "$leray" online deck.yaml -o killed
check "a killed run ends with other weights" same_weights killed whole
check "a killed run ends with another model" same_tensors killed/model.safetensors whole/model.safetensors
# The plugin may lie elsewhere when a run goes on.
mkdir moved && cp build/reaction.so moved/
expect 0 "" "$leray" online deck.yaml plugins=moved/reaction.so -o whole
check "no checksum of the plugin" \
    [ "$(value whole/result.json '"reaction.so" in str(d["provenance"]["plugins_xxh128"])')" = True ]
expect 0 "" "$leray" gen deck.yaml ensemble.simulations=3 -o data
expect 0 "gray-scott" "$leray" info data/ensemble.h5

# ---- a model file wants its plugin, and does not name it -------------------------------------------
expect 2 "no model named 'stepper'" "$leray" eval whole/model.safetensors --data data/ensemble.h5
expect 0 "relative L2" "$leray" eval whole/model.safetensors --data data/ensemble.h5 --plugin build/reaction.so
check "the deck of the model file names a plugin" /usr/bin/python3 - <<'PY'
import json, struct
data = open("whole/model.safetensors", "rb").read()
head = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
assert "plugins" not in head["__metadata__"]["deck"]
PY
cd "$folder"

# ---- the other three kinds: learning from a data set and with a loss from outside -------------------
cat >parts.yaml <<'YAML'
name: parts
plugins: [parts.so]
data: {type: waves, n: 32, count: 12}
tests: {others: {count: 4}}
model: {type: fno, width: 4, modes: 4, layers: 1, projection: 8}
loss: {type: absolute}
train: {epochs: 2, batch: 4}
YAML
expect 0 "trained in" "$leray" train parts.yaml -o parts
expect 0 "relative L2" "$leray" eval parts/model.safetensors data.type=waves data.n=32 --plugin parts.so
expect 2 "--data" "$leray" eval parts/model.safetensors --plugin parts.so
expect 2 "data.path" "$leray" eval parts/model.safetensors --data FILE data.type=waves --plugin parts.so
cat >middles.yaml <<'YAML'
plugins: [parts.so]
solver: {type: burgers, n: 32}
parameters: {sampler: middles, nu: {min: 0.1, max: 0.2}}
ensemble: {simulations: 2, frames: 2, interval: 0.01}
YAML
expect 0 "" "$leray" gen middles.yaml -o middles
# nu of simulations 0 and 1: 0.1 + (0.5 / 2, 1.5 / 2) 0.1
if with h5py; then
    check "other parameters than the sampler's" /usr/bin/python3 - <<'PY'
import h5py
nu = h5py.File("middles/ensemble.h5")["scalars/nu"][:]
assert abs(nu - [0.125, 0.175]).max() < 1e-7, nu
PY
fi

# ---- refused -----------------------------------------------------------------------------------------
part newer -DOTHER_VERSION
expect 2 "was built for Leray 9.8.7, headers 0123456789ab; this is Leray 0.1" "$leray" list --plugin newer.so
check "the error does not say what to do" grep -qF "build it again" err
part taken '-DLOSS_NAME="mse"'
expect 2 "a loss named 'mse' is there already, built in" "$leray" list --plugin taken.so
expect 2 "a dataset named 'waves' is there already, from parts.so" "$leray" list --plugin parts.so --plugin taken.so
cp parts.so again.so
expect 2 "is there already, from parts.so" "$leray" list --plugin parts.so --plugin again.so
expect 0 "" "$leray" list --plugin parts.so --plugin ./parts.so
part badly '-DLOSS_NAME="My Loss"'
expect 2 "a component named 'My Loss'" "$leray" list --plugin badly.so
part empty -DNO_APPLY -Wno-unused-const-variable -Wno-unused-function
expect 2 "the type of loss 'absolute' must have apply" "$leray" list --plugin empty.so
part double -DTWO_TYPES
expect 2 "component 'absolute' has 2 types" "$leray" list --plugin double.so
part stranger -DNO_ENTRY
expect 2 "is no plugin of Leray" "$leray" list --plugin stranger.so
echo text >text.so
expect 2 "cannot be loaded" "$leray" list --plugin text.so
expect 5 "there is no plugin 'missing.so'" "$leray" list --plugin missing.so
expect 5 "there is no plugin 'missing.so'" "$leray" train parts.yaml plugins=[parts.so,missing.so] -o none
expect 2 "plugin" "$leray" train parts.yaml plugin=parts.so -o none
check "did you mean plugins" grep -qF "plugins" err
# A program with a library of its own.
cat >alone.c <<'C'
#include <leray/leray.h>
#include <stdio.h>
int main(void)
{
    leray_status status = leray_plugin_load("parts.so");

    puts(status ? leray_error_message() : "loaded");
    return leray_status_exit_code(status);
}
C
flags=$(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config --static --cflags --libs leray | sed 's/-lleray/-l:libleray.a/')
$CC -std=c11 alone.c -o alone $flags || complain "a program with libleray.a does not build"
expect 2 "linked with another copy of the library" env LD_LIBRARY_PATH="$libdir" ./alone
$CC -std=c11 alone.c -o together -I"$prefix/include" -L"$libdir" -lleray || complain "together does not build"
expect 0 "loaded" env LD_LIBRARY_PATH="$libdir" ./together
expect 2 "unknown option" "$leray" list --plugin

# ---- loaded only where the user names it ---------------------------------------------------------------
part marked "-DMARK=\"$folder/mark\""
expect 0 "" "$leray" list --plugin marked.so
check "a named plugin is not loaded" [ -e mark ]
rm -f mark
if with h5py; then
    expect 0 "" "$leray" gen "$decks/refine_data_tiny.yaml" -o plain
    expect 0 "" "$leray" train "$decks/refine_tiny.yaml" data.path=plain/ensemble.h5 -o model
    /usr/bin/python3 - <<'PY'
import json, struct, h5py
# A model file whose deck names a plugin, and a data set whose provenance does.
data = open("model/model.safetensors", "rb").read()
n = struct.unpack("<Q", data[:8])[0]
head = json.loads(data[8:8 + n])
head["__metadata__"]["deck"] = "plugins: [marked.so]\n" + head["__metadata__"]["deck"]
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
open("evil.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data[8 + n:])
with h5py.File("plain/ensemble.h5", "r+") as f:
    for name, value in f.attrs.items():
        text = value.decode() if isinstance(value, bytes) else value
        if isinstance(text, str) and text.startswith("{") and "config" in text:
            record = json.loads(text)
            record["config"] = record["config"].replace("plugins: []", "plugins: [marked.so]")
            assert "marked.so" in record["config"]
            f.attrs[name] = json.dumps(record)
            break
    else:
        raise SystemExit("no provenance in plain/ensemble.h5")
PY
    sed -i 's/^plugins: .*/plugins: [marked.so]/' model/config.yaml
    expect 0 "relative L2" "$leray" eval evil.safetensors --data plain/ensemble.h5
    expect 0 "" "$leray" forecast evil.safetensors --data plain/ensemble.h5 data.count=1 certify=0.5 -o forecast
    expect 0 "" "$leray" refine evil.safetensors --data plain/ensemble.h5 data.count=1 -o refined
    expect 0 "" "$leray" info evil.safetensors
    expect 0 "" "$leray" info plain/ensemble.h5
    expect 0 "" "$leray" plot model -o pictures
    check "a file of somebody else's has loaded a plugin" [ ! -e mark ]
fi
finish
