#!/bin/sh
# try_library_words.sh SOURCE-DIR: no text of the library names an option of the command line, which has its own words
# for what the library advises. Comments may; a text is what stands between double quotes on a line.
set -eu
root=$1

# The texts with an option, "--word", in the C, C++ and CUDA files of the folders.
texts_with_options() {
    find "$@" \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print | sort | while read -r file; do
        awk -v file="${file#"$root"/}" '{
            line = $0
            gsub(/\\./, "", line)
            count = split(line, part, "\"")
            for (i = 2; i <= count; i += 2) {
                if (part[i] ~ /(^|[^-[:alnum:]])--[a-z]/) { print file ":" NR ": \"" part[i] "\"" }
            }
        }' "$file"
    done
}

# What finds nothing in the program's own texts would find nothing anywhere.
if ! texts_with_options "$root/src/cli" | grep -q -- '--exclude'; then
    echo "the options in the texts of src/cli are not found: this test is broken"
    exit 1
fi

rooms=$(find "$root/src" -mindepth 1 -maxdepth 1 -type d ! -name cli)
# shellcheck disable=SC2086 # the folders are words
found=$(texts_with_options $rooms "$root/include" "$root/kernels")
if [ -n "$found" ]; then
    echo "the library speaks the command line:"
    echo "$found"
    exit 1
fi
