#!/bin/sh
# data_safetensors_numpy.sh SOURCE BUILD - an independent reader finds in our safetensors file what
# tests/data_safetensors.c wrote, and refuses a damaged one.
set -u
source=$1 build=$2
/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo "numpy is missing: tools/deps.sh check"; exit 77; }
[ -x "$build/test_data_safetensors" ] || { echo "no $build/test_data_safetensors"; exit 77; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
"$build/test_data_safetensors" "$folder/a.safetensors" || { echo "cannot write"; exit 1; }
/usr/bin/python3 - "$folder" "$source/tools/check_safetensors.py" <<'PY' || exit 1
import subprocess
import sys

import numpy as np

folder, checker = sys.argv[1:]
run = lambda name: subprocess.run([checker, folder + name], capture_output=True, text=True)
a = np.array([1, -2.5, 1e-40, 3e38, 0, 0], "f4").astype("f8")
expected = [
    "tensor layer.weight F32 [2, 3] %.17g" % np.sum(a**2),
    "tensor empty F32 [0, 7] 0",
    'tensor scalar "quoted" F64 [] %.17g' % 0.1**2,
    "tensor b F64 [2] inf",
    'metadata format "leray 1"',
    'metadata Größe "{\\"n\\": 3,\\n\\"x\\": \\"\\\\\\\\\\"}"',
]
result = run("/a.safetensors")
lines = result.stdout.splitlines()
if result.returncode != 0 or sorted(lines) != sorted(expected):
    sys.exit("\n".join(["expected:"] + expected + ["found:"] + lines + [result.stderr]))
data = open(folder + "/a.safetensors", "rb").read()
for n in range(0, len(data), 7):
    open(folder + "/cut", "wb").write(data[:n])
    if run("/cut").returncode == 0:
        sys.exit("the checker accepts %d of %d bytes" % (n, len(data)))
print("%d lines as written, damaged files refused" % len(lines))
PY
