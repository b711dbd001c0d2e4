#!/usr/bin/env bash
# Uses the source tree as a subdirectory of another project, as a shared library. The flags are those of
# the current build, so that ccache has the objects already.
set -euxo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$WORK_DIR/add_subdirectory
export CCACHE_NOHASHDIR=true

"$CMAKE" -G Ninja -S "$source_dir/add_subdirectory" -B "$build" -DBUILD_SHARED_LIBS=ON \
  -DSKYBOX_WERROR=ON -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER" \
  -DCMAKE_BUILD_TYPE="$BUILD_TYPE" -DCMAKE_CXX_FLAGS_DEBUG="$CXX_FLAGS"
"$CMAKE" --build "$build" --parallel 2
# Tests, examples and benchmarks are not built for somebody else.
test -z "$(find "$build" -name '*_test' -o -name orders -o -name skybox_bench)"
test "$("$build/consumer")" = one
