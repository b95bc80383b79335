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

// caller names who shares one turn: the host that the connection comes from, so
// that more connections do not buy more turns. Callers behind one proxy share a
// turn, in which the earliest deadline goes first, and so do those for whom it is empty,
// as there is no address on some Unix sockets.
func caller(ctx context.Context) string {
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
