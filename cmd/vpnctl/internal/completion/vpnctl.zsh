#compdef vpnctl
# Completion of vpnctl in zsh. In ~/.zshrc, after compinit:
#
#   source <(vpnctl completion zsh)

_vpnctl() {
  local -a candidates open
  local line word
  for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) _files; return ;;
      :nospace) open=(-S '') ;;
      '') ;;
      *)
        word=${line%%$'\t'*}
        candidates+=("${word//:/\\:}:${line#*$'\t'}")
        ;;
    esac
  done
  _describe vpnctl candidates "${open[@]}"
}

if [[ $funcstack[1] == _vpnctl ]]; then
  _vpnctl "$@"
else
  compdef _vpnctl vpnctl
fi
