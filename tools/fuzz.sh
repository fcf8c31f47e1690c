#!/bin/bash
# fuzz.sh BUILD SECONDS - builds and runs every target of tests/fuzz in the configured folder BUILD.
# Inputs that reach new code are kept in BUILD/corpus; one that breaks a target is left in BUILD.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
build=$1 seconds=$2
targets=()
for program in "$source"/tests/fuzz/*.c; do targets+=("fuzz_$(basename "$program" .c)"); done
cmake --build "$build" -j "$(nproc)" --target "${targets[@]}"
cd "$build"
export LSAN_OPTIONS=suppressions=$source/tools/leaks.supp:print_suppressions=0
export source seconds
run() {
    mkdir -p "corpus/$1"
    "./$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -verbosity=0 \
        -print_final_stats=1 "corpus/$1" "$source/tests/fixtures/data" >"$1.log" 2>&1 ||
        { tail -n 40 "$1.log"; echo "$1: failed"; return 1; }
    echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$1.log") inputs in $seconds s"
}
export -f run
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I {} bash -c 'run {}' # fails if one does
