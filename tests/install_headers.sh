#!/bin/bash
# install_headers.sh SOURCE BUILD - every public header compiles alone, as C11 and as C++11, and
# includes nothing but public headers and the C library.
set -euo pipefail
source=$1 build=$2
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
warnings='-Wall -Wextra -Wpedantic -Werror'
n=0
places="-I$source/include -I$build/generated/public"
headers=$(cd "$source/include" && ls leray/*.h leray/impl/*.h)
for name in $headers leray/impl/contracts.h; do
    printf '#include <%s>\ntypedef int unit;\n' "$name" | $cc -std=c11 $warnings -Wstrict-prototypes $places -fsyntax-only -x c -
    n=$((n + 1))
    command -v g++ >/dev/null || continue
    echo "#include <$name>" | g++ -std=c++11 $warnings $places -fsyntax-only -x c++ -
done
if cd "$source/include" && grep -hE '^ *# *include' $headers |
    grep -vE '<(leray/(impl/)?[a-z]+\.h|signal\.h|stdbool\.h|stddef\.h|stdint\.h)>'; then
    echo "a public header includes something else"
    exit 1
fi
command -v g++ >/dev/null || { echo "C11: $n headers; g++ is missing: tools/deps.sh check"; exit 77; }
echo "$n headers, C11 and C++11"
