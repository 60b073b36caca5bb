#!/bin/bash
# deploy/test-trixie, where it is asked for: an hour, too long for every change.
# Else, and where no bare machine can be made, it says so: skipped '…'.
[ -n "${LMP_TEST_TRIXIE-}" ] || { echo "skipped 'LMP_TEST_TRIXIE=1 tests on Debian 13, too: an hour'" && exit; }
cd "$(dirname "$0")/../.." || exit
exec tests/deploy/or_skip.sh deploy/test-trixie
