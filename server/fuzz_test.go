package server_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// wire sends bytes as the message, whatever they are, and gives back those that come.
type wire struct{}

func (wire) Name() string { return "proto" }

func (wire) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil //nolint:forcetypeassert // of this test
}

func (wire) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize() //nolint:forcetypeassert // of this test
	return nil
}

var _ encoding.CodecV2 = wire{}

// Whatever comes as a message, on any method, there is a verdict, or an error that is the
// sender's; the service goes on.
func FuzzMessages(f *testing.F) {
	whole := marshal(f, &pb.ValidateRequest{Text: "hello bad", Policy: "other", Context: &pb.RequestContext{AgentId: "a"}})
	streamed := marshal(f, &pb.ValidateStreamRequest{Id: "1", Request: &pb.ValidateRequest{Text: "hello"}})
	opened := marshal(f, &pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: &pb.ValidateOutputOpen{}}})
	for method := range callable {
		for _, seed := range [][]byte{whole, streamed, opened, {}, {0xff}, {0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}, {0x0a, 0x01, 0xff}} {
			f.Add(uint8(method), seed)
		}
	}
	s := start(f)
	f.Fuzz(func(t *testing.T, method uint8, message []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := s.exchange(ctx, callable[int(method)%len(callable)], message)
		switch status.Code(err) {
		case codes.OK, codes.InvalidArgument, codes.PermissionDenied, codes.ResourceExhausted:
		case codes.Internal: // the contract's word for what is not UTF-8, and the service's own that it failed
			wantError(t, err, codes.Internal, "TEXT_NOT_UTF8")
		default:
			t.Errorf("%v", err)
		}
		if v, err := s.Validate(ctx, &pb.ValidateRequest{Text: "hello"}); err != nil || v.GetDecision() != pb.Decision_DECISION_ALLOW {
			t.Fatalf("afterwards: %v, %v", v, err)
		}
	})
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var callable = []string{
	pb.ValidationService_Validate_FullMethodName, pb.ValidationService_ValidateStream_FullMethodName,
	pb.ValidationService_ValidateOutput_FullMethodName, pb.ValidationService_GetServerInfo_FullMethodName,
}

// exchange sends messages, closes its side, and reads to the end.
func (s *service) exchange(ctx context.Context, method string, messages ...[]byte) error {
	stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method, grpc.ForceCodecV2(wire{}))
	if err != nil {
		return err
	}
	for _, m := range messages {
		_ = stream.SendMsg(m) // RecvMsg tells why
	}
	_ = stream.CloseSend()
	for {
		var reply []byte
		if err := stream.RecvMsg(&reply); err != nil {
			if status.Code(err) == codes.Unknown && err.Error() == "EOF" {
				return nil
			}
			return err
		}
	}
}
