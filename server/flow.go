package server

import (
	"context"
	"net"

	"google.golang.org/grpc/peer"

	"github.com/portcullis-ai/portcullis/batching"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// share gives a caller as much of the models as any other, however many texts it
// sends at once.
func (s *Server) share(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		return next(batching.WithFlow(ctx, batching.Flow{Key: caller(ctx)}), t)
	}
}

// caller names who shares one turn and one account of limits: the principal, and where
// nobody is asked who calls, the host.
func caller(ctx context.Context) string {
	if name := visitOf(ctx).principal.Name; name != "" {
		return name
	}
	return host(ctx)
}

// host is where the connection comes from, without the port, so that more connections
// do not buy more turns. Callers behind one proxy share a turn, in which the earliest
// deadline goes first, and so do those for whom it is empty, as there is no address on
// some Unix sockets.
func host(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(p.Addr.String())
	if err != nil {
		return p.Addr.String() // of a network without ports
	}
	return host
}
