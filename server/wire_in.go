package server

import (
	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// toRequest maps a request that has passed Validate.
func toRequest(r *pb.ValidateRequest) guard.Request {
	return guard.Request{Text: r.GetText(), Policy: r.GetPolicy(), Meta: toMeta(r)}
}

func toMeta(r *pb.ValidateRequest) guard.Meta {
	m := guard.Meta{
		TokenLimit: int(r.GetTokenLimit()),
		DetectOnly: r.GetDetectOnly(),
		Labels:     r.GetContext().GetAnnotations(),
	}
	if r.GetDirection() == pb.Direction_DIRECTION_OUTPUT {
		m.Direction = guard.Output
	}
	m.Origin = toOrigin(r.GetOrigin(), m.Direction)
	return m
}

// toOrigin takes a text whose writer is not named to be the user's when it
// enters the agent and the model's when it leaves.
func toOrigin(o pb.Origin, d guard.Direction) guard.Origin {
	switch o {
	case pb.Origin_ORIGIN_UNSPECIFIED:
	case pb.Origin_ORIGIN_USER:
		return guard.OriginUser
	case pb.Origin_ORIGIN_TOOL:
		return guard.OriginTool
	case pb.Origin_ORIGIN_DOCUMENT:
		return guard.OriginDocument
	case pb.Origin_ORIGIN_MODEL:
		return guard.OriginModel
	case pb.Origin_ORIGIN_SYSTEM:
		return guard.OriginSystem
	}
	if d == guard.Output {
		return guard.OriginModel
	}
	return guard.OriginUser
}

// fromOpen makes a request of an opening; its text is still to come.
func fromOpen(o *pb.ValidateOutputOpen) *pb.ValidateRequest {
	return &pb.ValidateRequest{
		Direction: pb.Direction_DIRECTION_OUTPUT, Origin: o.GetOrigin(), Policy: o.GetPolicy(),
		TokenLimit: o.GetTokenLimit(), Context: o.GetContext(), DetectOnly: o.GetDetectOnly(),
	}
}

// toGrowing maps a request whose text comes in chunks.
func toGrowing(r *pb.ValidateRequest, chunks <-chan string) guard.Growing {
	return guard.Growing{Policy: r.GetPolicy(), Meta: toMeta(r), Chunks: chunks}
}
