#!/bin/bash
# cli_names.sh SOURCE BUILD - what data files, decks and paths are called is text and never code: fields and files
# with names that would be commands of gnuplot or of a shell are drawn, described and learned from.
. "${1:?}/tests/cli_tools"
PYTHONPATH=$source/tests /usr/bin/python3 - <<'PY' || exit 1
import shutil
import numpy as np
import cli_well

names = ["u'", "w\"; set print 'INJ'; print 1", "a,b", "a\nb", "%s%n", "back\\slash", "back\\", "{x}^2_3",
         "@macro", "`touch INJ`", "$(touch INJ)", "w'; set print 'INJ'; print 1; set title 'z",
         "a\n'; system('touch INJ'); '", "<&>\"", "x" * 300, "\N{GREEK SMALL LETTER OMEGA}"]
x = np.arange(12) / 12
for i in range(0, len(names), 4):
    fields = {name: cli_well.waves(12, k + 1) for k, name in enumerate(names[i:i + 4])}
    cli_well.write(f"fields{i}.h5", fields, {"y": x, "x": x}, [0, 1, 2])
cli_well.write("line.h5", {"u'; set print 'INJ'; print 1 #": np.zeros((1, 3, 12))}, {"x'\n": x}, [0, 1, 2])
files = ["it's", "<touch INJ; ", "|touch INJ; ", "-e system('touch INJ')", "$data", "~", "+", "*", "a`touch INJ`",
         "a$(touch INJ)", "a\"b", "a\nsystem('touch INJ')\n", "per%d%s", "back\\", "@macro", "a=b"]
for i, name in enumerate(files):
    shutil.copy("fields0.h5", name + ".h5")
    open(f"name{i}", "w").write(name + ".h5")
with open("odd.csv", "w") as f:
    f.write("time,\"a'; set print 'INJ'; print 1; '\",\"b\"\"; \n,c\"\n0,1,2\n1,2,3\n")
PY
safe() { # safe WORDS: nothing was run
    check "$1: a name was run" [ -z "$(find . -name 'INJ*')" ]
}
for file in fields*.h5 line.h5 odd.csv; do
    expect 0 "pictures/${file%.*}.png" "$leray" plot $file -o pictures
    check "$file: said on stderr" [ ! -s err ]
    safe $file
done
for file in name[0-9]*; do
    path=./$(cat $file; echo x) path=${path%x}
    expect 0 '"pictures":' "$leray" plot "$path" -o named --json
    check "$path: no JSON" is_json out
    check "$path: no picture" [ -s "$(value out 'd["pictures"][0]')" ]
    expect 0 "" "$leray" info "$path" --json
    check "$path: no JSON of info" is_json out
    safe "$path"
done
check "a picture for each file" [ "$(ls named/ | grep -c 'png$')" -ge 14 ]
# A macro of the user's does not reach into a title.
{ echo "macro = \"'; system('touch INJ'); '\""; echo "set macros"; cat pictures/fields8.gp; } >macro.gp
cp pictures/fields8.f32 .
check "a script with macros" gnuplot -d ./macro.gp
safe macros
# What is written for a shell to read: the film.
expect 0 "a film: " "$leray" plot './a$(touch INJ).h5' -o 'it'\''s `touch INJ`' frames=all
printf '#!/bin/sh\nfor a; do printf "%%s\\n" "$a"; done\n' >ffmpeg
chmod +x ffmpeg
sed -n 's/^a film: //p' out >film.sh
PATH=$folder:$PATH bash film.sh >words
check "the film's pictures" grep -qFx 'it'\''s `touch INJ`/a$(touch INJ)-%04d.png' words
safe film
# Learned from, measured, and in every text that comes of it.
cat >deck.yaml <<'Y'
name: "n'; $(touch INJ) \" %s"
threads: 1
data: {type: well, path: fields8.h5}
model: {type: fno, width: 4, modes: 3, layers: 1, projection: 4}
train: {batch: 4, epochs: 1}
tests: {"a'b; $(touch INJ)": {first: 1}}
Y
for i in 0 4 8 12; do
    expect 0 "trained in" "$leray" train deck.yaml data.path=fields$i.h5 -o run$i -q
    check "$i: result.json" is_json run$i/result.json
    expect 0 "" "$leray" eval run$i/model.safetensors --data fields$i.h5 --json
    check "$i: no JSON of eval" is_json out
    expect 0 "frames in" "$leray" forecast run$i/model.safetensors --data fields$i.h5 -o fc$i -q
    expect 0 "png" "$leray" plot fc$i/forecast.h5
    safe run$i
done
expect 0 "is valid" "$leray" config validate run0/config.yaml
finish
