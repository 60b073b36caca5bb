#!/bin/bash
# or_skip.sh COMMAND [ARGUMENT…]
# Runs what needs a bare machine. Where none can be made (exit code 77), the last line says why: skipped '…'.
set -uo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
"$@" 2>&1 | tee "$log" || status=$?
[ "$status" = 77 ] || exit "$status"
why=$(tail -n 1 "$log")
why=${why#== }
echo "skipped '${why//\'/}'"
