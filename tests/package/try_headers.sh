#!/bin/sh
# try_headers.sh INCLUDE-DIR C-COMPILER: every public header compiles alone, as C11 and as C++17. 77: no C++ compiler.
set -eu
include=$1
cc=$2
strict="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only"
for header in "$include"/maxsharpe/*.h; do
    # shellcheck disable=SC2086 # the flags are words
    "$cc" -std=c11 $strict -I "$include" -x c "$header"
done
cxx=$(command -v c++ || command -v g++ || command -v clang++) || {
    echo "no C++ compiler here: the headers were tried as C11 only"
    exit 77
}
for header in "$include"/maxsharpe/*.h; do
    # shellcheck disable=SC2086
    "$cxx" -std=c++17 $strict -I "$include" -x c++ "$header"
done
