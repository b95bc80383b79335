package server

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// conversation is one ValidateStream. Its own goroutine, the handler's, alone
// knows which texts are unfinished and alone sends. A second goroutine reads, and
// every unfinished text has one:
//
//	reader ──heard──▶ conversation ──starts──▶ text, text, text
//	client ◀──Send─── conversation ◀──said────── text, text, text
//
// When as many texts are unfinished as may be, it stops listening, so the reader
// stops reading and gRPC's flow control holds the client. The same happens when
// the client does not read its answers.
type conversation struct {
	server *Server
	stream grpc.BidiStreamingServer[pb.ValidateStreamRequest, pb.ValidateStreamResponse]
	ctx    context.Context // of the texts; ends with the conversation
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
	ctx, cancel := context.WithCancel(stream.Context())
	c := &conversation{
		server:     s,
		stream:     stream,
		ctx:        ctx,
		heard:      make(chan message),
		said:       make(chan *pb.ValidateStreamResponse, s.cfg.StreamInFlight),
		unfinished: make(map[string]struct{}),
		drain:      s.accepting.Done(),
	}
	s.readers.Go(c.read) // not waited for here: Recv returns only after this handler has
	defer c.texts.Wait()
	defer cancel()
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
	case m.err != nil:
		return m.err // gRPC's own status: the client has gone, or the codec refused
	}
	t := c.newText(m)
	if err := c.checkID(m.request.GetId()); err != nil {
		return c.server.refuse(c.ctx, t, err)
	}
	c.unfinished[m.request.GetId()] = struct{}{}
	c.texts.Go(func() { c.answer(m.request.GetId(), t) })
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
	t.emit = func(r *pb.CheckResult) error {
		return c.tell(&pb.ValidateStreamResponse{Id: m.request.GetId(), Event: &pb.ValidateStreamResponse_Check{Check: r}})
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

// tell hands a message to the conversation to send. It waits while the client
// does not read, at most until the conversation is over.
func (c *conversation) tell(r *pb.ValidateStreamResponse) error {
	select {
	case c.said <- r:
		return nil
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	}
}

// say sends a message. The id of a last one is free before the client can know.
func (c *conversation) say(r *pb.ValidateStreamResponse) error {
	if r.GetCheck() == nil {
		delete(c.unfinished, r.GetId())
	}
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
