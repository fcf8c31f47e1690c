#!/bin/bash
# manual.sh LERAY VERSION DIR - man pages and the bash completion, from what the command says of itself:
# `leray --help`, `leray COMMAND --help` and `leray list all --json`. The build runs it; it needs no
# more than bash and awk.
#
#   DIR/man1/leray.1, DIR/man1/leray-COMMAND.1   the command and its subcommands
#   DIR/man5/leray-decks.5                       every section and key of a deck
#   DIR/completion/leray                         tools/completion.bash behind the words that it knows
set -eu
export LC_ALL=C OMP_WAIT_POLICY=passive
leray=$1 version=$2 out=$3 tools=$(dirname "$0")
mkdir -p "$out/man1" "$out/man5" "$out/completion"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$leray" --help >"$work/help"
"$leray" list all --json >"$work/all"
# The commands and their summaries, from the lines below "commands:".
awk '/^commands:/ { on = 1; next } /^$/ { on = 0 } on { print }' "$work/help" >"$work/commands"
commands=$(awk '{print $1}' "$work/commands")

# Text of roff functions for awk: escapes, and the head of a page.
cat >"$work/roff.awk" <<'AWK'
function roff(s) {
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    gsub(/\^/, "\\(ha", s)
    gsub(/~/, "\\(ti", s)
    gsub(/`/, "\\(ga", s)
    gsub(/'/, "\\(aq", s)
    return s ~ /^\./ ? "\\&" s : s
}
function page(name, section) {
    printf ".\\\" Made by tools/manual.sh from what the command says of itself.\n"
    printf ".TH %s %s \"\" \"Leray %s\" \"Leray manual\"\n.nh\n", roff(name), section, version
}
function as_it_is(s) { print ".nf\n" s ".fi" }
AWK
page() { awk -v version="$version" -f "$work/roff.awk" -f /dev/stdin "$@"; }

# ---- leray.1 ----------------------------------------------------------------------------------
page "$work/help" >"$out/man1/leray.1" <<'AWK'
NR == 1 {
    page("LERAY", 1)
    text = $0
    sub(/^leray - /, "", text)
    print ".SH NAME\nleray \\- " roff(text)
    print ".SH SYNOPSIS\n.B leray\n.I command\n.RI [ argument \" ...]\""
    print ".RI [ key.path \"=\" value \" ...] [\" option \" ...]\"\n.br\n.B leray \\-\\-help"
    print ".SH DESCRIPTION\nRuns ensembles of flow simulations and, at the same time, trains a neural operator on their\n" \
        "frames. Then measures its errors on simulations that it was not trained on. A YAML file, the deck,\n" \
        "describes the simulations, the model and the training; its keys are described in\n.BR leray\\-decks (5).\n" \
        "Any key can be set on the command line as\n.IR key.path = value .\n" \
        "Results go to standard output, messages to standard error."
    example = 1
    next
}
/^usage:/ { example = 0; if (examples) { hold = examples } next }
/^commands:/ { print ".SH COMMANDS"; part = "commands"; next }
/^options:/ { print ".SH OPTIONS"; part = "options"; next }
/^exit codes:/ { print ".SH EXIT STATUS"; part = "codes"; sub(/^exit codes: */, "") }
/^$/ { next }
example { examples = examples roff($0) "\n"; next }
part == "commands" {
    name = $1
    sub(/^ *[a-z]+ */, "")
    print ".TP\n.BR leray\\-" name " (1)\n" roff($0)
    see = see (see ? ",\n" : "") ".BR leray\\-" name " (1)"
}
part == "options" {
    option = text = $0
    sub(/^ */, "", option)
    sub(/   *.*/, "", option)
    sub(/^ *[^ ].*[^ ]   */, "", text)
    print ".TP\n.B " roff(option) "\n" roff(text)
}
part == "codes" { sub(/^ */, ""); print roff($0) }
END {
    print ".SH EXAMPLES"
    as_it_is(hold)
    print ".SH SEE ALSO"
    gsub(/,\n/, " ,\n", see)
    print see " ,\n.BR leray\\-decks (5)"
}
AWK

# ---- leray-COMMAND.1 --------------------------------------------------------------------------
# synopsis COMMAND: its arguments.
synopsis() {
    case $1 in
    solve | gen | train | online) echo DECK ;;
    eval | refine | forecast) echo MODEL ;;
    plot | info) echo FILE ;;
    list) echo '[KIND [NAME]]' ;;
    config) echo 'show|validate|init DECK' ;;
    esac
}
for command in $commands; do
    "$leray" "$command" --help >"$work/$command"
    awk '/^options:/ { on = 1; next } /^$/ { on = 0 } on { print }' "$work/help" >"$work/options"
    page -v command="$command" -v arguments="$(synopsis "$command")" -v options="$work/options" \
        "$work/$command" >"$out/man1/leray-$command.1" <<'AWK'
NR == 1 {
    page("LERAY-" toupper(command), 1)
    text = $0
    sub(/^leray [a-z]+ - /, "", text)
    print ".SH NAME\nleray\\-" command " \\- " roff(text)
    next
}
/^takes: / { takes = substr($0, 8); next }
/^options and exit codes/ { next }
/^  / && !described { examples = examples roff($0) "\n"; next }
/^$/ { if (table != "") flush_table(); if (body != "") body = body ".PP\n"; next }
/^  / { table = table roff($0) "\n"; next }
{ if (table != "") flush_table(); described = 1; body = body roff($0) "\n" }
function flush_table() { body = body ".nf\n" table ".fi\n"; table = "" }
END {
    if (table != "") flush_table()
    while (sub(/\.PP\n$/, "", body)) continue
    gsub(/\.PP\n\.PP\n/, ".PP\n", body)
    gsub(/\.PP\n\.nf/, ".PP\n.nf", body)
    n = split(takes, taken, /, /)
    printf ".SH SYNOPSIS\n.B leray %s\n%s", command, arguments == "" ? "" : roff(arguments) "\n"
    for (i = 1; i <= n; i++) print roff("[" taken[i] (taken[i] ~ /=/ ? " ..." : "") "]")
    if (body != "") printf ".SH DESCRIPTION\n%s", body
    print ".SH OPTIONS"
    for (i = 1; i <= n; i++) {
        if (taken[i] ~ /=/) print ".TP\n.B key.path=value\nA key of the deck, described in\n.BR leray\\-decks (5)."
        else if (taken[i] ~ /^--data/) print ".TP\n.B \\-\\-data DATA\nA file in The Well\\(aqs layout, or a folder of .npy files."
    }
    while ((getline line < options) > 0) {
        option = text = line
        sub(/^ */, "", option)
        sub(/   *.*/, "", option)
        sub(/^ *[^ ].*[^ ]   */, "", text)
        sub(/^\([a-z, ]*\) */, "", text)
        split(option, word, /[ ,]/)
        for (i = 1; i <= n; i++)
            if (taken[i] == word[1] || index(taken[i], word[1] " ") == 1) print ".TP\n.B " roff(option) "\n" roff(text)
    }
    if (examples != "") {
        print ".SH EXAMPLES"
        as_it_is(examples)
    }
    print ".SH SEE ALSO\n.BR leray (1),\n.BR leray\\-decks (5)"
}
AWK
done

# ---- leray-decks.5 ----------------------------------------------------------------------------
# One line per row of the list: kind, component, section, key, default, allowed, unit, parameter, help,
# summary; tabs between them.
awk '
function text(s) {
    sub(/^ *"[a-z]+": "?/, "", s)
    sub(/"?,?$/, "", s)
    gsub(/\\"/, "\"", s)
    gsub(/\\\\/, "\\", s)
    return s
}
/^  \{/ { split("", row); n = 0; has_default = 0 }
/^    "[a-z]+": / {
    name = $1
    gsub(/[":]/, "", name)
    row[name] = text($0)
    if (name == "default") has_default = 1
}
/^    "choices": \[/ { choosing = 1; row["allowed"] = ""; next }
choosing && /\]/ { choosing = 0 }
choosing { c = $0; gsub(/[ ",]/, "", c); row["allowed"] = row["allowed"] (row["allowed"] ? " | " : "") c }
/^  \}/ {
    if (row["type"] == "boolean") row["allowed"] = "true | false"
    if (row["min"] != "") row["allowed"] = sprintf("%.6g .. %.6g", row["min"], row["max"])
    if (row["key"] != "" && !has_default) row["default"] = "(required)"
    else if (row["key"] != "" && row["default"] == "") row["default"] = "\"\""
    if (row["unit"] == "1") row["unit"] = ""
    printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row["kind"], row["component"], row["section"], row["key"],
        row["default"], row["allowed"], row["unit"], row["parameter"], row["help"], row["summary"]
}' "$work/all" >"$work/rows"
page -F '\t' "$work/rows" >"$out/man5/leray-decks.5" <<'AWK'
BEGIN {
    page("LERAY-DECKS", 5)
    print ".SH NAME\nleray\\-decks \\- decks: experiments of leray, as YAML files"
    print ".SH DESCRIPTION\nA deck is a YAML file that describes an experiment in sections. The section of a component\n" \
        "names the component by the key\n.B type\n(in section\n.B parameters\nby\n.BR sampler )\n" \
        "and has the keys of that component. A dotted key is a nested mapping:\n" \
        ".B forcing.amplitude\nin section\n.B solver\nis\n.BR \"solver: {forcing: {amplitude: 0.1}}\" .\n" \
        "On the command line\n.B solver.forcing.amplitude=0.2\noverrides it.\n" \
        "A key that is not in these tables is an error, and so is a value outside its range.\n" \
        "Keys marked (p) are physical parameters, which an ensemble can vary. Its section\n" \
        ".BI parameters. key\nthen has the keys of\n.BR range ,\nbelow.\n.PP\n" \
        ".B leray config show\n.I DECK\nprints every key with its value and where it was set."
}
$4 == "" {
    if ($2 != "") print ".SS " roff($3 ": " $2)
    else print ".SH " toupper($1)
    print roff($10) (($2 == "" && $3 != "" && $3 != $1) ? roff(" (section " $3 ")") : "")
    next
}
{
    print ".TP\n.B " roff($4) ($8 == "true" ? " (p)" : "")
    print roff($9) "."
    print ".br\ndefault: " roff($5) ($6 != "" ? "; allowed: " roff($6) : "") ($7 != "" ? "; unit: " roff($7) : "")
}
END { print ".SH SEE ALSO\n.BR leray (1)" }
AWK

# ---- completion -------------------------------------------------------------------------------
{
    echo "# bash completion of leray $version, made by tools/manual.sh"
    echo "_leray_commands='"$commands"'"
    for command in $commands; do
        awk -v c="$command" '/^takes: / { sub(/^takes: /, ""); gsub(/ [A-Z]+/, ""); gsub(/,/, ""); print "_leray_takes_" c "=\047" $0 "\047" }' \
            "$work/$command"
    done
    awk -F '\t' '
    $4 == "" && $3 == "" { kinds = kinds $1 " " }
    $4 == "" && $2 == "" && $3 != "" { kinds = kinds $1 " " }
    $4 == "" && $2 != "" {
        names[$1] = names[$1] $2 " "
        if ($1 != "diagnostics") add($3 "." ($3 == "parameters" ? "sampler" : "type"), $2)
    }
    $4 != "" {
        n = split($6, allowed, " [|] ")
        for (i = 1; i <= n; i++) add($3 == "" ? $4 : $3 "." $4, n > 1 ? allowed[i] : "")
    }
    function add(path, value) { # each once
        if (path !~ /</ && !(path in values)) { keys = keys path " "; values[path] = "" }
        if (path !~ /</ && value != "" && index(" " values[path], " " value " ") == 0) values[path] = values[path] value " "
    }
    END {
        printf "_leray_kinds=\047%s\047\n_leray_keys=\047%s\047\ndeclare -gA _leray_names=(\n", kinds, keys
        for (k in names) printf "    [%s]=\047%s\047\n", k, names[k]
        print ")\ndeclare -gA _leray_values=("
        for (p in values) if (values[p] != "") printf "    [%s]=\047%s\047\n", p, values[p]
        print ")"
    }' "$work/rows"
    sed '1,/^$/d' "$tools/completion.bash"
} >"$out/completion/leray"
