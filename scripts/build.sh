# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by run.sh and test.sh, which set `root`: configures and builds a preset without a word where nothing is to do.
: "${root:?}"

# configure PRESET [FLAG...]: output only if it fails.
configure() {
  local preset=$1 log
  shift
  log=$root/build/$preset.configure.log
  mkdir -p "$root/build"
  if ! (cd -- "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1; then
    cat -- "$log" >&2
    printf '%s: cmake --preset %s failed; if the repository was moved, remove build/%s\n' "${0##*/}" "$preset" "$preset" >&2
    return 2
  fi
}

# build PRESET [TARGET]: one line, or a counter on a terminal, if something is compiled; the output if it fails.
build() {
  local preset=$1 target=${2:-all} log=$root/build/$1.build.log
  if ! (cd -- "$root" && cmake --build --preset "$preset" --target "$target" 2>&1) | tee -- "$log" | tell_progress "$preset"; then
    cat -- "$log" >&2
    printf '%s: the build of preset %s failed\n' "${0##*/}" "$preset" >&2
    return 2
  fi
}

tell_progress() {
  local line told=''
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ Building ]] || continue
    if [[ -t 2 ]]; then
      printf '\rbuilding %s: %s of %s ' "$1" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
    elif [[ -z $told ]]; then
      printf '%s: building preset %s\n' "${0##*/}" "$1" >&2
    fi
    told=yes
  done
  if [[ -n $told && -t 2 ]]; then
    printf '\r\033[K' >&2
  fi
}
