#!/bin/bash
# deploy/test-trixie, where it is asked for: an hour, too long for every change.
# Else, and where no bare machine can be made, it says so: skipped '…'.
set -uo pipefail
[ -n "${LMP_TEST_TRIXIE-}" ] || { echo "skipped 'LMP_TEST_TRIXIE=1 tests on Debian 13, too: an hour'" && exit; }
cd "$(dirname "$0")/../.." || exit

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
deploy/test-trixie 2>&1 | tee "$log" || status=$?
[ "$status" = 77 ] || exit "$status"
why=$(tail -n 1 "$log")
why=${why#== }
echo "skipped '${why//\'/}'"
