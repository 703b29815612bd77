//go:build unix && !linux

package fc

import "syscall"

// dieWithParent has no counterpart here; Close ends the process.
func dieWithParent(*syscall.SysProcAttr) {}
