package load

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Streams sends texts over a few bidirectional streams, in turn.
type Streams struct {
	streams []*stream
	next    atomic.Uint64
	readers sync.WaitGroup
	cancel  context.CancelFunc
}

// stream is one of them. Answers come in any order, by id.
type stream struct {
	grpc    grpc.BidiStreamingClient[pb.ValidateStreamRequest, pb.ValidateStreamResponse]
	sending sync.Mutex // apart from mu: a Send may wait for the service, which may wait to be read
	mu      sync.Mutex // guards what follows
	waiting map[string]chan Outcome
	count   int
	ended   bool
}

// OpenStreams opens n. Close ends them.
func OpenStreams(ctx context.Context, conn *grpc.ClientConn, check string, n int) (*Streams, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &Streams{cancel: cancel}
	for range n {
		opened, err := pb.NewValidationServiceClient(conn).ValidateStream(ctx)
		if err != nil {
			s.Close()
			return nil, err
		}
		one := &stream{grpc: opened, waiting: make(map[string]chan Outcome)}
		s.streams = append(s.streams, one)
		s.readers.Go(func() { one.read(check) })
	}
	return s, nil
}

// Close ends the streams; whoever waits for an answer has none.
func (s *Streams) Close() {
	s.cancel()
	s.readers.Wait()
}

// Call is a Call.
func (s *Streams) Call(ctx context.Context, text string) Outcome {
	one := s.streams[s.next.Add(1)%uint64(len(s.streams))]
	id, answer, ok := one.send(text)
	if !ok {
		return Failed
	}
	select {
	case outcome := <-answer:
		return outcome
	case <-ctx.Done():
		one.forget(id)
		return Late
	}
}

func (s *stream) send(text string) (id string, answer chan Outcome, ok bool) {
	id, answer = s.expect()
	if answer == nil {
		return "", nil, false
	}
	s.sending.Lock()
	defer s.sending.Unlock()
	err := s.grpc.Send(&pb.ValidateStreamRequest{Id: id, Request: &pb.ValidateRequest{Text: text}})
	return id, answer, err == nil
}

// expect makes a place for an answer, none if the stream has ended.
func (s *stream) expect() (id string, answer chan Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return "", nil
	}
	s.count++
	id, answer = strconv.Itoa(s.count), make(chan Outcome, 1)
	s.waiting[id] = answer
	return id, answer
}

func (s *stream) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

// read hands out answers until the stream ends, and then failures.
func (s *stream) read(check string) {
	for {
		reply, err := s.grpc.Recv()
		if err != nil {
			s.end()
			return
		}
		switch {
		case reply.GetVerdict() != nil:
			s.answer(reply.GetId(), judged(reply.GetVerdict(), check))
		case reply.GetRejection() != nil:
			s.answer(reply.GetId(), outcomeOf(codes.Code(reply.GetRejection().GetCode())))
		}
	}
}

func (s *stream) answer(id string, o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waiting := s.waiting[id]; waiting != nil {
		waiting <- o
		delete(s.waiting, id)
	}
}

func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, waiting := range s.waiting {
		waiting <- Failed
	}
	clear(s.waiting)
}
