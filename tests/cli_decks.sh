#!/bin/bash
# cli_decks.sh SOURCE BUILD - every deck below configs/ is valid, names in a comment the command that
# runs it, and that command passes its --dry-run. Where a deck learns from data that are not here,
# the dry run must say so (exit code 3) and nothing else.
set -u
source=$1 build=$2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$source" || exit 1
bad=0 n=0 ran=0 absent=0

complain() { echo "$*"; sed 's/^/    /' "$folder/err"; bad=$((bad + 1)); }

# One line "leray COMMAND ARGUMENT ..." from a comment.
dry_run() {
    local words rc
    read -r -a words <<<"$2"
    "$build/leray" "${words[@]:1}" --dry-run -q -o "$folder/out" >"$folder/out.txt" 2>"$folder/err"
    rc=$?
    if [ $rc -eq 0 ]; then ran=$((ran + 1))
    elif [ $rc -eq 3 ] && grep -q 'data\.' <<<"$2"; then absent=$((absent + 1))
    else complain "$1: '$2 --dry-run' ends with $rc"; fi
    [ ! -e "$folder/out" ] || { complain "$1: a dry run left files"; rm -rf "$folder/out"; }
}

while IFS= read -r deck; do
    n=$((n + 1))
    "$build/leray" config validate "$deck" >/dev/null 2>"$folder/err" || complain "$deck is not valid"
    line=$(grep -m 1 -E "^#  +leray [a-z]+ $deck( |$)" "$deck" | sed -E 's/^# +//')
    if [ -n "$line" ]; then dry_run "$deck" "$line"
    else : >"$folder/err"; complain "$deck: no line '#   leray COMMAND $deck' in it"; fi
done < <(find configs -name '*.yaml' | sort)
[ $n -gt 0 ] || { echo "no decks below configs/"; exit 1; }
echo "$n decks: $ran dry runs, $absent without their data, $bad bad"
[ $bad -eq 0 ]
