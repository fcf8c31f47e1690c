#!/bin/bash
# docs_reference.sh SOURCE BUILD - docs/decks.md says what the code's own tables say.
set -u
source=$1 build=$2
[ -x /usr/bin/python3 ] || { echo "python3 is missing: tools/deps.sh check"; exit 77; }
"$source/tools/reference.py" "$build/leray" | diff "$source/docs/decks.md" - ||
    { echo "make it anew: tools/reference.py build/leray > docs/decks.md"; exit 1; }
