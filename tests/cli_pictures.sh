#!/bin/bash
# cli_pictures.sh SOURCE BUILD - pictures of grids of any shape are of bounded size, gnuplot is heard where it fails
# and only there, and results never wait for a picture.
. "${1:?}/tests/cli_tools"
size() { od -An -tu1 -j16 -N8 "$1" | { read -r a b c d e f g h; echo $(((a * 256 + b) * 65536 + c * 256 + d)) $(((e * 256 + f) * 65536 + g * 256 + h)); }; }
# bounded PICTURE: both sides are between 100 and 3600 pixels
bounded() {
    read -r wide high < <(size "$1")
    check "$1: $wide x $high pixels" [ $((wide >= 100 && wide <= 3600 && high >= 100 && high <= 3600)) = 1 ]
}

# ---- shapes -----------------------------------------------------------------------------------
PYTHONPATH=$source/tests /usr/bin/python3 - <<'PY' || exit 1
import numpy as np
import cli_well

def file(name, shape, lengths, value=None):
    axes = {"zyx"[3 - len(shape) + d]: np.arange(n) * lengths[d] / n for d, n in enumerate(shape)}
    a = np.broadcast_to(np.linspace(0, 1, shape[0]).reshape(-1, *[1] * (len(shape) - 1)), shape)
    a = a if value is None else np.full(shape, value)
    cli_well.write(name, {"a": np.array([[a, 2 * a, 3 * a]])}, axes, [0, 1, 2])

file("tall.h5", (400, 8), (1, 1))
file("tall_box.h5", (400, 8), (50, 1))
file("wide.h5", (8, 400), (1, 1))
file("wide_box.h5", (8, 400), (1, 50))
file("large.h5", (4096, 16), (256, 1))
file("thin.h5", (16, 4, 2), (1, 1, 1))
file("tiny.h5", (8, 8), (1e-6, 1e-6))
file("huge.h5", (8, 8), (1e12, 1e12))
file("two.h5", (6, 10), (3, 5))
file("line.h5", (64,), (6.28,))
x = np.arange(8) + 0.5
cli_well.write("cells.h5", {"a": np.array([[x, x]])}, {"x": 10 * x / 8}, [0, 1])
for what, value in (("zero", 0), ("one", 1), ("nan", np.nan), ("inf", np.inf), ("small", 1e-38), ("big", 3e37)):
    file(what + ".h5", (8, 8), (1, 1), value)
    file(what + "_line.h5", (8,), (1,), value)
PY
for file in *.h5; do
    expect 0 "p/${file%.h5}.png" "$leray" plot $file -o p -v
    check "$file: gnuplot says $(cat err)" [ ! -s err ]
    bounded p/${file%.h5}.png
done
# Axes are in lengths, and equal lengths are drawn alike.
check "the axes of two.h5" grep -q '^set xrange \[-0.25:4.75\]' p/two.gp
check "the axes of two.h5" grep -q '^set yrange \[-0.25:2.75\]' p/two.gp
check "the proportions of two.h5" grep -q '^set size ratio 0.6$' p/two.gp
check "the proportions of tall.h5" grep -q '^set size ratio 1$' p/tall.gp
check "the proportions of tall_box.h5" grep -q '^set size ratio 4$' p/tall_box.gp
check "the first point of cells.h5" grep -q '^0.625 0.5' p/cells.dat
for key in 'set key below' "set xlabel 'x' noenhanced"; do
    check "no '$key'" grep -q "^$key" p/line.gp
done

# ---- results come first -----------------------------------------------------------------------
mkdir bad loud
printf '#!/bin/sh\necho "it does not draw" >&2\nexit 1\n' >bad/gnuplot
printf '#!/bin/sh\necho "it warns" >&2\nexec %s "$@"\n' "$(command -v gnuplot)" >loud/gnuplot
chmod +x bad/gnuplot loud/gnuplot
"$leray" gen "$decks/refine_data_tiny.yaml" ensemble.simulations=4 -q -o d >/dev/null || exit 1
"$leray" train "$decks/refine_tiny.yaml" -q data.path=d/ensemble.h5 -o m >/dev/null || exit 1
commands=(
    "online $decks/online_tiny.yaml"
    "train $decks/train_tiny.yaml data.path=d/ensemble.h5 train.epochs=1"
    "refine m/model.safetensors --data d/ensemble.h5 data.count=1"
)
# all GNUPLOT OPTION: every command that draws succeeds with this gnuplot and leaves its result; err_<n> is what it says.
all() {
    local i
    for i in "${!commands[@]}"; do
        # shellcheck disable=SC2086
        expect 0 "" env PATH="$folder/$1:$PATH" "$leray" ${commands[i]} $2 -o "$1-$i"
        check "$1: '${commands[i]}' leaves no result" is_json "$1-$i/result.json"
        cp err "err_$i"
    done
}
all bad -q
check "a picture that fails is no warning" [ "$(cat err_* | grep -c 'warning: a picture is missing: gnuplot fails on .*: it does not draw')" -ge 4 ]
all loud -q
check "gnuplot is heard: $(cat err_*)" [ -z "$(cat err_*)" ]
check "no pictures: $(ls loud-*)" [ "$(find loud-* -name '*.png' | wc -l)" = 5 ]
expect 0 "loss.png" env PATH="$folder/loud:$PATH" "$leray" plot loud-0 -v
check "-v does not show what gnuplot says" grep -q "it warns" err
expect 1 "it does not draw" env PATH="$folder/bad:$PATH" "$leray" plot loud-0
mkdir empty
expect 0 "gnuplot is not installed" env PATH="$folder/empty" "$leray" plot loud-0
finish
