//go:build unix

package fc

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own, so that it and what it
// starts can be ended together, and a Ctrl-C at the terminal reaches the
// emulator only.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
}

func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // fails only when it is gone
}

func freezeGroup(cmd *exec.Cmd, on bool) error {
	sig := syscall.SIGCONT
	if on {
		sig = syscall.SIGSTOP
	}
	return syscall.Kill(-cmd.Process.Pid, sig)
}
