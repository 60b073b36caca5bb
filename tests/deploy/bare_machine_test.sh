#!/bin/bash
# `deploy/quickstart --once` on a bare Debian 12: as root below a closed directory, again, and as an ordinary
# user with sudo.
# Where no such machine can be made it says so: skipped '…'.
cd "$(dirname "$0")/../.." || exit
exec tests/deploy/or_skip.sh deploy/bare-machine tests/deploy/on_bare_machine.sh
