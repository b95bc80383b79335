package server

import (
	"context"

	"github.com/portcullis-ai/portcullis/batching"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// share gives a caller as much of the models as any other, however many texts it
// sends at once.
func (s *Server) share(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		return next(batching.WithFlow(ctx, batching.Flow{Key: t.caller}), t)
	}
}
