#!/bin/bash
# docs_manual.sh SOURCE BUILD - a man page for the command, for every subcommand and for decks, which groff
# sets without a warning and in which no key is missing; and what the bash completion offers.
set -u
source=$1 build=$2 manual=$2/manual bad=0 checks=0
[ "$(sed -n 's/^LERAY_SANITIZE:[A-Z]*=//p' "$build/CMakeCache.txt")" != ON ] ||
    { echo "a build with sanitizers has no manual"; exit 77; }
command -v groff >/dev/null || { echo "groff is missing: tools/deps.sh check"; exit 77; }
complain() { echo "$*"; bad=$((bad + 1)); }

# ---- pages ------------------------------------------------------------------------------------
commands=$("$build/leray" --help | awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
[ "$(wc -w <<<"$commands")" -ge 11 ] || complain "leray --help was not understood"
for page in leray.1 $(sed 's/.*/leray-&.1/' <<<"$commands") leray-decks.5; do
    checks=$((checks + 1))
    file=$manual/man${page##*.}/$page
    [ -s "$file" ] || { complain "no page $page"; continue; }
    warnings=$(groff -man -Tutf8 -ww -z "$file" 2>&1)
    [ -z "$warnings" ] || complain "$page: $warnings"
    groff -man -Tutf8 -P-cbou "$file" | sed 's/ \+/ /g' >"${TMPDIR:-/tmp}/leray-page-$$"
    for heading in NAME SYNOPSIS DESCRIPTION OPTIONS 'SEE ALSO'; do
        [ "$page" = leray-decks.5 ] && [[ $heading =~ ^(SYNOPSIS|OPTIONS)$ ]] && continue
        [ "$heading" = DESCRIPTION ] && [[ $page =~ -(info|list|config)\.1$ ]] && continue
        grep -q "^$heading" "${TMPDIR:-/tmp}/leray-page-$$" || complain "$page: no $heading"
    done
done
decks=$(groff -man -Tutf8 -P-cbou "$manual/man5/leray-decks.5" | sed 's/^ *//')
while read -r key; do
    checks=$((checks + 1))
    grep -qE "^$key( |$)" <<<"$decks" || complain "leray-decks(5) lacks the key $key"
done < <("$build/leray" list all --json | sed -n 's/^    "key": "\(.*\)",$/\1/p' | sort -u)
grep -q "kinematic viscosity" <<<"$decks" || complain "leray-decks(5) lacks meanings"
rm -f "${TMPDIR:-/tmp}/leray-page-$$"

# ---- completion -------------------------------------------------------------------------------
. "$manual/completion/leray" || complain "the completion is no bash"
# offers WORDS LINE...: completing the last word of the line offers all of WORDS; "!WORD": not that.
offers() {
    local want words=$1
    checks=$((checks + 1))
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _leray
    for want in $words; do
        if [[ $want == !* ]]; then
            [[ " ${COMPREPLY[*]} " != *" ${want#!} "* ]] || complain "'$*' offers ${want#!}"
        elif [[ " ${COMPREPLY[*]} " != *" $want "* ]]; then
            complain "'$*' does not offer '$want' but '${COMPREPLY[*]}'"
        fi
    done
}
cd "$source" || exit 1
offers "$commands --version" leray ''
offers 'solve !gen' leray so
offers '--fresh --dry-run --json' leray solve configs/demo.yaml --
offers '--data !--fresh' leray eval --
offers 'configs/demo.yaml' leray online configs/de
offers '!README.md' leray online REA
offers 'README.md' leray info REA
offers 'solver. !solver.n=' leray solve configs/demo.yaml solv
offers 'solver.type= solver.n= solver.forcing.' leray solve configs/demo.yaml solver.
offers 'model.width= !model.layers=' leray train d.yaml model.w
offers 'fno unet' leray train d.yaml model.type =
offers 'fno ffno !unet' leray train d.yaml model.type = f
offers 'model.type=ffno !model.type=unet' leray train d.yaml model.type=f
offers 'ns2d ns3d burgers' leray solve d.yaml solver.type = ''
offers 'rk4 rk3cn !etdrk4' leray solve d.yaml solver.scheme = rk
offers 'true false' leray solve d.yaml solver.scalar.on = ''
offers 'configs' leray train d.yaml data.path = conf
offers 'solvers models all' leray list ''
offers 'fno ffno !unet' leray list models f
offers 'show validate init' leray config ''
offers 'online train' leray config init ''
offers 'configs' leray solve d.yaml -o con
[ $bad -eq 0 ] || { echo "$bad complaints"; exit 1; }
echo "$checks checks"
