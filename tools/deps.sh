#!/bin/bash
# deps.sh [build] [check] [perf] [package] - finds, and where it may installs, the Debian 12 packages of a group.
#
#   build   what the library and the command are made of (the default)
#   check   build, and what `make check`, `make sanitize` and `make fuzz` use
#   perf    build, and the peers that `make perf` compares with: PyTorch and neuraloperator, which pip puts
#           into a virtual environment, $LERAY_PEERS (~/.cache/leray/peers); nothing else needs it
#   package build, and what makes a Debian package and a clean root to try it in
#
# One line per package: found or installed, and its version. Installing takes root or sudo without
# a password; else the line to type is printed and the exit status is 1. LERAY_DEPS=skip believes
# that all is there, for machines with another way of installing.
set -u
build='gcc libc6-dev cmake ninja-build pkg-config git libfftw3-dev libdnnl-dev
    libopenblas-openmp-dev libopenmpi-dev libhdf5-openmpi-dev libzmq3-dev libfyaml-dev
    libjansson-dev libpetsc-real-dev librandom123-dev libxxhash-dev libcmocka-dev gnuplot-nox'
check='locales g++ clang clang-format libomp-14-dev libclang-rt-14-dev python3 python3-numpy
    python3-h5py groff-base'
perf='python3 python3-venv'
peers='torch==2.15.0 neuraloperator==2.0.0'
packaging='dpkg-dev file mmdebstrap'

# The version of an installed package; fails if it is not installed.
version() {
    local line
    line=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null) || return 1
    [ "${line%% *}" = installed ] && echo "${line#* }"
}

# The same for a build tool that came to the machine another way.
program_version() {
    case $1 in
    gcc | cmake | git | pkg-config) command -v "$1" >/dev/null && "$1" --version | head -n 1 ;;
    ninja-build) command -v ninja >/dev/null && ninja --version ;;
    *) return 1 ;;
    esac
}

say() { printf '%-10s %-24s %s\n' "$1" "$2" "$3"; }

# Runs apt-get with the rights it needs.
apt() {
    local as=()
    [ "$(id -u)" -eq 0 ] || as=(sudo -n)
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@" </dev/null
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# The Python packages of the peers, in an environment of their own.
set_up_peers() {
    [ -n "$want_peers" ] || return 0
    local at=${LERAY_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/leray/peers} peer
    # Asked of the environment alone: pip does not look anything up where all is there.
    if ! "$at/bin/python" - $peers <<'PYTHON' 2>/dev/null; then
import sys
from importlib.metadata import version
sys.exit(any(version(n) != v for n, v in (p.split("==") for p in sys.argv[1:])))
PYTHON
        echo "installing into $at: $peers"
        python3 -m venv "$at" && "$at/bin/pip" install --quiet $peers || {
            echo "deps.sh: $peers cannot be installed into $at" >&2
            return 1
        }
    fi
    for peer in $peers; do say found "${peer%%==*}" "${peer##*==}"; done
}

packages=() want_peers=
[ $# -gt 0 ] || set -- build
for group; do
    case $group in
    build) packages+=($build) ;;
    check) packages+=($build $check) ;;
    perf) packages+=($build $perf) want_peers=1 ;;
    package) packages+=($build $packaging) ;;
    *) echo "deps.sh: no group '$group'; there are: build, check, perf, package" >&2; exit 2 ;;
    esac
done
[ "${LERAY_DEPS:-}" != skip ] || exit 0
packages=($(printf '%s\n' "${packages[@]}" | awk '!seen[$0]++'))

missing=()
for package in "${packages[@]}"; do
    if v=$(version "$package" || program_version "$package"); then say found "$package" "$v"
    else missing+=("$package"); fi
done
[ ${#missing[@]} -gt 0 ] || { set_up_peers; exit; }

if ! may_install; then
    echo "missing: ${missing[*]}" >&2
    echo "install them with:" >&2
    echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
apt update || echo "deps.sh: apt-get update failed; trying with the lists that are there" >&2
apt install -y --no-install-recommends "${missing[@]}" >/dev/null || exit 1
for package in "${missing[@]}"; do
    v=$(version "$package") || { echo "deps.sh: $package is still missing" >&2; exit 1; }
    say installed "$package" "$v"
done
set_up_peers
