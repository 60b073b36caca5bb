# shellcheck shell=bash
# What the scripts beside it share. Source it; it needs nothing that a fresh Debian 12 does not have.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

build_packages=(
  g++ cmake ninja-build ccache mold pkg-config
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libssl-dev
  libmysqlcppconn-dev libmariadb-dev nlohmann-json3-dev libcli11-dev prometheus-cpp-dev
  libtomlplusplus-dev libcurl4-openssl-dev
)
test_packages=(libgtest-dev libgmock-dev python3 python3-grpcio python3-protobuf python3-yaml openssl jq prometheus)
# Formatter, linter and fuzzer. Debian 12's usual clang, 14, does not know all of C++20.
test_packages+=(clang-format clang-tidy-19 libclang-rt-19-dev)
packaging_packages=(dpkg-dev file)

# What `lmp-server --embedded-mysql` runs: the program, its package, who runs it.
# storage/embedded/embedded_programs.cc looks for the same ones before it starts anything; a test compares the two.
runtime_programs=(
  "mariadbd mariadb-server-core lmp-server"
  "mariadb-install-db mariadb-server-core lmp-server"
  "my_print_defaults mariadb-client-core mariadb-install-db"
  "mariadb-upgrade mariadb-server-core lmp-server"
  "mariadb mariadb-client-core mariadb-upgrade"
  "mariadb-check mariadb-client-core mariadb-upgrade"
)

# find_program NAME: also where an ordinary user's PATH does not lead.
find_program() { PATH=$PATH:/usr/sbin:/usr/bin command -v "$1" >/dev/null; }

# Prints the packages of the runtime programs that are missing. Oracle's server needs none of them, and Debian's
# packages would push it out.
missing_runtime_packages() {
  ! find_program mysqld || find_program mariadbd || return 0
  local entry program package
  for entry in "${runtime_programs[@]}"; do
    read -r program package _ <<<"$entry"
    find_program "$program" || printf '%s\n' "$package"
  done | sort -u
}
mapfile -t runtime_packages < <(missing_runtime_packages)
# What the runbook's tests back up with, and what makes a cluster of two databases; beside Oracle's server those tests
# are skipped.
if find_program mariadbd || ! find_program mysqld; then test_packages+=(mariadb-client mariadb-backup galera-4); fi

say() { printf '== %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# show_cause LOG [FROM-BYTE]: of a failed program's output the lines that say why, or if none does, the last ones. What
# went wrong comes early in most of them, and is followed by much that did not.
show_cause() {
  local text causes words='errors?|fatal|fails?|failed|failure|can.?t|cannot|could not|unable|denied|refus(ed|ing)'
  words+='|no such|not found|missing|unmet|no space|killed'
  text=$(tail -c "+$((${2-0} + 1))" "$1")
  causes=$(grep -aEi "(^|[^[:alnum:]])($words)([^[:alnum:]]|$)|^E: " <<<"$text" |
    grep -avE '"severity":"INFO"|ignored' | head -n 15 | cut -c 1-500) || true
  if [ -n "$causes" ]; then
    printf '%s\n' "$causes"
  else
    tail -n 15 <<<"$text" | cut -c 1-500
  fi
}

# run_quietly LOG COMMAND…: shows why, but only if it fails.
run_quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 || {
    show_cause "$log" >&2
    die "this failed: $* (all of it is in $log)"
  }
}

# install_packages PACKAGE…: those that are missing, with apt-get.
install_packages() {
  command -v apt-get >/dev/null || die "this is not Debian: install what corresponds to: $*"
  local installed package missing=() as_root=()
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$installed" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "not root, and no sudo here; as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing: ${missing[*]}"
  mkdir -p build
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=120)
  run_quietly build/apt.log "${apt[@]}" update
  # --no-remove: nothing of this machine's is to go for our sake.
  run_quietly build/apt.log "${apt[@]}" install --no-install-recommends --no-remove "${missing[@]}"
}

# copy_registry ROOT: the same registry, reached in the same way, as this machine's.
copy_registry() {
  rm -f "$1/etc/apt/sources.list"
  cp -a /etc/apt/sources.list.d/debian.sources "$1/etc/apt/sources.list.d/" 2>/dev/null ||
    cp -a /etc/apt/sources.list "$1/etc/apt/sources.list"
  apt-config dump | grep '^Acquire::' >"$1/etc/apt/apt.conf.d/99registry" || true
}

# One compiler for each processor, but no more than there is memory for (1 GB each).
parallel_jobs() {
  [ -z "${CMAKE_BUILD_PARALLEL_LEVEL-}" ] || { echo "$CMAKE_BUILD_PARALLEL_LEVEL" && return; }
  awk -v cpus="$(nproc)" \
    '/^MemAvailable:/ { n = int($2 / 1048576); print n < 1 ? 1 : n < cpus ? n : cpus }' /proc/meminfo
}

# What build makes; none stands for everything.
build_targets=()

# build DIRECTORY TYPE [CMAKE-ARGUMENT…]
build() {
  local directory=$1 arguments="$*" began=$SECONDS
  mkdir -p "$directory"
  if [ ! -f "$directory/build.ninja" ] || [ "$(cat "$directory/arguments" 2>/dev/null)" != "$arguments" ]; then
    run_quietly "$directory/cmake.log" cmake -S . -B "$directory" -G Ninja -DCMAKE_BUILD_TYPE="$2" "${@:3}"
    printf '%s\n' "$arguments" >"$directory/arguments"
  fi
  # On a terminal one line that counts; elsewhere nothing but failures.
  if [ -t 1 ]; then
    ninja -C "$directory" -j "$(parallel_jobs)" "${build_targets[@]}" || die "the build failed"
  else
    ninja -C "$directory" -j "$(parallel_jobs)" --quiet "${build_targets[@]}" |
      sed '/no work to do/d; /^-- /d' || die "the build failed"
  fi
  say "Built $directory ($2) in $((SECONDS - began)) s"
}
