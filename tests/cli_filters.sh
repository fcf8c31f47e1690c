#!/bin/bash
# cli_filters.sh SOURCE BUILD - of a file whose compression this HDF5 cannot undo the filter is named; scalars that are
# no numbers are passed over.
. "${1:?}/tests/cli_tools"
PYTHONPATH=$source/tests /usr/bin/python3 - <<'PY' || exit 1
import h5py
import numpy as np
import cli_well

x = np.arange(8) / 8
axes, times = {"y": x, "x": x}, [0, 1, 2]
cli_well.write("lzf.h5", {"a": cli_well.waves(8, 1)}, axes, times, compression="lzf")
cli_well.write("gzip.h5", {"a": cli_well.waves(8, 1)}, axes, times, compression="gzip", shuffle=True)
text = {"author": "some'one \N{GREEK SMALL LETTER OMEGA}", "nu": 1e-3, "bytes": np.bytes_("fixed"), "flag": np.bool_(True),
        "list": np.array([b"a", b"b"])}
cli_well.write("texts.h5", {"a": cli_well.waves(8, 1)}, axes, times, scalars=text)
cli_well.write("no_numbers.h5", {"a": cli_well.waves(8, 1)}, axes, times)
with h5py.File("no_numbers.h5", "r+") as f:
    attributes = dict(f["t0_fields/a"].attrs)
    del f["t0_fields/a"]
    f["t0_fields/a"] = np.full((2, 3, 8, 8), b"x")
    f["t0_fields/a"].attrs.update(attributes)
# A filter with a number that nobody has, as its creator stored it: its name is in the file.
cli_well.write("own.h5", {"a": cli_well.waves(8, 1)}, axes, times)
with h5py.File("own.h5", "r+") as f:
    attributes = dict(f["t0_fields/a"].attrs)
    del f["t0_fields/a"]
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_chunk((2, 3, 8, 8))
    p.set_filter(40000, h5py.h5z.FLAG_OPTIONAL)
    d = h5py.h5d.create(f["t0_fields"].id, b"a", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2, 3, 8, 8)), p)
    d.write_direct_chunk((0, 0, 0, 0), cli_well.waves(8, 1).astype("f4").tobytes(), 0)
    f["t0_fields/a"].attrs.update(attributes)
PY
train=("$leray" train "$decks/train_tiny.yaml" train.epochs=1 model.modes=2 -q -o m)
expect 0 "trained in" "${train[@]}" data.path=gzip.h5
for command in "eval m/model.safetensors --data" "plot"; do
    # shellcheck disable=SC2086
    expect 3 "lzf.h5: /t0_fields/a: is compressed by the filter 'lzf' (number 32000)" "$leray" $command lzf.h5
    # shellcheck disable=SC2086
    expect 3 "(number 40000)" "$leray" $command own.h5
done
expect 3 "the filter 'lzf'" "${train[@]}" data.path=lzf.h5 --fresh
expect 3 "/t0_fields/a: holds no numbers" "$leray" plot no_numbers.h5
expect 0 "parameter  nu [] = 0.001" "$leray" info texts.h5
check "a text is a parameter" [ "$(grep -c parameter out)" = 1 ]
expect 0 "relative H1" "$leray" eval m/model.safetensors --data texts.h5
expect 0 "trained in" "${train[@]}" data.path=texts.h5 --fresh
finish
