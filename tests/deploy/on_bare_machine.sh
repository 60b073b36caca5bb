#!/bin/bash
# Runs on the bare machine of bare_machine_test.sh, in /root/lmp.
set -euo pipefail

step() { printf '\n==== %s (after %d s)\n' "$*" $SECONDS; }
die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# quickstart LOG [COMMAND…]: plays the whole story; COMMAND runs it as somebody else.
quickstart() {
  local log=$1 began=$SECONDS
  shift
  "$@" deploy/quickstart --once 2>&1 | tee "$log"
  grep -q '^== Done in' "$log" || die "the story has no end"
  grep -q 'usable.*yes' "$log" || die "the license that was assigned is not usable"
  step "that took $((SECONDS - began)) s"
}

# So that it is what the other tests' build has compiled, and the compiler's cache knows it.
export LMP_WERROR=ON

step "as root, on nothing, below a directory that nobody else can enter"
[ "$(stat -c %a /root)" = 700 ] || die "/root is open"
quickstart /tmp/first

step "a second time: nothing to install or to build, and the same database"
began=$SECONDS
quickstart /tmp/second
! grep -qE '^== Installing' /tmp/second || die "something was installed again"
[ $((SECONDS - began)) -le 60 ] || die "the second run took $((SECONDS - began)) s"

step "a program that the database needs is missing: it is named with its package, and nothing is begun"
mv /usr/bin/my_print_defaults /usr/bin/my_print_defaults.away
build/release/bin/lmp-server serve --embedded-mysql /tmp/new --listen 127.0.0.1:0 >/tmp/missing 2>&1 && die "it serves"
cat /tmp/missing
grep -q 'my_print_defaults.*mariadb-client-core.*apt-get install mariadb-client-core' /tmp/missing ||
  die "it is not named"
[ ! -e /tmp/new ] || die "it made something"
mv /usr/bin/my_print_defaults.away /usr/bin/my_print_defaults

step "as an ordinary user with sudo, where something is to be installed"
apt-get -qq install -y --no-install-recommends sudo >/dev/null
apt-get -qq remove -y mariadb-client-core >/dev/null
useradd --create-home ada
chmod 700 /home/ada
printf 'ada ALL=(ALL) NOPASSWD:ALL\n' >/etc/sudoers.d/ada
mkdir /home/ada/lmp
tar -c --exclude=./build --exclude=./var . | tar -x --no-same-owner -C /home/ada/lmp
chown -R ada: /home/ada
cd /home/ada/lmp
quickstart /tmp/third setpriv --reuid=ada --regid=ada --init-groups \
  env HOME=/home/ada CCACHE_READONLY=1 CCACHE_TEMPDIR=/tmp/ada
grep -q '^== Installing: mariadb-client-core' /tmp/third || die "nothing was installed by sudo"
[ "$(stat -c %U var/mysql/lock)" = ada ] || die "the database is not ada's"
step "done"
