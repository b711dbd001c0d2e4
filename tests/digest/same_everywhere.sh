#!/usr/bin/env bash
# same_everywhere.sh NAME [CMAKE_ARGUMENT...]: runs a build of digest_life in several environments and
# compares each line that it tells with what the first one told: that of the running build tree in an
# empty environment. With arguments for cmake, that build is made first, in $WORK_DIR/NAME; without any
# it is the running build tree's own.
set -euo pipefail
name=$1
shift
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
told=$WORK_DIR/told
locales=$WORK_DIR/locales
first=this_build.empty
mkdir -p "$told" "$locales"

# The locales of the environments below, whichever the machine has. Made once, by the first test.
make_locale() {
  local locale=$1
  if [[ ! -e $locales/$locale.UTF-8 ]]; then
    localedef -i "$locale" -f UTF-8 "$locales/$locale.UTF-8"
  fi
}

life=$LIFE
if (($# > 0)); then
  build=$WORK_DIR/$name
  cd "$source_dir"
  "$CMAKE" "$@" -B "$build" -DSKYBOX_PROJECT_TESTS=ON -DSKYBOX_EXAMPLES=OFF
  "$CMAKE" --build "$build" --target digest_life --parallel 2
  life=$build/tests/digest/digest_life
else
  make_locale de_DE
  make_locale tr_TR
fi

# run ENVIRONMENT [VARIABLE=VALUE...]: tells a life with these variables and no others.
failures=0
run() {
  local this=$name.$1
  shift
  if ! env -i "$@" "$life" >"$told/$this"; then
    echo "$this: the program failed"
    failures=$((failures + 1))
  elif ! cmp -s "$told/$first" "$told/$this"; then
    local line
    line=$(awk 'NR == FNR { told[NR] = $0; next } told[FNR] != $0 { exit } { same = FNR }
                END { print same + 1 }' "$told/$first" "$told/$this")
    echo "$first and $this differ first in line $line:"
    sed -n "${line}p" "$told/$first"
    sed -n "${line}p" "$told/$this"
    failures=$((failures + 1))
  fi
}

# Fresh memory is filled differently each time, so that reading it uninitialized shows. In the second
# 1.5 is written 1,5; in the third the capital of i is no I, and the stack begins elsewhere. Leaks are
# looked for in the first, as glibc keeps what LOCPATH says.
asan=detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1:max_malloc_fill_size=1000000
run empty
run german LOCPATH="$locales" LC_ALL=de_DE.UTF-8 TZ=CHAST-12:45CHADT,M9.5.0/2:45,M4.1.0/3:45 \
  HOME=/nonexistent USER=somebody HOSTNAME=elsewhere \
  MALLOC_PERTURB_=85 ASAN_OPTIONS=$asan:malloc_fill_byte=85
cd /
run turkish LOCPATH="$locales" LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu SKYBOX_SEED=1 SEED=1 \
  PADDING="$(printf 'x%.0s' {1..10000})" \
  MALLOC_PERTURB_=170 ASAN_OPTIONS=$asan:malloc_fill_byte=170

if ((failures > 0)); then exit 1; fi
echo "$(wc -l <"$told/$first") lines, the same in each environment."
