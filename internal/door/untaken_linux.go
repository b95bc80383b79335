package door

import (
	"net"
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT, which package syscall has no name for.
const tcpUserTimeout = 18

// giveUpAfter has the kernel end a connection whose peer has acknowledged nothing for so
// long of what it was sent, as a host that was switched off does. gRPC sets the same where
// it sees TCP, which it does not through a Conn. Where it cannot be set, maxWrite and gRPC's
// pings are left.
func giveUpAfter(c net.Conn, d time.Duration) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return // it has been closed
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(d.Milliseconds()))
	})
}
