//go:build !windows

package probe

import (
	"errors"
	"syscall"
)

// refused reports whether the other side said that nothing listens.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// unreachable reports whether this side has no way to the other.
func unreachable(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL)
}
