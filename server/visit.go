package server

import (
	"context"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/portcullis-ai/portcullis/internal/auth"
)

// visit is what is known of one call. The interceptors write it, before the handler
// begins; whoever has the call's context reads it.
type visit struct {
	requestID string
	peer      string // where the connection comes from, with the port
	principal auth.Principal
	refused   auth.Reason // why the call was not let in
	read      time.Time   // when the message of a call of one message was there
}

// since is how long ago the message was there, or began where there is no such message:
// how fast a client sends is not the server's.
func (v *visit) since(began time.Time) time.Duration {
	if v.read.IsZero() {
		return time.Since(began)
	}
	return time.Since(v.read)
}

// header tells the caller the id of its call.
func (v *visit) header() metadata.MD { return metadata.Pairs(requestIDHeader, v.requestID) }

type visitKey struct{}

// visitOf returns the call's, or that of a call of which only is known where it comes from.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{peer: peerOf(ctx)}
}

func requestID(ctx context.Context) string { return visitOf(ctx).requestID }

// caller names who shares one turn and one account of limits: the principal, and where
// nobody is asked who calls, the host.
func (v *visit) caller() string {
	if v.principal.Name != "" {
		return v.principal.Name
	}
	return v.host()
}

// host is where the connection comes from, without the port, so that more connections
// do not buy more turns. Callers behind one proxy share a turn, in which the earliest
// deadline goes first, and so do those for whom it is empty, as there is no address on
// some Unix sockets.
func (v *visit) host() string {
	host, _, err := net.SplitHostPort(v.peer)
	if err != nil {
		return v.peer // of a network without ports
	}
	return host
}

// peerOf is where the connection of a call comes from, with the port; empty if that is
// not known.
func peerOf(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		return p.Addr.String()
	}
	return ""
}

// fields adds those of a line of the log to attrs.
func (v *visit) fields(attrs []slog.Attr) []slog.Attr {
	attrs = append(attrs, slog.String("request_id", v.requestID))
	if v.principal.Name != "" {
		attrs = append(attrs, slog.String("principal", v.principal.Name))
	}
	if v.refused != "" {
		attrs = append(attrs, slog.String("refused", string(v.refused)))
	}
	return attrs
}
