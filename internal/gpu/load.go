package gpu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Load sends texts over streams, each with so many unanswered at a time: a closed
// loop, whose latencies are those of a service that is kept that busy.
type Load struct {
	Conn            *grpc.ClientConn
	Streams, Window int
	// Answered, where it is set, counts the outcomes as they come.
	Answered *atomic.Int64
}

// Outcome is what became of the texts of a load. What has neither a verdict nor a
// rejection has no outcome: its caller must not let the text pass.
type Outcome struct {
	Sent     int
	Verdicts []*pb.ValidateResponse
	Rejected []*pb.Rejection
	Took     []time.Duration // from sending a text to its verdict, ascending
	Elapsed  time.Duration
	Ended    []error // of streams that did not end with OK
}

// Run sends all texts, or as many as the streams live to take. It returns when every
// stream has ended.
func (l Load) Run(ctx context.Context, texts []string) Outcome {
	var total Outcome
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for i := range l.Streams {
		wg.Go(func() {
			part := l.stream(ctx, texts[i*len(texts)/l.Streams:(i+1)*len(texts)/l.Streams])
			mu.Lock()
			defer mu.Unlock()
			total.add(part)
		})
	}
	wg.Wait()
	total.Elapsed = time.Since(began)
	slices.Sort(total.Took)
	return total
}

func (o *Outcome) add(part Outcome) {
	o.Sent += part.Sent
	o.Verdicts = append(o.Verdicts, part.Verdicts...)
	o.Rejected = append(o.Rejected, part.Rejected...)
	o.Took = append(o.Took, part.Took...)
	o.Ended = append(o.Ended, part.Ended...)
}

// Unanswered is how many texts have no outcome.
func (o *Outcome) Unanswered() int { return o.Sent - len(o.Verdicts) - len(o.Rejected) }

// flight is one stream under way.
type flight struct {
	stream grpc.BidiStreamingClient[pb.ValidateStreamRequest, pb.ValidateStreamResponse]
	load   Load
	room   chan struct{} // a place for each text in flight
	began  time.Time
	sent   []atomic.Int64 // when each text was sent, in nanoseconds after began
	count  int            // of texts that were sent
}

func (l Load) stream(ctx context.Context, texts []string) Outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := pb.NewValidationServiceClient(l.Conn).ValidateStream(ctx)
	if err != nil {
		return Outcome{Ended: []error{err}}
	}
	f := &flight{stream: stream, load: l, room: make(chan struct{}, l.Window), began: time.Now(), sent: make([]atomic.Int64, len(texts))}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.send(ctx, texts)
	}()
	out := f.receive()
	cancel() // where the stream ended early, send has nobody to wait for
	<-done
	out.Sent = f.count
	return out
}

// send sends until all is sent or the stream is over; receive learns why.
func (f *flight) send(ctx context.Context, texts []string) {
	for i, text := range texts {
		select {
		case f.room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		f.sent[i].Store(int64(time.Since(f.began)))
		request := &pb.ValidateStreamRequest{Id: strconv.Itoa(i), Request: &pb.ValidateRequest{Text: text}}
		if f.stream.Send(request) != nil {
			return
		}
		f.count++
	}
	_ = f.stream.CloseSend()
}

func (f *flight) receive() (out Outcome) {
	for {
		reply, err := f.stream.Recv()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			out.Ended = append(out.Ended, err)
			return out
		}
		if err := f.file(&out, reply); err != nil {
			out.Ended = append(out.Ended, err)
			return out
		}
	}
}

// file adds one reply to the outcome.
func (f *flight) file(out *Outcome, reply *pb.ValidateStreamResponse) error {
	switch {
	case reply.GetVerdict() != nil:
		out.Verdicts = append(out.Verdicts, reply.GetVerdict())
	case reply.GetRejection() != nil:
		out.Rejected = append(out.Rejected, reply.GetRejection())
	default:
		return nil // a part of the answer
	}
	i, err := strconv.Atoi(reply.GetId())
	if err != nil || i >= len(f.sent) {
		return fmt.Errorf("an answer to %q, which was not sent", reply.GetId())
	}
	out.Took = append(out.Took, time.Since(f.began)-time.Duration(f.sent[i].Load()))
	if f.load.Answered != nil {
		f.load.Answered.Add(1)
	}
	<-f.room
	return nil
}
