package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// conversation is one ValidateStream. Its own goroutine alone knows which texts
// are unfinished and alone sends. The handler's only watches it, since a Send that
// no client reads ends with the handler and not before. A third reads, and every
// unfinished text has one:
//
//	reader ──heard──▶ conversation ──starts──▶ text, text, text
//	client ◀──Send─── conversation ◀──said────── text, text, text
//
// When as many texts are unfinished as may be, it stops listening, so the reader
// stops reading and gRPC's flow control holds the client. The same happens when
// the client does not read its answers. Texts then keep no permit beyond their
// deadlines (offer), and a client that lets one Send wait for MaxDeadline loses
// the stream, so that what a client does not read is not kept for it for ever.
//
// What gRPC itself has buffered of such a stream, some 64 KiB, stays until the
// client reads it, resets the stream or loses the connection.
type conversation struct {
	server *Server
	stream grpc.BidiStreamingServer[pb.ValidateStreamRequest, pb.ValidateStreamResponse]
	ctx    context.Context // of the texts; ends with the conversation
	cancel context.CancelCauseFunc
	alarm  *time.Timer // runs while a Send does
	heard  chan message
	said   chan *pb.ValidateStreamResponse
	texts  sync.WaitGroup

	unfinished map[string]struct{} // by id
	halfClosed bool
	drain      <-chan struct{} // nil once draining has begun
}

type message struct {
	request  *pb.ValidateStreamRequest
	received time.Time
	err      error
}

// ValidateStream implements the contract; see conversation.
func (s *Server) ValidateStream(stream grpc.BidiStreamingServer[pb.ValidateStreamRequest, pb.ValidateStreamResponse]) error {
	c := s.newConversation(stream)
	ended := make(chan error, 1)
	s.talks.Go(func() { ended <- c.live() })
	s.talks.Go(c.read) // Recv returns only after this handler has
	select {
	case err := <-ended:
		return err
	case <-c.ctx.Done():
	}
	if errors.Is(context.Cause(c.ctx), errUnread) {
		return refusalOf(errUnread) // which ends the Send that live is stuck in
	}
	return <-ended
}

func (s *Server) newConversation(stream grpc.BidiStreamingServer[pb.ValidateStreamRequest, pb.ValidateStreamResponse]) *conversation {
	c := &conversation{
		server:     s,
		stream:     stream,
		heard:      make(chan message),
		said:       make(chan *pb.ValidateStreamResponse, s.cfg.StreamInFlight),
		unfinished: make(map[string]struct{}),
		drain:      s.accepting.Done(),
	}
	c.ctx, c.cancel = context.WithCancelCause(stream.Context())
	c.alarm = time.AfterFunc(s.cfg.MaxDeadline, func() { c.cancel(errUnread) })
	c.alarm.Stop()
	return c
}

// live runs the conversation and leaves nothing of it behind but its reader. It
// makes an error of a panic, as no interceptor guards its goroutine.
func (c *conversation) live() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.server.logPanic(c.ctx, p)
			err = refusalOf(errPanic)
		}
		c.cancel(nil)
		c.texts.Wait()
	}()
	return c.run()
}

// run returns nil when the client has half-closed and has every answer.
func (c *conversation) run() error {
	for {
		switch {
		case len(c.unfinished) > 0:
		case c.halfClosed:
			return nil
		case c.drain == nil:
			return refusalOf(errDraining)
		}
		if err := c.step(); err != nil {
			return err
		}
	}
}

func (c *conversation) step() error {
	select {
	case m := <-c.listening():
		return c.hear(m)
	case r := <-c.said:
		return c.say(r)
	case <-c.drain:
		c.drain = nil
		return nil
	case <-c.ctx.Done():
		return refusalOf(context.Cause(c.ctx))
	}
}

// listening is nil, which never gives a message, while there is no room for one.
func (c *conversation) listening() <-chan message {
	if c.halfClosed || len(c.unfinished) >= c.server.cfg.StreamInFlight {
		return nil
	}
	return c.heard
}

