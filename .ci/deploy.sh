#!/usr/bin/env bash
# Runs a command, such as "s deploy", with the settings of a file in the
# environment, or creates the file.
#
#   .ci/deploy.sh init <file>             create the file, with a fresh secret
#   .ci/deploy.sh run <file> <command…>   check the file and run the command
#
# A variable that is unset would be deployed as empty or as its default, and the
# running function would lose a secret, a bot or its record bucket. So the file
# must name every variable that s.yaml reads, and the shell's own variables do
# not count. A line is NAME=value; the value is taken as it is, without quotes.
set -euo pipefail
cd "$(dirname "$0")/.."

verb=${1:?init or run}
file=${2:?the file with the settings}
shift 2

# Every variable that s.yaml reads, with its default.
variables() { sed -nE "s/^[^#]*\\$\{env\('([A-Z_]+)'(, '([^']*)')?\)\}.*/\1=\3/p" s.yaml; }

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

init() {
  [ ! -e "$file" ] || fail "$file exists: it holds the only copy of its secrets. Edit it, or move it away."
  umask 077
  secret=whsec_$(head -c 32 /dev/urandom | base64)
  {
    echo "# Settings of the deployed function. Keep this file: nothing else shows the secrets again."
    echo "# A value is taken as it is, without quotes. README.md describes the variables."
    variables | sed -e "s|^WEBHOOK_SECRETS=.*|WEBHOOK_SECRETS=bot=$secret|"
  } >"$file"
  echo "$file created, with a secret for the sender \"bot\". Set CHANGE_BUCKET and what else you need in it."
}

run() {
  [ -f "$file" ] || fail "There is no $file. A deployment without it would empty the function's variables." \
    "Create it with \"make deploy-settings\", or take the file of the last deployment."
  names=()
  number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    line=${line%$'\r'}
    case $line in '' | '#'*) continue ;; esac
    name=${line%%=*}
    value=${line#*=}
    [[ $line == *=* && $name =~ ^[A-Z_]+$ ]] || fail "$file, line $number: not of the form NAME=value."
    case $value in [\"\']*) fail "$file, line $number: $name begins with a quote. Values are taken as they are: remove the quotes." ;; esac
    [[ " ${names[*]-} " != *" $name "* ]] || fail "$file, line $number: $name is there twice. Remove one of the lines."
    variables | grep -q "^$name=" || fail "$file, line $number: s.yaml reads no variable $name. Correct the name, or remove the line."
    names+=("$name")
    export "$name=$value"
  done <"$file"
  missing=()
  for v in $(variables | cut -d= -f1); do
    [[ " ${names[*]-} " == *" $v "* ]] || missing+=("$v")
  done
  [ ${#missing[@]} -eq 0 ] || fail "$file does not set ${missing[*]}. An unset variable would be deployed as empty or as its default." \
    "Add a line for each, such as \"${missing[0]}=\" for an empty value."
  [ -n "$CHANGE_BUCKET" ] || fail "$file: CHANGE_BUCKET is empty. Enter the bucket's name."
  "$@"
}

case $verb in
init) init ;;
run) run "$@" ;;
*) fail "unknown verb $verb" ;;
esac
