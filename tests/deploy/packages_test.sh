#!/bin/bash
# packages_test.sh BUILD-DIRECTORY
# The Debian packages of a build, on a bare Debian 12: installed, run, upgraded, removed, purged.
# Where no such machine can be made it says so: skipped '…'.
set -uo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LMP_PACKAGE_COMPRESSION=gzip deploy/packages "$build" "$work" || exit
LMP_BARE_FILES=$work tests/deploy/or_skip.sh deploy/bare-machine tests/deploy/packages_on_bare_machine.sh
