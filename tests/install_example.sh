#!/bin/bash
# install_example.sh SOURCE BUILD - installs to a fresh prefix, moves it, and builds and runs a
# program against it three ways: CMake package, static component, pkg-config. Nothing installed
# may name the source or the build tree.
set -euo pipefail
source=$1 build=$2
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
[ "$(cached LERAY_SANITIZE)" != ON ] || { echo "a sanitized library wants a sanitized program"; exit 77; }
CC=$(cached CMAKE_C_COMPILER)
export CC
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "$*" >&2; exit 1; }

DESTDIR='' cmake --install "$build" --prefix "$folder/first" >/dev/null
prefix=$folder/moved
mv "$folder/first" "$prefix"
pc=$(find "$prefix" -name leray.pc)
libdir=$(dirname "$(dirname "$pc")")

for trace in "$(realpath "$source")/" "$(realpath "$build")"; do
    if grep -rlF "$trace" "$prefix"; then fail "an installed file names $trace"; fi
done
cmp "$source/configs/demo.yaml" "$prefix/share/leray/configs/demo.yaml"
for file in man/man1/leray.1 man/man1/leray-solve.1 man/man5/leray-decks.5 bash-completion/completions/leray; do
    [ -s "$prefix/share/$file" ] || fail "share/$file is not installed"
done
"$prefix/bin/leray" --version | grep -q '^leray [0-9]'
"$prefix/bin/leray" online --dry-run "$prefix/share/leray/configs/demo.yaml" >/dev/null

# The energies that the program prints stand beside the exact ones.
agrees() {
    "$1" >"$folder/out" || fail "$1 failed"
    awk '$1 == "t" { n++; if (($6 - $9) ^ 2 > 1e-20) bad = 1 } END { exit bad || n != 6 }' \
        "$folder/out" || { cat "$folder/out"; fail "$1: wrong energies"; }
}

mkdir "$folder/project"
cp "$source/examples/decay.c" "$folder/project/"
cat >"$folder/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.20)
project(user LANGUAGES C)
find_package(leray 0.1 REQUIRED COMPONENTS static)
add_executable(shared decay.c)
target_link_libraries(shared PRIVATE leray::leray m)
add_executable(static decay.c)
target_link_libraries(static PRIVATE leray::static m)
CMAKE
# The shared library alone needs no package of a dependency: pkg-config is out of reach.
mkdir "$folder/alone" "$folder/newer"
cp "$source/examples/decay.c" "$folder/alone/"
sed -e 's/ COMPONENTS static//' -e '/static/d' "$folder/project/CMakeLists.txt" \
    >"$folder/alone/CMakeLists.txt"
PKG_CONFIG=/bin/false cmake -S "$folder/alone" -B "$folder/alone/build" -Dleray_ROOT="$prefix" \
    >/dev/null
cmake --build "$folder/alone/build" >/dev/null
agrees "$folder/alone/build/shared"

cmake -S "$folder/project" -B "$folder/project/build" -Dleray_ROOT="$prefix" >/dev/null
cmake --build "$folder/project/build" >/dev/null
agrees "$folder/project/build/static"
if ldd "$folder/project/build/static" | grep libleray; then fail "static: links libleray.so"; fi

sed 's/leray 0.1/leray 9.0/' "$folder/alone/CMakeLists.txt" >"$folder/newer/CMakeLists.txt"
if cmake -S "$folder/newer" -B "$folder/newer/build" -Dleray_ROOT="$prefix" >/dev/null 2>&1; then
    fail "find_package(leray 9.0) takes another version"
fi

# pkg-config: the shared library from a search path that holds leray.pc alone; then the static one.
pkgs=$libdir/pkgconfig
alone=$(PKG_CONFIG_LIBDIR=$pkgs pkg-config --cflags --libs leray)
$CC -std=c11 "$source/examples/decay.c" -o "$folder/by_pkg_config" $alone -lm
LD_LIBRARY_PATH=$libdir agrees "$folder/by_pkg_config"
$CC -std=c11 "$source/examples/surrogate.c" -o "$folder/surrogate" $alone -lm
LD_LIBRARY_PATH=$libdir "$folder/surrogate" "$source/tests/fixtures/models/online_fno.safetensors" >"$folder/out"
[ "$(grep -c 'model and drag: 0\.' "$folder/out")" = 8 ] || { cat "$folder/out"; fail "surrogate: no 8 steps"; }
export PKG_CONFIG_PATH=$pkgs
statically=$(pkg-config --static --cflags --libs leray | sed 's/-lleray/-l:libleray.a/')
$CC -std=c11 "$source/examples/decay.c" -o "$folder/statically" $statically
agrees "$folder/statically"
if ldd "$folder/statically" | grep libleray; then fail "pkg-config --static: links libleray.so"; fi
echo "built and run: cmake shared, cmake static, pkg-config shared, pkg-config static"
