#!/bin/sh
# data_well_h5py.sh SOURCE BUILD - h5py reads our ensemble files and finds The Well's layout; the
# checker in turn notices when a part is taken away.
set -u
source=$1 build=$2
/usr/bin/python3 -c 'import h5py' 2>/dev/null || { echo "h5py is missing: tools/deps.sh check"; exit 77; }
[ -x "$build/test_data_well" ] || { echo "no $build/test_data_well"; exit 77; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
"$build/test_data_well" "$folder/a.h5" || { echo "cannot write"; exit 1; }
"$source/tools/check_well.py" "$folder/a.h5" || { echo "our file breaks the layout"; exit 1; }
/usr/bin/python3 - "$folder" "$source/tools/check_well.py" <<'PY' || exit 1
import shutil
import subprocess
import sys

import h5py
import numpy as np

folder, checker = sys.argv[1:]
with h5py.File(folder + "/a.h5", "r") as f:
    v = f["t1_fields/velocity"]
    i = np.arange(24).reshape(4, 6) / 32
    # value: 1000 trajectory + 100 step + 20 field + i/32; components in the order y, x
    assert np.array_equal(v[2, 4, :, :, 0], (2000 + 400 + 40 + i).astype("f4"))
    assert np.array_equal(v[2, 4, :, :, 1], (2000 + 400 + 20 + i).astype("f4"))
    assert np.array_equal(f["t0_fields/a"][1], (1000 + 60 + i).astype("f4"))
    assert list(f["valid_steps"]) == [5, 3, 5]
    assert np.all(np.isnan(f["t0_fields/vorticity"][1, 3:]))
    assert np.all(np.isfinite(f["t0_fields/vorticity"][1, :3]))
    assert v.attrs["units"] == "m/s" and f.attrs["provenance"] == '{"seed": 7}'
    assert v.chunks == (1, 1, 4, 6, 2)
    assert list(f["scalars/nu"]) == [0.125 / k for k in (1, 2, 3)]
    parts = [(".", a) for a in f.attrs]
    f.visititems(lambda name, at: parts.extend([(name, None)] + [(name, a) for a in at.attrs]))

# What the layout does not ask for; of the two boundaries of y either is enough, and times without
# @time_varying are times all the same.
ours = {("valid_steps", None), (".", "provenance"), ("dimensions/time", "time_varying"),
        ("boundary_conditions/y_WALL_first", None),
        ("boundary_conditions/y_OPEN_last", None)}
parts = [p for p in parts if p not in ours and p[1] not in ("units", "points", "start", "length")]
for name, attribute in parts:
    shutil.copy(folder + "/a.h5", folder + "/b.h5")
    with h5py.File(folder + "/b.h5", "r+") as f:
        if attribute:
            del f[name].attrs[attribute]
        else:
            del f[name]
    if subprocess.run([checker, folder + "/b.h5"], stdout=subprocess.DEVNULL).returncode != 1:
        sys.exit("the checker does not miss %s @%s" % (name, attribute))
print("layout complete; %d missing parts were each noticed" % len(parts))
PY
