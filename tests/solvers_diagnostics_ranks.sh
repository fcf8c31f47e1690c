#!/bin/bash
# solvers_diagnostics_ranks.sh SOURCE BUILD - one flow divided among 1, 2 and 4 ranks: tables agree to
# rounding, and every rank has the same bits.
set -u
test=${2:?}/test_solvers_diagnostics_contract
[ -x "$test" ] || { echo "no $test"; exit 77; }
# Open MPI leaves memory behind when it ends; that is no leak of leray's.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" OMP_WAIT_POLICY=passive OMP_NUM_THREADS=1
mpirun=$(command -v mpirun) || { echo "mpirun is missing: tools/deps.sh build"; exit 77; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/leray-diagnostics-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
bad=0
for n in 1 2 4; do
    mkdir "$folder/$n"
    "$mpirun" --allow-run-as-root --oversubscribe --bind-to none -n $n "$test" tables "$folder/$n" || bad=1
done
python3 - "$folder" <<'EOF2' || bad=1
import os, sys
folder, bad, checks = sys.argv[1], 0, 0
def table(ranks, name, rank):
    with open("%s/%d/%s-%d" % (folder, ranks, name, rank)) as file:
        return [[float(x) for x in line.split()] for line in file]
names = sorted(f[:-2] for f in os.listdir(folder + "/1"))
for name in names:
    one = table(1, name, 0)
    scale = [max(abs(row[c]) for row in one) for c in range(len(one[0]))]
    for ranks in (2, 4):
        many = table(ranks, name, 0)
        for rank in range(1, ranks):
            bad += table(ranks, name, rank) != many
        off = max(abs(x - y) / s for p, q in zip(one, many) for x, y, s in zip(p, q, scale) if s > 0)
        if len(one) != len(many) or not off <= 1e-12:
            print("%s on %d ranks: off by %g" % (name, ranks, off))
            bad += 1
        checks += 1
print("%d tables" % checks)
sys.exit(1 if bad or checks < 40 else 0)
EOF2
exit $bad
