#!/bin/bash
# cli_pytorch.sh SOURCE BUILD - weights leave for PyTorch under their documented names and come
# back: both programs measure the same error of the same file, whoever trained it.
. "${1:?}/tests/cli_tools"
python=${LERAY_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/leray/peers}/bin/python
[ -x "$python" ] || python=/usr/bin/python3
"$python" -c 'import torch, numpy' 2>/dev/null || { echo "PyTorch is missing: tools/deps.sh perf"; exit 77; }
mkdir arrays
python3 "$source/tests/cli_arrays.py" arrays || exit 1
exchange() { "$python" "$source/tools/parity/exchange.py" "$@"; }
error_of() { "$leray" eval "$1" --data arrays data.inputs=a_C.npy data.outputs=u_C.npy --json |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["metrics"]["rel_l2"])'; }
near() { python3 -c 'import sys; a, b = map(float, sys.argv[1:]); sys.exit(not abs(a - b) <= 1e-5 * abs(a))' "$@"; }

expect 0 "trained in" "$leray" train "$decks/pairs_tiny.yaml" -o run
ours=$(error_of run/model.safetensors)
theirs=$(exchange evaluate run/model.safetensors arrays/a_C.npy arrays/u_C.npy)
check "a file of leray: $ours here, $theirs in PyTorch" near "$ours" "$theirs"
theirs=$(exchange train run/model.safetensors arrays/a_C.npy arrays/u_C.npy back.safetensors)
again=$(error_of back.safetensors)
check "a file of PyTorch: $again here, $theirs there" near "$again" "$theirs"
check "PyTorch has trained" python3 -c "import sys; sys.exit(not $again < 0.9 * $ours)"
finish
