#!/bin/sh
# try_readme.sh README COMPILER LIBRARY_DIR [FLAGS...]: the README's C program compiles against the library and finds a
# portfolio. Run from the folder where the README's reader stands.
set -eu
readme=$1 compiler=$2 library_dir=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck disable=SC2016 # the backticks are the README's
sed -n '/^```c$/,/^```$/p' "$readme" | sed '/^```/d' >"$folder/best.c"
"$compiler" -std=c17 -Wall -Wextra -Werror -Wno-misleading-indentation "$@" -Iinclude -o "$folder/best" "$folder/best.c" \
    -L"$library_dir" -lmaxsharpe -Wl,-rpath,"$library_dir"
"$folder/best" >"$folder/out"
cat "$folder/out"
test "$(wc -l <"$folder/out")" -eq 25
