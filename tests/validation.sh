#!/bin/bash
# validation.sh SOURCE BUILD - the quick forms of `make validate`: published results on small grids.
set -u
source=$1 build=$2
python=/usr/bin/python3
"$python" -c 'import numpy, h5py' 2>/dev/null || { echo "numpy or h5py is missing: tools/deps.sh check"; exit 77; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
PYTHONDONTWRITEBYTECODE=1 "$python" "$source/validation/run.py" --quick "$build/leray" "$folder"
