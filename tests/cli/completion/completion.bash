# completion.bash SCRIPT: what the script completes; run by bash.
set -eu
# shellcheck source=/dev/null
source "$1"

# Only readline can be asked for files: a mark stands for what it is told.
compopt() {
    case $* in
    '-o default') COMPREPLY+=(FILES) ;;
    '-o dirnames') COMPREPLY+=(FOLDERS) ;;
    esac
}

# completes WORDS... = ANSWERS...: the last of the words is what is being typed.
completes() {
    COMP_WORDS=()
    while [[ $1 != = ]]; do
        COMP_WORDS+=("${1/EQUALS/=}")
        shift
    done
    shift
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _maxsharpe
    if [[ ${COMPREPLY[*]} != "$*" ]]; then
        echo "'${COMP_WORDS[*]}' becomes '${COMPREPLY[*]}' instead of '$*'" >&2
        exit 1
    fi
}

[[ $(complete -p maxsharpe) == 'complete -F _maxsharpe maxsharpe' ]]
completes maxsharpe se = search
completes maxsharpe '' = search bench devices completion --help --version
completes maxsharpe search --dr = --draws
completes maxsharpe search prices.csv -k 3 --dr = --draws
completes maxsharpe search --draws '' = fresh shared
completes maxsharpe search --draws s = shared
completes maxsharpe search --draws EQUALS = fresh shared
completes maxsharpe search --draws EQUALS f = fresh
completes maxsharpe search --evaluator '' = auto openblas fused staged
completes maxsharpe search -k '' =
completes maxsharpe search '' = FILES
completes maxsharpe search -o '' = FILES
completes maxsharpe search --output EQUALS re = FILES
completes maxsharpe search -- --dr = FILES
completes maxsharpe bench -o '' = FOLDERS
completes maxsharpe bench --format '' = text json
completes maxsharpe bench --part peaks,s = peaks,scaling peaks,sizes
completes maxsharpe devices '' = --format --help --version
completes maxsharpe completion '' = bash zsh fish
completes maxsharpe search.csv --dr =
