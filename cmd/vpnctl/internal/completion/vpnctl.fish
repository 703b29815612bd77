# Completion of vpnctl in fish. In ~/.config/fish/config.fish:
#
#   vpnctl completion fish | source

function __vpnctl_answer
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete -- $words[2..-1] $current 2>/dev/null
end

function __vpnctl_files
    __vpnctl_answer | string match -q ':files'
end

complete -c vpnctl -f -a '(__vpnctl_answer | string match -v ":*")'
complete -c vpnctl -n __vpnctl_files -F
