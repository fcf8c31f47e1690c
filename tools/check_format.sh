#!/bin/sh
# check_format.sh - every source file is as clang-format 14 would leave it.
cd "$(dirname "$0")/.." || exit 2
command -v clang-format >/dev/null || { echo "clang-format is missing: tools/deps.sh"; exit 77; }
find include core tensor data solvers operators training online refine weather bench api commands cli tests perf examples \
    \( -name '*.c' -o -name '*.h' \) 2>/dev/null | xargs clang-format --dry-run --Werror
