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
failed=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    "./$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -verbosity=0 \
        -print_final_stats=1 "corpus/$target" "$source/tests/fixtures/data" >"$target.log" 2>&1 ||
        { tail -n 40 "$target.log"; echo "$target: failed"; failed=$((failed + 1)); continue; }
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log") inputs in $seconds s"
done
[ $failed -eq 0 ]
