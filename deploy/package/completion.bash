# shellcheck shell=bash
# Completion of `lmp` and `lmp-server` in bash: asks the program itself, by --help, so that it knows what that version knows.

# _lmp_help WORD…: the help of the innermost command that these words name.
_lmp_help() {
  "$@" --help 2>/dev/null </dev/null
}

_lmp_complete() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word words commands
  # The commands so far: words that are neither flags nor anything but a command of the one before.
  words=("${COMP_WORDS[0]}")
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    commands=$(_lmp_help "${words[@]}" | sed -n '/^Subcommands:/,$ { s/^  \([a-z][a-z-]*\).*/\1/p }')
    [ -n "$commands" ] || break
    ! grep -qxF -- "$word" <<<"$commands" || words+=("$word")
  done
  local help flag
  help=$(_lmp_help "${words[@]}")
  case $current in
    -*)
      # The flags of all commands are in the program's own help.
      local flags
      flags=$(printf '%s\n%s\n' "$help" "$(_lmp_help "${COMP_WORDS[0]}")" | grep -oE '^ +(-[a-z],)?--[a-z0-9,-]+' | tr -d ' ' | tr , '\n' | sort -u)
      mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
      ;;
    *)
      flag=$(grep -oE -- "(^|[ ,])$previous(,[^ ]+)? [A-Z|a-z=]+" <<<"$help" 2>/dev/null | head -n 1)
      case $flag in
        *\ FILE | *\ DIR) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        *)
          commands=$(sed -n '/^Subcommands:/,$ { s/^  \([a-z][a-z-]*\).*/\1/p }' <<<"$help")
          mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
          ;;
      esac
      ;;
  esac
}
complete -F _lmp_complete lmp lmp-server
