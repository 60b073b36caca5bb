#!/bin/bash
# Runs on the bare machine of packages_test.sh, in /root/lmp; the packages are in /root/files.
set -euo pipefail
cd /root/files

step() { printf '\n==== %s (after %d s)\n' "$*" $SECONDS; }
die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -y --no-install-recommends "$@" >/tmp/apt.log 2>&1 ||
    { tail -n 20 /tmp/apt.log && die "apt-get $*"; }
}
as_lmp() { setpriv --reuid lmp --regid lmp --init-groups "$@"; }

echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/unsafe  # this machine is not to outlive a loss of power

step "the tool alone needs little"
apt update
apt install ./lmp_*.deb
[[ $(lmp --version) == "lmp "* ]] || die "no version"
databases=$(dpkg-query -W -f '${Package}\n' 'libmysqlcppconn*' 'mariadb-server*' 2>/dev/null || true)
[ -z "$databases" ] || die "the tool needs $databases"
status=0
lmp --server unix:/nonexistent license list bakery 2>/tmp/err || status=$?
[ $status = 14 ] && grep -q UNAVAILABLE /tmp/err || die "exit code $status: $(cat /tmp/err)"

step "completion knows what the program knows"
complete_words() {
  # shellcheck disable=SC2016
  bash -c '. /usr/share/bash-completion/completions/lmp
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _lmp_complete
    printf "%s\n" "${COMPREPLY[@]}"' bash "$@" </dev/null
}
[ "$(complete_words lmp lic)" = license ] || die "no commands"
[ "$(complete_words lmp license che)" = check ] || die "no verbs: $(complete_words lmp license che)"
[ "$(complete_words lmp license list --exp)" = --expires-in ] || die "no flags"
[ "$(complete_words lmp license list --dry)" = --dry-run ] || die "no flags of all commands"

step "man pages say what the programs' --help says"
apt install ./lmp-server_*.deb
for page in man1/lmp.1.gz man8/lmp-server.8.gz; do
  gzip -dc "/usr/share/man/$page" >/tmp/page
  grep -q '^\.SH NAME' /tmp/page || die "$page is none: $(head -n 3 /tmp/page)"
done
for flag in $(lmp-server serve --help | grep -oE '^  --[a-z-]+'); do
  grep -qF -- "${flag//-/\\-}" /tmp/page || die "$flag is not in the man page"
done

step "the user, the settings, the unit"
[ "$(getent passwd lmp | cut -d : -f 6)" = /var/lib/lmp ] || die "no user"
access=$(stat -c '%U %G %a' /etc/lmp /etc/lmp/server.toml | tr '\n' ' ')
[ "$access" = "root lmp 750 root lmp 640 " ] || die "/etc/lmp: $access"
# As it comes, it says what to do, and its comments are settings that the server knows.
status=0
as_lmp lmp-server serve --config /etc/lmp/server.toml 2>/tmp/err || status=$?
[ $status = 64 ] && grep -q 'no database: give' /tmp/err || die "exit code $status: $(cat /tmp/err)"
{ lmp-server --help && lmp-server serve --help; } >/tmp/help
for key in $(sed -n 's/^# \([a-z-]*\) = .*/\1/p' /etc/lmp/server.toml); do
  grep -q -- "^  --$key " /tmp/help || die "there is no setting $key"
done

step "the service: a server on a database of its own, as the user lmp"
apt install mariadb-server-core mariadb-client-core
sed -i 's/^# embedded-mysql/embedded-mysql/' /etc/lmp/server.toml
install -d -o lmp -g lmp -m 0711 /var/lib/lmp
# What the unit starts, without systemd.
command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/lmp-server.service)
# shellcheck disable=SC2086
setpriv --reuid lmp --regid lmp --init-groups $command >/tmp/server.log 2>&1 &
server=$!
for _ in $(seq 300); do ! grep -q '"serving"' /tmp/server.log || break; sleep 0.2; done
grep -q '"serving"' /tmp/server.log || die "it does not serve: $(cat /tmp/server.log)"
lmp product create hosted --display-name Hosted --kind service --unit user >/dev/null || die "no product"
[[ $(lmp product list) == *hosted* ]] || die "no product"
[ "$(stat -c %U /var/lib/lmp/mysql)" = lmp ] || die "whose is the database?"

step "an upgrade leaves settings and data, and so does the way back"
apt install --reinstall ./lmp-server_*.deb
grep -q ^embedded-mysql /etc/lmp/server.toml || die "the settings were overwritten"
dpkg-deb -R ./lmp-server_*.deb /tmp/before
sed -i 's/^Version: .*/Version: 0.0.1/' /tmp/before/DEBIAN/control
mkdir old
dpkg-deb -b /tmp/before old/lmp-server_0.0.1.deb >/dev/null
apt install --allow-downgrades ./old/lmp-server_*.deb
[ "$(dpkg-query -W -f '${Version}' lmp-server)" = 0.0.1 ] || die "not rolled back"
apt install ./lmp-server_*.deb
grep -q ^embedded-mysql /etc/lmp/server.toml || die "the settings were overwritten"
kill -TERM "$server"
wait "$server" || die "exit code $?: $(tail -n 3 /tmp/server.log)"
as_lmp lmp-server check --config /etc/lmp/server.toml || die "check"

step "the unit is sound, and hardened"
apt install systemd
systemd-analyze verify --man=no lmp-server.service 2>/tmp/err || die "$(cat /tmp/err)"
! grep -q lmp-server /tmp/err || die "$(cat /tmp/err)"
systemd-analyze --no-pager security --offline=yes --threshold=15 lmp-server.service >/tmp/exposure ||
  die "the unit is too open"

step "the library, for a stranger's program"
apt install ./liblmp-dev_*.deb g++ cmake make
[ -f /usr/share/lmp/proto/lmp/v1/licensing_service.proto ] || die "no contract"
version=$(lmp --version | cut -d ' ' -f 2)
cmake -S /root/lmp/tests/package/stranger -B /tmp/stranger "-DLMP_VERSION_WANTED=$version" >/tmp/cmake.log ||
  die "$(cat /tmp/cmake.log)"
cmake --build /tmp/stranger >/tmp/cmake.log 2>&1 || die "$(tail -n 30 /tmp/cmake.log)"
said=$(/tmp/stranger/stranger) || die "exit code $? of the stranger's program: $said"
[ "$said" = "customers/bakery: UNAVAILABLE" ] || die "the stranger's program says: $said"

step "removed: settings and data stay; purged: data stay"
apt remove lmp liblmp-dev lmp-server
[ -f /etc/lmp/server.toml ] && [ -d /var/lib/lmp/mysql ] || die "too much is gone"
apt purge lmp-server
[ ! -e /etc/lmp ] && [ -d /var/lib/lmp/mysql ] || die "purge"
left=$(find /etc /usr /var/lib/dpkg/info -xdev -path '*lmp*')
[ -z "$left" ] || die "left behind: $left"
step "done"
