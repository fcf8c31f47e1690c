#!/bin/bash
# install_headers.sh SOURCE BUILD - every public header compiles alone, as C11 and as C++11, and
# includes nothing but public headers and the C library.
set -euo pipefail
source=$1 build=$2
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
warnings='-Wall -Wextra -Wpedantic -Werror'
n=0
for header in "$source"/include/leray/*.h; do
    name=leray/$(basename "$header")
    echo "#include <$name>" | $cc -std=c11 $warnings -Wstrict-prototypes -I"$source/include" -fsyntax-only -x c -
    n=$((n + 1))
    command -v g++ >/dev/null || continue
    echo "#include <$name>" | g++ -std=c++11 $warnings -I"$source/include" -fsyntax-only -x c++ -
done
if grep -hE '^ *# *include' "$source"/include/leray/*.h |
    grep -vE '<(leray/[a-z]+\.h|signal\.h|stddef\.h|stdint\.h)>'; then
    echo "a public header includes something else"
    exit 1
fi
command -v g++ >/dev/null || { echo "C11: $n headers; g++ is missing: tools/deps.sh check"; exit 77; }
echo "$n headers, C11 and C++11"
