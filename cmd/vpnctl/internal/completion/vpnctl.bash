# Completion of vpnctl in bash. In ~/.bashrc:
#
#   source <(vpnctl completion bash)

_vpnctl() {
  local words=() n=0 i line part
  # Bash makes words of their own of "=" and ":"; here they belong to their words.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    part=${COMP_WORDS[i]}
    if ((n > 0)) && { [[ $part == [=:]* ]] || [[ ${COMP_WORDS[i - 1]} == *[=:] ]]; }; then
      words[n - 1]+=$part
    else
      words[n]=$part
      ((n++))
    fi
  done
  local current=${words[n - 1]} kept=
  if [[ $current == *[=:]* ]]; then
    kept=${current%"${current##*[=:]}"} # it stays as it is
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default 2>/dev/null ;;
      :nospace) compopt -o nospace 2>/dev/null ;;
      *)
        line=${line%%$'\t'*}
        COMPREPLY+=("${line#"$kept"}")
        ;;
    esac
  done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete -- "${words[@]}" 2>/dev/null)
}

complete -F _vpnctl vpnctl
