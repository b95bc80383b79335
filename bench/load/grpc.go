package load

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Unary asks for a verdict in a call of its own. check is the name of the model's
// check, without which a verdict does not count: a service that fails is fast.
func Unary(conn *grpc.ClientConn, check string) Call {
	client := pb.NewValidationServiceClient(conn)
	return func(ctx context.Context, text string) Outcome {
		verdict, err := client.Validate(ctx, &pb.ValidateRequest{Text: text})
		if err != nil {
			return outcomeOf(status.Code(err))
		}
		return judged(verdict, check)
	}
}

func judged(v *pb.ValidateResponse, check string) Outcome {
	complete := func(r *pb.CheckReport) bool {
		return r.GetCheck() == check && r.GetState() == pb.CheckState_CHECK_STATE_COMPLETED
	}
	if slices.ContainsFunc(v.GetChecks(), complete) {
		return Judged
	}
	return Unseen
}

func outcomeOf(code codes.Code) Outcome {
	if code == codes.ResourceExhausted {
		return Refused
	}
	if code == codes.DeadlineExceeded {
		return Late
	}
	return Failed
}
