#!/bin/bash
# docs_links.sh SOURCE BUILD - what the pages point to is there: files of this source, and the tests
# that README names beside each thing it promises.
set -u
cd "$1" || exit 1
bad=0 n=0
complain() { echo "$*"; bad=$((bad + 1)); }
for page in *.md docs/*.md; do
    while read -r target; do
        n=$((n + 1))
        [ -e "$(dirname "$page")/$target" ] || complain "$page: no file $target"
    done < <(grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^\]\(//; s/[)#].*//' | grep -vE '^(https?:|$)')
    while read -r file; do
        n=$((n + 1))
        [ -e "$file" ] || complain "$page: no file $file"
    done < <(grep -oE '`(core|tensor|data|solvers|operators|online|refine|api|cli|tests|tools|include|configs)/[a-z0-9_/.-]+`' \
        "$page" | tr -d '`')
done
while read -r name; do
    n=$((n + 1))
    [ -e "tests/$name.c" ] || [ -e "tests/$name.sh" ] || complain "README.md: no test $name"
done < <(sed -n '/^| | tested by |/,/^$/p' README.md | awk -F'|' '{print $3}' | grep -oE '`[a-z0-9_]+`' | tr -d '`')
[ $n -gt 40 ] || complain "only $n names were found"
echo "$n names, $bad of them lead nowhere"
[ $bad -eq 0 ]
