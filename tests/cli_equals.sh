#!/bin/bash
# cli_equals.sh SOURCE BUILD - a path with '=' in it is a path wherever a path may stand, and key.path=value a key.
. "${1:?}/tests/cli_tools"
online=$decks/online_tiny.yaml
"$leray" gen "$online" ensemble.simulations=4 -q -o d >/dev/null || exit 1
"$leray" train "$decks/train_tiny.yaml" data.path=d/ensemble.h5 train.epochs=1 -q -o nu=1e-3 >/dev/null || exit 1
cp d/ensemble.h5 n=1.h5
cp "$online" a=b.yaml
mkdir -p x.y=z && cp "$online" x.y=z/deck.yaml

expect 0 "relative H1" "$leray" eval nu=1e-3/model.safetensors --data n=1.h5
expect 0 "relative H1" "$leray" eval --data=n=1.h5 nu=1e-3/model.safetensors data.count=2
expect 0 "relative H1" "$leray" eval data.count=2 "$folder/nu=1e-3/model.safetensors" --data n=1.h5
expect 0 "relative H1" "$leray" eval ./nu=1e-3/model.safetensors --data ./n=1.h5
expect 0 "at the end" "$leray" forecast nu=1e-3/model.safetensors --data n=1.h5 data.count=1 -o f=1 -q
check "-o f=1" [ -s f=1/forecast.h5 ]
expect 0 "is valid" "$leray" config validate a=b.yaml seed=5
expect 0 "seed: 5" "$leray" config show x.y=z/deck.yaml seed=5
expect 0 "dry run" "$leray" online a=b.yaml seed=5 --dry-run
expect 0 "dry run" "$leray" online seed=5 ./a=b.yaml --dry-run
expect 0 "dry run" "$leray" train "$decks/train_tiny.yaml" data.path=n=1.h5 --dry-run
expect 0 "The Well" "$leray" info n=1.h5
expect 0 "a run" "$leray" info nu=1e-3
expect 0 "o=p/n=1-0000.png" "$leray" plot n=1.h5 -o o=p frames=0
# Where there is no such file it is a key, and the message says how it was taken.
expect 2 "there is no file 'nu=2/model.safetensors', so it is taken as key.path=value" "$leray" eval \
    nu=2/model.safetensors --data n=1.h5
expect 2 "command line: unknown key 'nu'" "$leray" config validate "$online" nu=1e-3
expect 2 "an argument is missing after 'online'" "$leray" online seed=5
expect 2 "unexpected argument '=3'" "$leray" config validate "$online" =3
expect 2 "unexpected argument 'a b=c'" "$leray" config validate "$online" "a b=c"
# A command that has all its files takes the rest as keys, whatever lies in the folder.
touch seed=5
expect 0 "seed: 5" "$leray" config show "$online" seed=5
finish
