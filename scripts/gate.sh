#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Is the code as it is here slower than a commit? Builds that commit in a worktree of its own, build/base/,
# measures both builds by turns, and ends with the verdict. Installs what is missing.
#
#   ./scripts/gate.sh BASE_REF [ARGUMENT...]
#
# BASE_REF is what git knows: main, HEAD~1, a tag, a commit. The arguments go to the runner, for example
# --preset quick (default: ci), --rounds 32, --out DIR, --force; run.sh --help lists them.
# Exit codes: 0 no case is slower, 1 some case is, 2 wrong usage, or the commit cannot be built or compared,
# 3 some case fails that did not fail there, 4 no verdict (too few launches, or too noisy), 130 interrupted.
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(dirname -- "$scripts")
# shellcheck source=scripts/build.sh
source "$scripts/build.sh"

usage() { sed -n '4,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

fail() {
  printf 'gate.sh: %s\n' "$*" >&2
  exit 2
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
  '' | -*)
    usage >&2
    fail "'${1:-}' is not a commit to compare with; allowed: what git rev-parse knows, before all other arguments"
    ;;
esac
ref=$1
shift

preset=(--preset ci)
for argument in "$@"; do
  case $argument in
    --preset | --preset=*) preset=() ;;
    --against | --against=* | --resume | --resume=* | --build | --build=*)
      fail "${argument%%=*} is not for here: what is compared is the working tree with $ref; see run.sh --help"
      ;;
  esac
done

command -v git >/dev/null || fail "git is not installed, and the commit to compare with is to be had from it alone"
# Started by a hook, git would work on the index and the tree of the commit under way.
# shellcheck disable=SC2046 # names of variables
unset $(git rev-parse --local-env-vars)
[[ $(git -C "$root" rev-parse --show-toplevel 2>/dev/null) == "$root" ]] || fail "$root is not a git repository; allowed: a clone"
commit=$(git -C "$root" rev-parse --verify --quiet "$ref^{commit}") ||
  fail "'$ref' is no commit that this clone has; allowed: what git rev-parse knows; a shallow clone gets all with git fetch --unshallow"

# The worktree of the last base is kept: nothing is built twice for the same commit.
bases=$root/build/base
base=$bases/${commit:0:12}
mkdir -p -- "$bases"
exec {lock}>"$bases/lock"
flock --nonblock "$lock" || fail "another gate.sh is at work in $bases"

# is_base DIRECTORY: whether it is a worktree of the commit, as it was checked out.
is_base() {
  [[ $(git -C "$1" rev-parse HEAD --show-toplevel 2>/dev/null) == "$commit"$'\n'"$1" &&
    -z $(git -C "$1" status --porcelain) ]]
}

for old in "$bases"/*/; do
  old=${old%/}
  if [[ -d $old ]] && ! { [[ $old == "$base" ]] && is_base "$old"; }; then
    git -C "$root" worktree remove --force "$old" 2>/dev/null || rm -rf -- "$old"
  fi
done
# --force: git may still know of one that was removed by hand.
[[ -d $base ]] || git -C "$root" worktree add --quiet --force --detach "$base" "$commit" || fail "git cannot check $ref out in $base"

printf 'gate.sh: the base is %s, in build/base\n' "$(git -C "$root" log -1 --format='%h %s' "$commit")" >&2
"$scripts/setup.sh" >/dev/null

build_base() {
  local root=$base
  if [[ ! -f $root/build/release/build.ninja ]]; then
    configure release -DBUILD_TESTING=OFF || return
  fi
  build release benchmarks/all
}
build_base || fail "$ref (${commit:0:7}) cannot be built, see above: there is nothing to compare with"

exec "$scripts/run.sh" "${preset[@]}" --no-plots --against "$base/build/release" "$@"
