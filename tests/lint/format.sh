#!/usr/bin/env bash
# Everything is formatted as clang-format 19 would have it. To mend it:
#   find include lib tests bench examples -name '*.h' -o -name '*.cc' | xargs clang-format-19 -i
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

find include lib tests bench examples \( -name '*.h' -o -name '*.cc' \) -print0 |
  xargs -0 --no-run-if-empty clang-format-19 --dry-run -Werror
