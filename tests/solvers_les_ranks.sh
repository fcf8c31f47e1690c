#!/bin/bash
# solvers_les_ranks.sh SOURCE BUILD - large-eddy simulations divided among 2, 4 and 7 ranks are those that a
# rank computes alone, with every sub-grid model.
set -u
test=${2:?}/test_solvers_les_shared
[ -x "$test" ] || { echo "no $test"; exit 77; }
# Open MPI leaves memory behind when it ends; that is no leak of leray's.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" OMP_WAIT_POLICY=passive OMP_NUM_THREADS=1
mpirun=$(command -v mpirun) || { echo "mpirun is missing: tools/deps.sh build"; exit 77; }
bad=0
for n in 2 4 7; do
    "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n $n "$test" || bad=1
done
exit $bad
