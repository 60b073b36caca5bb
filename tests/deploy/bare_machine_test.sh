#!/bin/bash
# `deploy/quickstart --once` on a bare Debian 12: as root below a closed directory, again, and as an ordinary
# user with sudo.
# Where no such machine can be made it says so: skipped '…'.
set -uo pipefail
cd "$(dirname "$0")/../.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
deploy/bare-machine tests/deploy/on_bare_machine.sh 2>&1 | tee "$log" || status=$?
[ "$status" = 77 ] || exit "$status"
why=$(tail -n 1 "$log")
why=${why#== }
echo "skipped '${why//\'/}'"
