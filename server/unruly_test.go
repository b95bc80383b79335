package server_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// TestOutputOfUnrulyClients: whatever clients send, leave out, send twice or drop, a
// stream that they read ends with a verdict and OK or with an error and no verdict, and
// nothing of any is left.
func TestOutputOfUnrulyClients(t *testing.T) {
	s := start(t)
	var clients sync.WaitGroup
	for seed := range uint64(200) {
		clients.Go(func() {
			u := unruly{t: t, r: rand.New(rand.NewPCG(seed, 7))}
			u.talk(s, u.script())
		})
	}
	clients.Wait()
	waitFor(t, func() bool { return s.inFlight(0) && !running("(*dictation).") })
}

type unruly struct {
	t *testing.T
	r *rand.Rand
}

// script is a text in random chunks with its open and end, of which some messages are
// left out, repeated or exchanged.
func (u unruly) script() []*pb.ValidateOutputRequest {
	words := []string{"a word ", "", "👩‍👩‍👧‍👦 ", "中文。", "e\u0301\u0301 ", "dirty ", "clean words ", "bad "}
	all := []*pb.ValidateOutputRequest{{Payload: &pb.ValidateOutputRequest_Open{Open: &pb.ValidateOutputOpen{
		Origin: pb.Origin(u.r.IntN(6)), Policy: []string{"", "default", "other", "none", "rewrites"}[u.r.IntN(5)],
	}}}}
	for range u.r.IntN(40) {
		chunk := words[u.r.IntN(len(words))]
		if _, size := utf8.DecodeRuneInString(chunk); u.r.IntN(2) == 0 {
			chunk = chunk[:size] // and the rest of what is joined with it never comes
		}
		all = append(all, &pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: chunk}})
	}
	all = append(all, &pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_End{End: &pb.ValidateOutputEnd{}}})
	i, j := u.r.IntN(len(all)), u.r.IntN(len(all))
	switch u.r.IntN(8) {
	case 0:
		all = append(all[:i], all[i+1:]...)
	case 1:
		all = append(all, all[i])
	case 2:
		all[i], all[j] = all[j], all[i]
	case 3:
		all = all[:i]
	case 4:
		all[i] = &pb.ValidateOutputRequest{}
	}
	return all
}

// talk sends the script, and reads unless the client leaves.
func (u unruly) talk(s *service, script []*pb.ValidateOutputRequest) {
	ctx, cancel := context.WithTimeout(u.t.Context(), time.Minute)
	defer cancel()
	stream, err := s.ValidateOutput(ctx)
	if err != nil {
		u.t.Error(err)
		return
	}
	leaves := u.r.IntN(5) == 0
	for _, m := range script {
		if stream.Send(m) != nil {
			break // the stream has ended, and Recv tells how
		}
	}
	if leaves {
		return
	}
	_ = stream.CloseSend()
	u.read(stream)
}

func (u unruly) read(stream pb.ValidationService_ValidateOutputClient) {
	var verdict *pb.ValidateResponse
	through := uint32(0)
	for {
		r, err := stream.Recv()
		if err != nil {
			if errors.Is(err, io.EOF) != (verdict != nil) {
				u.t.Errorf("ended with %v, verdict %v", err, verdict)
			}
			return
		}
		if verdict != nil || r.GetSafeThroughByte() < through {
			u.t.Errorf("%v after %d, verdict %v", r, through, verdict)
		}
		verdict, through = r.GetVerdict(), r.GetSafeThroughByte()
	}
}
