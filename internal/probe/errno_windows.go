package probe

import (
	"errors"
	"syscall"
)

// The errors of Winsock, whose numbers package syscall does not name.
const (
	addressNotAvailable = syscall.Errno(10049)
	networkUnreachable  = syscall.Errno(10051)
	connectionReset     = syscall.Errno(10054) // over UDP: nothing listens
	connectionRefused   = syscall.Errno(10061)
	hostUnreachable     = syscall.Errno(10065)
)

// refused reports whether the other side said that nothing listens.
func refused(err error) bool {
	return errors.Is(err, connectionRefused) || errors.Is(err, connectionReset)
}

// unreachable reports whether this side has no way to the other.
func unreachable(err error) bool {
	return errors.Is(err, networkUnreachable) || errors.Is(err, hostUnreachable) || errors.Is(err, addressNotAvailable)
}
