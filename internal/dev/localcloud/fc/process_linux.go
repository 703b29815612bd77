package fc

import "syscall"

// dieWithParent has the kernel end the process when the emulator ends without
// Close: an orphan would poll a closed port in a tight loop.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
