#!/bin/bash
# install_symbols.sh SOURCE BUILD - the shared library exports the functions and tables that the public
# headers mark LERAY_API: all of them, and nothing else.
set -euo pipefail
source=$1 build=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed -e ':join' -e '/\\$/{N;s/\\\n//;bjoin}' -e '/^#/d' "$source"/include/leray/*.h "$source"/include/leray/impl/*.h | tr '\n' ' ' |
    grep -oE 'LERAY_API [^;([]*[([;]' | sed -E 's/.*[ *]([A-Za-z0-9_]+)[([;]$/\1/' | sort >"$folder/declared"
nm -D --defined-only "$build/libleray.so" | awk '{print $3}' |
    { grep -vE '^__(asan|odr_asan|ubsan|sanitizer|sancov)' || true; } | sort >"$folder/exported"
[ "$(wc -l <"$folder/declared")" -gt 20 ] || { echo "the headers were not understood"; exit 1; }
diff "$folder/declared" "$folder/exported" || { echo "< declared, not exported; > exported, not declared"; exit 1; }
echo "$(wc -l <"$folder/exported") names declared and exported"
