#!/usr/bin/env bash
# Installs the current build and uses it, by find_package and by pkg-config.
set -euxo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$WORK_DIR/find_package
rm -rf "$work"

"$CMAKE" --install "$SKYBOX_BUILD_DIR" --prefix "$work/prefix"
# The generated headers and the private ones stay at home.
test -z "$(find "$work/prefix" -name '*.pb.h' -o -path '*/kernel/*')"

"$CMAKE" -G Ninja -S "$source_dir/find_package" -B "$work/build" \
  -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$CXX" \
  -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror"
"$CMAKE" --build "$work/build"
test "$("$work/build/consumer")" = one

PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name skybox.pc)")
export PKG_CONFIG_PATH
pkg-config --libs skybox | grep -qw -e -lskybox
# shellcheck disable=SC2046
"$CXX" -std=c++20 "$source_dir/main.cc" -o "$work/by_pkg_config" \
  $(pkg-config --static --cflags --libs skybox)
test "$(LD_LIBRARY_PATH=$(pkg-config --variable=libdir skybox) "$work/by_pkg_config")" = one
