#!/bin/bash
# cli_paths.sh SOURCE BUILD - files and folders of any name: what YAML, the shell or the command line would take
# for something else is only a name.
. "${1:?}/tests/cli_tools"

cat >data.yaml <<'Y'
name: data
threads: 1
solver: {type: burgers, n: 16, dt: 1e-2}
ensemble: {simulations: 4, frames: 2, interval: 0.1}
Y
cat >train.yaml <<'Y'
name: train
threads: 1
data: {type: well, path: ""}
model: {type: fno, width: 2, modes: 2, layers: 1, projection: 2}
train: {batch: 2, epochs: 1}
Y
expect 0 "4 simulations" "$leray" gen data.yaml -o made
odd=("it's" 'a "quoted" name' 'nu=1e-3' 'a: b' 'a #b' '-x' ' lead' 'trail ' 'back\slash' 'colon:' '[x]' '[x' '{a}' '{a: 1}'
    'étude' '~' 'null' '? x' '*alias' "'quoted'" '%s %n' $'two\nlines')
for name in "${odd[@]}"; do
    mkdir "./$name" && cp made/ensemble.h5 "./$name/$name.h5"
    path="./$name/$name.h5"
    [ "$name" != "'quoted'" ] || path=$PWD/$path
    expect 0 "trained" "$leray" train train.yaml -o "./$name" --fresh data.path="$path" -q
    expect 0 "relative L2" "$leray" eval "./$name/model.safetensors" --data "$path"
    check "result.json of '$name' does not name its data" python3 - "./$name/result.json" "$path" <<'PY'
import json, sys
config = json.load(open(sys.argv[1]))["provenance"]["config"]
path = next(line.split(":", 1)[1].strip() for line in config.split("\n") if line.startswith("  path:"))
quoted = path.startswith('"')
got = json.loads(path.replace("\\x", "\\u00")) if quoted else path
assert got == sys.argv[2], (got, sys.argv[2])
PY
done
# A path that begins like an override, where a path is wanted and is there.
expect 0 "relative L2" "$leray" eval nu=1e-3/model.safetensors --data "nu=1e-3/nu=1e-3.h5"
expect 2 "an argument is missing" "$leray" eval nu=1e-4/model.safetensors --data made/ensemble.h5
# After the command's own words it is an override, whatever files there are.
mkdir name=x && touch name=x/file
expect 0 "name: x" "$leray" config show data.yaml name=x
finish
