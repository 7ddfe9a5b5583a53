#!/bin/sh
# try_runpath.sh FILE...: no program or library looks for others in a folder that it happens to be started in: every
# element of its RUNPATH or RPATH is absolute or begins with $ORIGIN. 77: no readelf.
set -eu
command -v readelf >/dev/null || {
    echo "there is no readelf here"
    exit 77
}
failed=0
for file; do
    path=$(readelf -d "$file" | sed -nE 's/.*\((RUNPATH|RPATH)\).*\[(.*)\]$/\2/p')
    echo "$file: [$path]"
    [ -n "$path" ] || continue # it has none
    # shellcheck disable=SC2016 # $ORIGIN is the linker's word
    if ! echo ":$path:" | grep -qE '^(:(\$ORIGIN[^:]*|/[^:]*))+:$'; then
        echo "$file: an element of '$path' is empty or relative"
        failed=1
    fi
done
exit "$failed"
