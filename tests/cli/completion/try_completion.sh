#!/bin/sh
# try_completion.sh SHELL PROGRAM: the shell takes the program's script and completes with it. 77: there is no such shell.
set -eu
shell=$1 program=$2
command -v "$shell" >/dev/null || {
    echo "no $shell here: its completion was not tried"
    exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder/home" XDG_CONFIG_HOME="$folder/home" XDG_DATA_HOME="$folder/home" # the user's own settings stay out
mkdir "$folder/home" "$folder/work"
"$program" completion "$shell" >"$folder/work/script"
"$shell" -n "$folder/work/script" # it parses
"$shell" "$(dirname "$0")/completion.$shell" "$folder/work/script"
