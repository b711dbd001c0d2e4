#!/usr/bin/env bash
# Installs the Debian packages of the named groups that are missing: install-packages.sh build test
# A second call finds nothing missing and does not touch apt.
set -euo pipefail

packages=()
for group in "$@"; do
  case "$group" in
    build)
      packages+=(g++ cmake ninja-build ccache mold pkgconf libabsl-dev libprotobuf-dev
        protobuf-compiler libfmt-dev libssl-dev nlohmann-json3-dev catch2 libbenchmark-dev)
      ;;
    test) packages+=(python3 clang-19 clang-format-19 libclang-rt-19-dev locales) ;;
    limits) packages+=(rapidjson-dev zlib1g-dev) ;;  # what ../shared/limits is built with besides
    asan) packages+=(clang-19 libclang-rt-19-dev) ;;
    *)
      echo "$0: unknown group of packages: $group" >&2
      exit 2
      ;;
  esac
done

stop() {
  echo "$1: install what these Debian 12 packages have, then try again:" >&2
  echo "  ${packages[*]}" >&2
  exit 1
}

if ! command -v dpkg-query >/dev/null; then  # no Debian: somebody may have brought it all along
  for tool in g++ cmake ninja protoc pkg-config; do
    command -v "$tool" >/dev/null || stop "There is no apt-get here, and no $tool"
  done
  exit 0
fi

is_installed() {
  dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}
missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi
packages=("${missing[@]}")

command -v apt-get >/dev/null || stop "There is no apt-get here"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || stop "Neither root nor sudo"
  as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q)
echo "Installing ${packages[*]}" >&2
"${apt[@]}" update >&2
"${apt[@]}" install -y --no-install-recommends "${packages[@]}" >&2
