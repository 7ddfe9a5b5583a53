#!/usr/bin/env bash
# Everything that only a GPU can show, in one go and in under eight minutes: the benchmark, the conformance tests on the
# GPU, compute-sanitizer. See usage().
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
self=$PWD/bench/gpu_checks.sh

usage() {
    cat <<'TEXT'
usage: bench/gpu_checks.sh [--no-build] [--quick]

  --no-build   use build/release as it is (it was built elsewhere and came with the tree)
  --quick      fewer repetitions, fewer problems

Leaves bench/results/DATE-GPU.json with the figures and the checks, and DATE-GPU.log with everything that was printed.
Libraries that are not installed are taken from the folder MAXSHARPE_PREFIX, or .gpu-prefix where there is one (see
bench/gpu_prefix.sh). Exit status: 0 all passed, 1 something failed, 2 usage, 77 no GPU.
TEXT
}

say() { printf '%s\n' "gpu: $*"; }

# What the steps, which are processes of their own so that they can be ended, inherit.
export folder=${folder:-build/release} work=${work:-} quick=${quick:-} problems=${problems:-200}
is_built=0

read_options() {
    local word
    for word in "$@"; do
        case "$word" in
        --no-build) is_built=1 ;;
        --quick) quick=--quick && problems=40 ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && exit 2 ;;
        esac
    done
}

# ---- time: every step has a limit of its own, and no step begins without some of the eight minutes left

deadline=$((SECONDS + 470))

# limited SECONDS COMMAND...: ends the command, and whatever it started, after its limit or at the deadline
limited() {
    local limit=$1 left=$((deadline - SECONDS))
    shift
    [ "$left" -lt "$limit" ] && limit=$left
    [ "$limit" -gt 0 ] || return 124
    timeout --kill-after=5 "$limit" "$@"
}

# ---- results: one line a check, in files, because checks run side by side

# settle NAME STATUS SECONDS
settle() {
    local outcome
    case "$2" in
    0) outcome=pass ;;
    77) outcome=skip ;;
    124 | 137) outcome=timeout ;;
    *) outcome=fail ;;
    esac
    printf '%s\t%s\t%s\n' "$1" "$outcome" "$3" >>"$work/outcomes"
    [ "$outcome" = pass ] || say "$1: $outcome (status $2, $3 s)"
}

# check NAME LIMIT COMMAND...
check() {
    local name=$1 limit=$2 begin=$SECONDS status=0
    local output=$work/$1.out
    shift 2
    limited "$limit" "$@" >"$output" 2>&1 </dev/null || status=$?
    printf '\n==== %s: status %s, %s s: %s\n' "$name" "$status" "$((SECONDS - begin))" "$*" >"$work/$name.log"
    tail -c 200000 "$output" >>"$work/$name.log"
    settle "$name" "$status" "$((SECONDS - begin))"
    return "$status"
}

# beside NAME LIMIT COMMAND...: the same beside others, as many at once as there are cores for, at most four
most_at_once=$(nproc 2>/dev/null || echo 2)
[ "$most_at_once" -gt 4 ] && most_at_once=4
beside() {
    while [ "$(jobs -rp | wc -l)" -ge "$most_at_once" ]; do
        wait -n || true
    done
    check "$@" &
}

print_outcomes() {
    printf '\n%-44s %-8s %s\n' check result seconds
    sort "$work/outcomes" 2>/dev/null | while IFS=$'\t' read -r name outcome seconds; do
        printf '%-44s %-8s %s\n' "$name" "$outcome" "$seconds"
    done
}

# ---- what is not installed

use_prefix() {
    local prefix=${MAXSHARPE_PREFIX:-} folder folders="" packages=""
    [ -n "$prefix" ] || { [ -d .gpu-prefix ] && prefix=$PWD/.gpu-prefix; }
    [ -n "$prefix" ] || return 0
    prefix=$(cd "$prefix" && pwd) || return 1
    say "libraries from $prefix"
    for folder in "$prefix"/usr/lib/*/openblas-pthread "$prefix"/usr/lib/*-linux-gnu "$prefix"/usr/lib; do
        [ -d "$folder" ] && folders+=${folders:+:}$folder && packages+=${packages:+:}$folder/pkgconfig
    done
    export LD_LIBRARY_PATH=$folders${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LIBRARY_PATH=$folders${LIBRARY_PATH:+:$LIBRARY_PATH}
    # The packages' own files say /usr, which is in the prefix.
    export PKG_CONFIG_PATH=$packages PKG_CONFIG_SYSROOT_DIR=$prefix
    export CMAKE_PREFIX_PATH=$prefix/usr CMAKE_LIBRARY_PATH=$folders
    CMAKE_INCLUDE_PATH=$(printf '%s:' "$prefix"/usr/include "$prefix"/usr/include/*/openblas-pthread)
    export CMAKE_INCLUDE_PATH
}

# ---- steps

# A machine without a device file has no GPU that CUDA could find.
may_have_gpu() {
    local file
    for file in /dev/nvidia[0-9]* /dev/dxg; do
        [ -e "$file" ] && return 0
    done
    return 1
}

no_gpu() {
    say "no GPU: $1"
    say "nothing was checked"
    exit 77
}

find_tools() {
    local folder
    for folder in "${CUDA_HOME:-/usr/local/cuda}" /usr/local/cuda; do
        PATH=$PATH:$folder/bin:$folder/compute-sanitizer
    done
    export PATH
}

