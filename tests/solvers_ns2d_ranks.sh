#!/bin/bash
# solvers_ns2d_ranks.sh SOURCE BUILD - one simulation of ns2d divided among 2, 3 and 4 ranks is the one that
# a rank computes alone.
set -u
test=${2:?}/test_solvers_ns2d_shared
[ -x "$test" ] || { echo "no $test"; exit 77; }
# Open MPI leaves memory behind when it ends; that is no leak of leray's.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" OMP_WAIT_POLICY=passive OMP_NUM_THREADS=1
mpirun=$(command -v mpirun) || { echo "mpirun is missing: tools/deps.sh build"; exit 77; }
bad=0
for n in 2 3 4; do
    "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n $n "$test" || bad=1
done
exit $bad
