package door

import (
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"
)

// The kernel, too, gives up a peer that acknowledges nothing.
func TestAPeerThatIsGoneIsGivenUp(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in := New(Limits{Connections: 1}, slog.New(slog.DiscardHandler)).Listen(l)
	defer in.Close()
	there, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	here, err := in.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	raw, err := here.(*Conn).Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var got int
	var failed error
	if err := raw.Control(func(fd uintptr) { got, failed = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	if d := time.Duration(got) * time.Millisecond; d != maxWrite {
		t.Errorf("given up after %s", d)
	}
}
