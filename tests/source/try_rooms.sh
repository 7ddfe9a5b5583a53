#!/bin/sh
# try_rooms.sh ROOT: reads every include under ROOT/src, ROOT/kernels and ROOT/include, and fails where a room looks up,
# where the program looks behind the public headers, where an include leads nowhere, or where modules (a header and its
# source) include each other in a circle. The rooms are those of CONTRIBUTING.md.
set -eu
cd "$1"

# room: the rooms whose headers it may include, besides its own and the public ones. gpu_on_cpu is the tests' layer on
# which kernels run without a GPU.
rooms='base:
process: base
problem: base process
data/table: base process problem
data/market: base process problem data/table
sampling: base process problem
screening: base process problem
run: base process problem data/table data/market sampling screening
launch: base process problem data/table data/market sampling screening run
engines/cpu: base process problem sampling screening run
engines/gpu: base process problem sampling screening run
api: base process problem data/table data/market sampling screening run launch engines/cpu engines/gpu
launcher: api
cli/terminal:
cli/options: cli/terminal
cli/reports: cli/terminal cli/options
cli/bench: cli/terminal cli/options cli/reports
cli/commands: cli/terminal cli/options cli/reports cli/bench
gpu_on_cpu:
kernels: base problem sampling screening engines/gpu gpu_on_cpu'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FILE INCLUDED, a line an include in quotes, with src/ left out of the file's path. What is included from the folder of
# the kernels is named without it.
find src kernels include -type f \( -name '*.c' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' \) -exec \
    grep -HoE '^ *# *include +"[^"]+"' {} + |
    sed -E 's/^src\///; s/^([^:]+): *# *include +"([^"]+)"$/\1 \2/' |
    while read -r file included; do
        if [ -e "kernels/$included" ]; then
            included="kernels/$included"
        fi
        echo "$file $included"
    done >"$work/includes"
[ "$(wc -l <"$work/includes")" -gt 500 ] || { echo "the includes were not found"; exit 1; }

echo "$rooms" >"$work/rooms"
awk '
    function room_of(path,    room, best) {
        best = ""
        for (room in known) {
            if (index(path, room "/") == 1 && length(room) > length(best)) {
                best = room
            }
        }
        return best
    }
    FNR == NR {
        room = $1
        sub(/:$/, "", room)
        known[room] = 1
        allowed[room, room] = 1
        for (i = 2; i <= NF; ++i) {
            allowed[room, $i] = 1
        }
        next
    }
    $2 ~ /^maxsharpe\// {
        if ($1 == "include/maxsharpe/types.h") {
            print $1 " pulls in " $2
            failed = 1
        }
        next
    }
    {
        from = room_of($1)
        to = room_of($2)
        if (from == "") {
            print $1 " is in no room, or is a public header and includes " $2
            failed = 1
        } else if (to == "") {
            print $1 " includes " $2 ", which is in no room"
            failed = 1
        } else if (!((from, to) in allowed)) {
            print $1 " includes " $2 ": " from " may not know of " to
            failed = 1
        }
    }
    END { exit failed }
' "$work/rooms" "$work/includes" || exit 1

# A module is a header with its source. Public headers are modules of their own.
sed -E 's/^include\///; s/\.(c|h|cu|cuh)( |$)/\2/g' "$work/includes" | awk '$1 != $2' >"$work/edges"
if ! tsort "$work/edges" >/dev/null 2>"$work/circles"; then
    echo "modules include each other in a circle:"
    cat "$work/circles"
    exit 1
fi
echo "$(wc -l <"$work/includes") includes, no room looks up, no circle"
