#!/bin/bash
# cli_petsc.sh SOURCE BUILD - PETSc's option files and the options of its environment reach no solver of ours: the
# numbers are the same, nothing of PETSc is printed, and a file that it could not read stops nothing.
. "${1:?}/tests/cli_tools"
"$leray" gen "$decks/refine_data_tiny.yaml" ensemble.simulations=2 -q -o d >/dev/null || exit 1
cat >lbfgs.yaml <<'Y'
threads: 1
data: {type: well, path: ../d/ensemble.h5}
model: {type: fno, width: 4, modes: 3, layers: 1, projection: 4}
optimizer: {type: lbfgs}
train: {batch: 4, epochs: 1}
Y
"$leray" train "$decks/refine_tiny.yaml" -q data.path=d/ensemble.h5 train.epochs=1 threads=1 -o m >/dev/null || exit 1
# both FOLDER ENVIRONMENT..: training by TAO and refining by KSP, from a folder and with an environment of its own.
both() {
    cd "$folder/$1" || exit 1
    expect 0 "trained in" env "${@:2}" "$leray" train ../lbfgs.yaml -q -o lbfgs
    cp "$folder/err" train.err && grep -v 'trained in' "$folder/out" >train.out
    expect 0 "relative L2" env "${@:2}" "$leray" refine ../m/model.safetensors --data ../d/ensemble.h5 data.count=1 -q \
        threads=1 -o refine
    cp "$folder/err" refine.err && grep -v 'seconds' "$folder/out" >refine.out
    cd "$folder" || exit 1
}
same() {
    check "$1: other weights" same_weights plain/lbfgs "$1"/lbfgs
    for file in train.out refine.out train.err refine.err; do
        check "$1: $file is another: $(diff plain/$file "$1"/$file | head -3)" cmp -s plain/$file "$1"/$file
    done
}
options="-ksp_max_it 1 -tao_max_it 1 -ksp_view -tao_view -options_left -log_view -tao_ls_type unit -ksp_rtol 0.9"
mkdir plain file home malformed environment yaml
both plain A=b
echo "$options" | sed 's/ -/\n-/g' | tee file/.petscrc >file/petscrc
both file A=b
same file
cp file/.petscrc home/.petscrc
both home HOME="$folder/home"
same home
echo 'this is no option' >malformed/.petscrc
both malformed A=b
same malformed
both environment PETSC_OPTIONS="$options"
same environment
both yaml PETSC_OPTIONS='malformed "' PETSC_OPTIONS_YAML='{ksp_max_it: 1'
same yaml
finish
