package door

import (
	"log/slog"
	"net"
	"testing"
	"time"
)

// A connection that cannot be written to is closed, so that whoever reads it sees it too:
// gRPC's writer only ends.
func TestAWriteThatFailsClosesTheConnection(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	d := New(Limits{Connections: 1}, slog.New(slog.DiscardHandler))
	c := d.admit(here)
	failed := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		failed <- err
	}()
	_ = there.Close()
	<-failed
	if _, err := c.Write([]byte("x")); err == nil {
		t.Fatal("it was written to nobody")
	}
	if s := d.Stats(); s.Open != 0 {
		t.Errorf("%d connections are open", s.Open)
	}
	if err := c.SetReadDeadline(time.Now()); err == nil {
		t.Error("it is not closed")
	}
}
