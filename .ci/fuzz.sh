#!/usr/bin/env bash
# Fuzzes every target of the module, or those whose "<folder> <name>" matches
# the second argument, each for the time in the first one.
#
# Go's fuzzer sometimes reports the end of that time as a failure, if a worker
# reaches it before the coordinator does: "context deadline exceeded" without an
# input (https://go.dev/issue/75804, fixed in Go 1.27). Such a target is fuzzed
# once more, so that only an input or a second failure in a row counts.
set -euo pipefail

time=${1:?time for each target, such as 10s}
only=${2:-.}

fuzz() {
  go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" 2>&1 | tee "$out"
}

out=$(mktemp)
failed=$(mktemp)
trap 'rm -f "$out" "$failed"' EXIT
grep -rE --include='*_test.go' '^func Fuzz' . |
  sed -E 's|^(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*).*|\1 \2|' | sort | grep -E "$only" |
  while read -r dir target; do
    echo "$dir $target"
    if fuzz "$dir" "$target" </dev/null; then continue; fi
    if ! grep -q 'Failing input' "$out" && grep -q 'context deadline exceeded' "$out"; then
      echo "$dir $target: the fuzzer's own deadline; once more"
      if fuzz "$dir" "$target" </dev/null; then continue; fi
    fi
    echo "$dir $target" >>"$failed"
  done
if [ -s "$failed" ]; then
  echo "failed:"
  cat "$failed"
  exit 1
fi