# The GPU's own architecture alone: that is quick, and it is what is measured.
build() {
    local capability architecture=short generator=()
    capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d '. ')
    [ -z "$capability" ] || architecture=$capability-real
    command -v ninja >/dev/null && generator=(-G Ninja)
    cmake -S . -B "$folder" "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DMAXSHARPE_CUDA=ON \
        -DMAXSHARPE_CUDA_ARCHITECTURES="$architecture" &&
        cmake --build "$folder" -j "$(nproc 2>/dev/null || echo 2)" --target programs bench_gpu gpu_tests
}

programs() {
    local name
    for name in maxsharpe libmaxsharpe-cuda.so bench_gpu gpu_test_reference_search gpu_test_answers; do
        [ -e "$folder/$name" ] || { say "$folder/$name is not built" && return 1; }
    done
}

devices() {
    "$folder/maxsharpe" devices --format json | tee "$work/devices.json"
    grep -q '"cuda_reason": ""' "$work/devices.json"
}

driver() { nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1; }

commit() {
    local name
    name=$(git rev-parse --short=12 HEAD 2>/dev/null) || name=unknown
    [ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || name+=", changed"
    printf '%s' "$name"
}

benchmark() {
    nvidia-smi 2>/dev/null
    # shellcheck disable=SC2086 # one word or none
    "$folder/bench_gpu" --results bench/results --commit "$(commit)" --driver "$(driver)" $quick
}

tests() {
    local name
    # The tests with many problems take the number of them: each search begins CUDA anew.
    beside reference_search 150 "$folder/gpu_test_reference_search" "$problems"
    beside answers_of_both_backends 150 "$folder/gpu_test_answers" "$problems"
    for name in invariance dow30 pipelines at_once; do
        beside "$name" 150 "$folder/gpu_test_$name"
    done
    wait
}

# sanitize TOOL COMMAND...: passes where every process that used the GPU was found clean, and there was one. The status
# of a worker is not its parent's, so what the tool writes is read.
sanitize() {
    local tool=$1 logs status=0
    shift
    logs=$(mktemp -d -p "$work") || return 1
    compute-sanitizer --tool "$tool" --target-processes all --require-cuda-init no --log-file "$logs/%p" "$@" || status=$?
    cat "$logs"/*
    [ "$status" -eq 0 ] || return "$status"
    grep -qE '(ERROR|RACECHECK) SUMMARY: 0 ' "$logs"/* && ! grep -E 'SUMMARY: [1-9]|Internal Sanitizer Error' "$logs"/*
}

# Each pipeline by the engine alone, in one process, under each tool; and as the program runs it, in its workers.
sanitizers() {
    local tool pipeline
    if ! command -v compute-sanitizer >/dev/null; then
        settle compute_sanitizer 77 0
        return
    fi
    for pipeline in fused padded staged fixed-sum equal shared; do
        for tool in memcheck racecheck initcheck synccheck; do
            beside "$tool-$pipeline" 60 "$self" --step sanitize "$tool" "$folder/bench_gpu" --only "exercise-$pipeline"
        done
    done
    local search=("$folder/maxsharpe" search examples/market.csv --backend cuda -n 1100 --portfolios 0:48)
    beside memcheck-program-fused 60 "$self" --step sanitize memcheck "${search[@]}" -k 25 -w 0.2
    beside memcheck-program-staged 60 "$self" --step sanitize memcheck "${search[@]}" -k 25 -w 0.2 --evaluator staged
    beside memcheck-program-fixed-sum 60 "$self" --step sanitize memcheck "${search[@]}" -k 25 -w 0.05
    beside memcheck-program-shared 60 "$self" --step sanitize memcheck "${search[@]}" -k 25 -w 0.2 --draws shared
    wait
}

# The checks go into the benchmark's report, and the log beside it.
keep() {
    local report words=() name outcome seconds
    report=$(sed -n 's/^report //p' "$work/benchmark.out" 2>/dev/null | tail -n 1)
    if [ -z "$report" ]; then
        report=bench/results/$(date -u +%F)-no-figures.json
        say "the benchmark left no report"
    else
        while IFS=$'\t' read -r name outcome seconds; do
            words+=(--check "$name=$outcome")
        done <"$work/outcomes"
        "$folder/bench_gpu" --record "$report" "${words[@]}"
    fi
    { print_outcomes && cat "$work"/*.log; } >"${report%.json}.log"
    say "kept: $report, ${report%.json}.log"
}

main() {
    read_options "$@"
    work=$(mktemp -d) || exit 1
    trap 'rm -rf "$work"' EXIT
    find_tools
    use_prefix || exit 1
    if [ "$is_built" -eq 0 ]; then
        may_have_gpu || no_gpu "there is no /dev/nvidia* and no /dev/dxg"
        command -v nvcc >/dev/null || no_gpu "there is no CUDA toolkit (nvcc) to build with; see --no-build"
        folder=build/gpu
        say "building"
        check build 300 "$self" --step build || { tail -n 40 "$work/build.out" && exit 1; }
    fi
    [ -x "$folder/maxsharpe" ] || { say "$folder/maxsharpe is not built" && exit 1; }
    check devices 30 "$self" --step devices || no_gpu "$(sed -n 's/.*"cuda_reason": "\(.*\)".*/\1/p' "$work/devices.json")"
    programs || exit 1
    say "benchmark"
    check benchmark 170 "$self" --step benchmark
    cat "$work/benchmark.out"
    say "tests"
    tests
    say "compute-sanitizer"
    sanitizers
    keep
    print_outcomes
    ! grep -qvP '\t(pass|skip)\t' "$work/outcomes"
}

if [ "${1:-}" = --step ]; then
    shift
    "$@"
else
    main "$@"
fi
