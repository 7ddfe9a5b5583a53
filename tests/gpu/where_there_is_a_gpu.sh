#!/bin/sh
# where_there_is_a_gpu.sh PROGRAM TEST [ARGUMENTS...]: runs TEST where `PROGRAM devices` names a GPU that can be used, and
# else says why not, with the status of a skipped test.
set -u
program=$1
shift
answer=$("$program" devices --format json) || exit 1
case $answer in
*'"cuda_reason": ""'*) exec "$@" ;;
esac
echo "skipped, no GPU: $(printf '%s\n' "$answer" | sed -n 's/.*"cuda_reason": "\(.*\)".*/\1/p')"
exit 77
