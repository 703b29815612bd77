//go:build unix

package folder

import (
	"os"
	"syscall"
)

// lockFile fails if another process has locked the file. The lock ends with the process.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// unlockFile ends the lock also where a process that is just being started still has
// the file open.
func unlockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
