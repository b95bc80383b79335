package server

import (
	"context"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/build"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Validate implements the contract.
func (s *Server) Validate(ctx context.Context, r *pb.ValidateRequest) (*pb.ValidateResponse, error) {
	t := s.newText(ctx, pb.ValidationService_Validate_FullMethodName, r)
	return s.road(ctx, t)
}

func (s *Server) newText(ctx context.Context, method string, r *pb.ValidateRequest) *text {
	v := visitOf(ctx)
	t := &text{id: s.newID(), requestID: v.requestID, principal: v.principal.Name, caller: v.caller(), method: method, received: time.Now(), request: r, message: r}
	t.engine = t.whole
	return t
}

// whole judges a text that came in one piece.
func (t *text) whole(ctx context.Context, e *guard.Engine, report func(guard.CheckReport) error) (guard.Result, error) {
	return e.Validate(ctx, toRequest(t.request), report)
}

// GetServerInfo implements the contract.
func (s *Server) GetServerInfo(context.Context, *pb.GetServerInfoRequest) (*pb.GetServerInfoResponse, error) {
	loaded, release := s.acquire()
	defer release()
	out := &pb.GetServerInfoResponse{
		Version:       build.Version(),
		MaxTextBytes:  uint32(loaded.Engine.MaxTextBytes()),
		Checks:        loaded.Engine.Checks(),
		ReloadRefused: s.refused.Load(),
		TokenEncoding: loaded.TokenEncoding,
	}
	for _, p := range loaded.Engine.Policies() {
		out.Policies = append(out.Policies, &pb.PolicyInfo{Name: p.Name, Digest: p.Digest, IsDefault: p.Default})
	}
	for _, m := range loaded.Models {
		out.Models = append(out.Models, &pb.ModelInfo{
			Name: m.Name, Digest: m.Digest, ExecutionProvider: m.Provider, Device: m.Device,
			Labels: m.Labels, WindowTokens: uint32(m.WindowTokens),
		})
	}
	return out, nil
}
