#!/bin/sh
# check_layers.sh - every #include must point to the same layer or a lower one.
cd "$(dirname "$0")/.." || exit 2
bad=0
# Whose contract a header in include/leray/impl/ is.
owner() {
    case $1 in
    error | mem | config | comm | rng | grid) echo core ;;
    tensor | tape | ops) echo tensor ;;
    trajectories | dataset | sampler) echo data ;;
    solver) echo solvers ;;
    parameters | model | loss) echo operators ;;
    contracts | plugin) echo api ;;
    *) echo "no layer is named for leray/impl/$1.h: tools/check_layers.sh" >&2; echo nobody ;;
    esac
}
layers="core tensor data sphere solvers operators training online refine weather bench api commands cli"
check() { # check LAYER ALLOWED...: no file in LAYER includes a layer not in ALLOWED
    layer=$1; shift
    [ -d "$layer" ] || return 0
    for other in $layers; do
        case " $layer $* " in *" $other "*) continue ;; esac
        if grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+\"$other/" "$layer" --include='*.[ch]' --include='*.def'; then
            echo "  ^ $layer/ may not include $other/"; bad=1
        fi
    done
    for header in include/leray/impl/*.h; do
        name=$(basename "$header" .h)
        case " $layer $* " in *" $(owner "$name") "*) continue ;; esac
        if grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+<leray/impl/$name\.h>" "$layer" --include='*.[ch]' --include='*.def'; then
            echo "  ^ $layer/ may not include leray/impl/$name.h"; bad=1
        fi
    done
}
check core
check tensor    core
check data      core
check sphere    core
check solvers   core data sphere
check operators core tensor data sphere
check training  core tensor data sphere solvers operators
check online    core tensor data sphere solvers operators training
check refine    core tensor data sphere solvers operators training
check weather   core tensor data sphere solvers operators training
check bench     core tensor data sphere solvers operators training
check api       core tensor data sphere solvers operators training online refine weather bench
check commands  core tensor data sphere solvers operators training online refine weather bench api
# The command and the examples are users: public headers only (cli/ may see its own).
for layer in cli examples; do
    if grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"(core|tensor|data|sphere|solvers|operators|training|online|refine|weather|bench|api|commands)/' \
        "$layer" --include='*.[ch]'; then
        echo "  ^ programs use <leray/...> only"; bad=1
    fi
done
exit $bad
