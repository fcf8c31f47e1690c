# completion.bash - bash completion of `leray`: subcommands, options, files, keys of decks and what they may
# be. tools/manual.sh puts this behind the words of this build: _leray_commands, _leray_takes_COMMAND,
# _leray_kinds, _leray_names, _leray_keys and _leray_values.

# Adds the words of $2 that begin with $1 to COMPREPLY.
_leray_add() { COMPREPLY+=($(compgen -W "$2" -- "$1")); }

# Adds the files whose name ends with one of $2 .., and folders; of all files with '*'.
_leray_files() {
    local name
    while IFS= read -r name; do COMPREPLY+=("$name"); done < <(
        if [ "${2:-}" = '*' ]; then compgen -f -- "$1"; else compgen -d -- "$1"; fi
        for end in "${@:2}"; do [ "$end" = '*' ] || compgen -f -X "!*$end" -- "$1"; done
    )
    compopt -o filenames 2>/dev/null
}

# key.path=value: whole keys once they are few, else the next step of the path. Bash breaks words at
# '=', so that after it only the value stands in the word.
_leray_key() {
    local at=$1 key step seen=' '
    for key in $_leray_keys; do
        [[ $key == "$at"* ]] || continue
        step=${key#"$at"}
        if [[ $step == *.* ]]; then step=$at${step%%.*}.; else step=$key=; fi
        [[ $seen == *" $step "* ]] || { seen+="$step "; COMPREPLY+=("$step"); }
    done
    compopt -o nospace 2>/dev/null
}

_leray() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]:-} takes value key
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _leray_add "$word" "$_leray_commands help --help --version"
        return
    fi
    takes=_leray_takes_$command takes=${!takes:-}
    # key=VALUE, as one word or broken at '='
    if [ "$word" = '=' ]; then key=$before value=
    elif [[ $word == *=* && $word != -* ]]; then key=${word%%=*} value=${word#*=}
    elif [ "$before" = '=' ]; then key=${COMP_WORDS[COMP_CWORD - 2]} value=$word
    else key=; fi
    if [ -n "$key" ]; then
        [[ $takes == *key.path=value* ]] || return
        if [ -n "${_leray_values[$key]:-}" ]; then _leray_add "$value" "${_leray_values[$key]}"
        else _leray_files "$value" '*'; fi
        [[ $word == *=* && $word != '=' ]] && COMPREPLY=("${COMPREPLY[@]/#/$key=}")
        return
    fi
    case $before in
    -o) _leray_files "$word"; return ;;
    --plugin) _leray_files "$word" .so; return ;;
    --data) _leray_files "$word" .h5 .hdf5; return ;;
    esac
    if [[ $word == -* ]]; then
        _leray_add "$word" "${takes//key.path=value/} --help"
        return
    fi
    case $command in
    solve | gen | train | online) _leray_files "$word" .yaml .yml ;;
    eval | refine | forecast) _leray_files "$word" .safetensors ;;
    plot) _leray_files "$word" .h5 .csv .jsonl ;;
    info) _leray_files "$word" '*' ;;
    list)
        if [ "$COMP_CWORD" -eq 2 ]; then _leray_add "$word" "$_leray_kinds all"
        elif [ "$COMP_CWORD" -eq 3 ]; then _leray_add "$word" "${_leray_names[$before]:-}"; fi ;;
    config)
        if [ "$COMP_CWORD" -eq 2 ]; then _leray_add "$word" 'show validate init'
        elif [ "$before" = init ]; then
            _leray_add "$word" 'online train'
            return
        else _leray_files "$word" .yaml .yml; fi ;;
    help) _leray_add "$word" "$_leray_commands" ;;
    esac
    if [[ $takes == *key.path=value* ]] && { [ -n "$word" ] || [ "$COMP_CWORD" -gt 2 ]; }; then _leray_key "$word"; fi
}
complete -F _leray leray
