package server

import (
	"context"
	"net"

	"google.golang.org/grpc/peer"

	"github.com/portcullis-ai/portcullis/batching"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// share makes a caller's texts take turns with those of other callers for the
// models, however many it sends at once. Without it every text has a turn of its
// own, and a stream of many crowds out a caller with one.
func (s *Server) share(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		return next(batching.WithFlow(ctx, batching.Flow{Key: caller(ctx)}), t)
	}
}

// caller names who shares one turn: the host that the connection comes from, so
// that more connections do not buy more turns. Callers behind one proxy share a
// turn, in which their texts still go round. It is empty, and every text has a
// turn to itself, where there is no address, as on some Unix sockets.
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
