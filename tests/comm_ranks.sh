#!/bin/bash
# comm_ranks.sh SOURCE BUILD - the library in a program that has started MPI itself, on the communicators that it
# is given: half of 4 ranks do one thing and half another, with the results of 2 ranks alone.
. "${1:?}/tests/cli_tools"
host=$build/test_comm_host
[ -x "$host" ] || { echo "no $host"; exit 77; }
mpirun=$(command -v mpirun) || { echo "no mpirun"; exit 77; }
export SOURCE_DATE_EPOCH=0 OMP_NUM_THREADS=1 ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
ranks() { timeout 120 "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n "$@"; }
for n in 1 2 3 4 5; do check "groups of $n ranks" ranks $n "$host" units; done
mkdir a && cd a && mkdir x && check "2 ranks" ranks 2 "$host" all x >out 2>&1; cat out; cd ..
mkdir b && cd b && mkdir x && check "half of 4 ranks" ranks 4 "$host" split x >out 2>&1; cat out; cd ..
for file in planes.0 planes.1 made/ensemble.h5 made/statistics.csv trained/model.safetensors; do
    check "$file of half the ranks is not that of 2 ranks" cmp -s a/x/$file b/x/$file
done
check "planes.0 is empty" [ -s a/x/planes.0 ]
check "the other half has left no fields" [ -s b/x/b/fields.h5 ]
for rank in 0 2 3; do
    check "rank $rank alone has left another ensemble" [ -s b/x/alone.$rank/ensemble.h5 ]
    check "rank $rank alone has other statistics" \
        cmp -s a/x/made/statistics.csv b/x/alone.$rank/statistics.csv
done
finish
