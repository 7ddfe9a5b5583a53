#!/usr/bin/env bash
# gpu_prefix.sh [FOLDER]: the libraries that the project is built with and runs with, unpacked from Debian packages into
# FOLDER (.gpu-prefix), for a GPU machine where nothing can be installed. Needs apt-get and the network, not root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "${1:-.gpu-prefix}"
prefix=$(cd "${1:-.gpu-prefix}" && pwd)

# For building, then what programs need to run.
packages=(libopenblas-pthread-dev librandom123-dev libcsv-dev libjansson-dev libcmocka-dev zlib1g-dev
    libopenblas0-pthread libgfortran5 libquadmath0 libcsv3 libjansson4 libcmocka0 zlib1g)

downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
(cd "$downloads" && apt-get -q download "${packages[@]}")
for package in "$downloads"/*.deb; do
    dpkg -x "$package" "$prefix"
done

# What nobody links or reads only makes it heavy to carry.
find "$prefix" -name '*.a' -delete
rm -rf "$prefix/usr/share/doc" "$prefix/usr/share/man" "$prefix/usr/share/doc-base" "$prefix/usr/share/lintian"

# Debian makes these links when it installs a package; where /lib and /usr/lib are one, libraries may lie in the former.
for folder in "$prefix"/lib/*-linux-gnu; do
    [ -d "$folder" ] || continue
    mkdir -p "$prefix/usr/lib/${folder##*/}"
    cp -a "$folder/." "$prefix/usr/lib/${folder##*/}/"
    rm -rf "$folder"
done
for folder in "$prefix"/usr/lib/*-linux-gnu; do
    ln -sf openblas-pthread/libopenblas.so.0 "$folder/libopenblas.so.0"
    ln -sf openblas-pthread/libopenblas.so.0 "$folder/libopenblas.so"
done
printf '%s: %s\n' "$prefix" "$(du -sh "$prefix" | cut -f 1)"
