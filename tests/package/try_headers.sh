#!/bin/sh
# try_headers.sh INCLUDE-DIR C-COMPILER: every public header compiles alone, as C11 and as C++17, and so do the structs of
# options that begin with their defaults. 77: no C++ compiler.
set -eu
include=$1
cc=$2
strict="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only"
defaults='#include "maxsharpe/maxsharpe.h"
const mxs_market_options market_options = MXS_MARKET_OPTIONS;
const mxs_problem_options problem_options = MXS_PROBLEM_OPTIONS;
const mxs_sampling_options sampling_options = MXS_SAMPLING_OPTIONS;
const mxs_run_options run_options = MXS_RUN_OPTIONS;'
# shellcheck disable=SC2086 # the flags are words
printf '%s\n' "$defaults" | "$cc" -std=c11 $strict -I "$include" -x c -
for header in "$include"/maxsharpe/*.h; do
    # shellcheck disable=SC2086
    "$cc" -std=c11 $strict -I "$include" -x c "$header"
done
cxx=$(command -v c++ || command -v g++ || command -v clang++) || {
    echo "no C++ compiler here: the headers were tried as C11 only"
    exit 77
}
# shellcheck disable=SC2086
printf '%s\n' "$defaults" | "$cxx" -std=c++17 $strict -I "$include" -x c++ -
for header in "$include"/maxsharpe/*.h; do
    # shellcheck disable=SC2086
    "$cxx" -std=c++17 $strict -I "$include" -x c++ "$header"
done