// hear starts work on a message. An error ends the stream.
func (c *conversation) hear(m message) error {
	switch {
	case errors.Is(m.err, io.EOF):
		c.halfClosed = true
		return nil
	case m.err != nil && !isRefusal(m.err):
		return m.err // gRPC's own status: the client has gone, or a message is too long
	}
	t := c.newText(m)
	if err := cmp.Or(m.err, c.checkID(m.request.GetId())); err != nil {
		return c.server.refuse(c.ctx, t, err)
	}
	c.unfinished[m.request.GetId()] = struct{}{}
	c.texts.Add(1)
	c.server.crew.Run(func() {
		defer c.texts.Done()
		c.answer(m.request.GetId(), t)
	})
	return nil
}

func (c *conversation) checkID(id string) error {
	if id == "" {
		return errEmptyID
	}
	if _, ok := c.unfinished[id]; ok {
		return errDuplicateID
	}
	return nil
}

func (c *conversation) newText(m message) *text {
	t := c.server.newText(c.ctx, pb.ValidationService_ValidateStream_FullMethodName, m.request.GetRequest())
	t.received = m.received
	t.message = m.request
	t.late = c.drain == nil
	t.emit = func(ctx context.Context, r guard.CheckReport) error {
		return c.offer(ctx, fromCheck(m.request.GetId(), t.request.GetText(), r, c.server.cfg.MaxFindings))
	}
	return t
}

// answer takes one text to its last message.
func (c *conversation) answer(id string, t *text) {
	r := &pb.ValidateStreamResponse{Id: id}
	verdict, err := c.server.road(c.ctx, t)
	if err != nil {
		r.Event = &pb.ValidateStreamResponse_Rejection{Rejection: refusalOf(err).rejection()}
	} else {
		r.Event = &pb.ValidateStreamResponse_Verdict{Verdict: verdict}
	}
	_ = c.tell(r) // fails only when nobody listens any more
}

// patience is how long a text waits to tell what one check found to a client that
// does not read. Longer, and a few such clients could hold every permit.
const patience = time.Second

// offer tells a partial result, on behalf of a text that holds a permit. While
// the client does not read, it waits for half of the time that ctx, the text's,
// has left, at most for patience. Then it drops the result, which the verdict
// repeats, so that a slow reader still gets its verdicts and one that never reads
// holds no permit past the deadline. An error means that the conversation is over.
func (c *conversation) offer(ctx context.Context, r *pb.ValidateStreamResponse) error {
	select {
	case c.said <- r:
		return nil
	default:
	}
	ctx, cancel := waiting(ctx)
	defer cancel()
	select {
	case c.said <- r:
	case <-ctx.Done():
	}
	return context.Cause(c.ctx) //nolint:contextcheck // of the conversation: a text out of time is no reason to fail it here
}

// waiting bounds a wait of offer. Every text has a deadline; see hurry.
func waiting(ctx context.Context) (context.Context, context.CancelFunc) {
	at, _ := ctx.Deadline()
	return context.WithTimeout(ctx, min(time.Until(at)/2, patience))
}

// tell hands the last message of a text to the conversation to send. It waits
// while the client does not read, at most until the conversation is over; so it
// MUST NOT be called with a permit held.
func (c *conversation) tell(r *pb.ValidateStreamResponse) error {
	select {
	case c.said <- r:
		return nil
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	}
}

// say sends a message. The id of a last one is free before the client can know.
// A Send that takes longer than MaxDeadline ends the conversation.
func (c *conversation) say(r *pb.ValidateStreamResponse) error {
	if r.GetCheck() == nil {
		delete(c.unfinished, r.GetId())
	}
	c.alarm.Reset(c.server.cfg.MaxDeadline)
	defer c.alarm.Stop()
	return c.stream.Send(r)
}

// read passes on what the client sends until the stream or the conversation ends.
func (c *conversation) read() {
	for {
		request, err := c.stream.Recv()
		select {
		case c.heard <- message{request, time.Now(), err}:
		case <-c.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}
