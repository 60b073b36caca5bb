#!/bin/bash
# What the scripts in deploy/ say when something fails: its cause, not the end of its output.
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

fails() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

for script in deploy/* tests/deploy/*.sh; do
  # Folders, and files beside the scripts that are none.
  [[ -d $script || $script == *.md || $script == *.yaml || $script == */Dockerfile ]] && continue
  bash -n "$script" || fails "$script"
done

# Each preset of CMakePresets.json can be configured, also those that only a person builds.
for preset in $(cmake --list-presets | sed -n 's/^ *"\([^"]*\)".*/\1/p'); do
  cmake --preset "$preset" -B "$directory/$preset" >"$directory/log" 2>&1 ||
    fails "preset $preset: $(grep -A 3 Error "$directory/log")"
done

# The reason first, then more than anybody shows.
failing='echo "E: Unable to locate package nonesuch"; seq 100; exit 3'
said=$( (. deploy/lib.sh && run_quietly "$directory/log" bash -c "$failing") 2>&1) && fails "a failure passed"
grep -q 'Unable to locate package nonesuch' <<<"$said" || fails "the cause is not in: $said"
! grep -qx 100 <<<"$said" || fails "what is no cause is in: $said"
grep -q "all of it is in $directory/log" <<<"$said" || fails "where the rest is, is not in: $said"
# No reason: the end.
said=$( (. deploy/lib.sh && run_quietly "$directory/log" bash -c 'seq 100; exit 3') 2>&1) && fails "a failure passed"
grep -qx 100 <<<"$said" || fails "the end is not in: $said"
# Only what this run wrote.
printf 'error: of yesterday\n' >"$directory/log"
size=$(stat -c %s "$directory/log")
printf 'error: of today\n' >>"$directory/log"
[ "$(. deploy/lib.sh && show_cause "$directory/log" "$size")" = 'error: of today' ] ||
  fails "yesterday's error is shown"
# Each program has a package, and those that are here need none.
(. deploy/lib.sh
  for entry in "${runtime_programs[@]}"; do
    read -r program package run_by <<<"$entry"
    [ -n "$run_by" ] || fails "runtime_programs: $entry"
    find_program "$program" || grep -qx "$package" < <(missing_runtime_packages) ||
      fails "$program is missing and not installed"
  done)
