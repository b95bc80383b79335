package server

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// dictation is one ValidateOutput. One goroutine reads, one takes the text down the
// road that all texts go, and one sends; the handler's own watches, as that of a
// conversation does, since a Send that no client reads ends with the handler.
//
//	reader ──chunks──▶ text ──mailbox──▶ sender ──Send──▶ client
//
// The text holds a permit, so it never waits for the client to read: what there is
// to tell is put together in the mailbox until it can be sent. It does wait for the
// client to write, at most as Output says.
type dictation struct {
	server  *Server
	stream  grpc.BidiStreamingServer[pb.ValidateOutputRequest, pb.ValidateOutputResponse]
	ctx     context.Context // of the text; its cause tells what the client did wrong
	cancel  context.CancelCauseFunc
	alarm   *time.Timer // runs while a Send does
	opened  chan *pb.ValidateOutputOpen
	chunks  chan string
	mailbox mailbox
}

// ValidateOutput implements the contract; see dictation.
func (s *Server) ValidateOutput(stream grpc.BidiStreamingServer[pb.ValidateOutputRequest, pb.ValidateOutputResponse]) error {
	d := &dictation{server: s, stream: stream, opened: make(chan *pb.ValidateOutputOpen), chunks: make(chan string), mailbox: newMailbox(s.cfg.MaxFindings)}
	d.ctx, d.cancel = context.WithCancelCause(stream.Context())
	defer d.cancel(nil)
	d.alarm = time.AfterFunc(s.cfg.MaxDeadline, func() { d.cancel(errUnread) })
	d.alarm.Stop()
	s.talks.Go(d.read) // Recv returns only after this handler has
	open, err := d.open()
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	s.talks.Go(func() { d.judge(open) })
	s.talks.Go(func() { ended <- d.send() })
	select {
	case err := <-ended:
		return err
	case <-d.ctx.Done():
	}
	if errors.Is(context.Cause(d.ctx), errUnread) {
		return refusalOf(errUnread) // which ends the Send that is stuck
	}
	return <-ended
}

// open waits for the opening. No text has begun, so none is refused or recorded.
func (d *dictation) open() (*pb.ValidateOutputOpen, error) {
	select {
	case o := <-d.opened:
		return o, nil
	case <-d.server.accepting.Done():
		return nil, refusalOf(errDraining)
	case <-d.ctx.Done():
		return nil, refusalOf(context.Cause(d.ctx))
	}
}

// read passes on what the client sends, until it ends the text or does what it must
// not; then the context says what.
func (d *dictation) read() {
	if err := d.transcribe(); err != nil {
		d.cancel(err)
	}
}

func (d *dictation) transcribe() error {
	m, err := d.recv()
	switch {
	case errors.Is(err, io.EOF) || err == nil && m.GetOpen() == nil:
		return errNotOpened
	case err != nil:
		return unreadable(err)
	}
	if !hand(d.ctx, d.opened, m.GetOpen()) {
		return nil
	}
	for {
		switch m, err := d.recv(); p := m.GetPayload().(type) {
		case *pb.ValidateOutputRequest_Chunk:
			if !hand(d.ctx, d.chunks, p.Chunk) {
				return nil
			}
		case *pb.ValidateOutputRequest_End:
			close(d.chunks)
			return d.nothingMore()
		case *pb.ValidateOutputRequest_Open:
			return errOpenedTwice
		default:
			return missing(err)
		}
	}
}

// recv waits for a message, at most as long as a writer may be silent.
func (d *dictation) recv() (*pb.ValidateOutputRequest, error) {
	silence := time.AfterFunc(d.server.cfg.Output.MaxIdle, func() { d.cancel(errIdle) })
	defer silence.Stop()
	return d.stream.Recv()
}

// nothingMore waits for the client to close its side.
func (d *dictation) nothingMore() error {
	_, err := d.stream.Recv()
	switch {
	case err == nil:
		return errAfterEnd
	case errors.Is(err, io.EOF):
		return nil
	}
	return unreadable(err)
}

// missing tells why there was neither a chunk nor an end.
func missing(err error) error {
	switch {
	case err == nil:
		return errNoPayload
	case errors.Is(err, io.EOF):
		return errNotEnded
	}
	return unreadable(err)
}

// unreadable tells why a message could not be read: what it holds is none, the client has
// gone, or gRPC did not take it. Of the last gRPC has told the client in its own words, as
// Recv does before it returns; this is what is recorded.
func unreadable(err error) error {
	if isRefusal(err) {
		return err
	}
	switch status.Code(err) {
	case codes.Internal:
		return errMalformed
	case codes.ResourceExhausted:
		return errTooBig
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	default:
		return context.Canceled
	}
}

// hand gives v to whoever listens. It is false if nobody does any more.
func hand[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// judge takes the text to its verdict.
func (d *dictation) judge(open *pb.ValidateOutputOpen) {
	t := d.server.newText(d.ctx, pb.ValidationService_ValidateOutput_FullMethodName, fromOpen(open))
	t.message, t.life = open, d.server.cfg.Output.MaxTime
	within := d.server.allowed(d.ctx)
	t.engine = func(ctx context.Context, e *guard.Engine, report func(guard.CheckReport) error) (r guard.Result, err error) {
		g := toGrowing(t.request, d.chunks)
		g.Within, g.Progress, g.Report = within, d.mailbox.progress, report
		t.request.Text, r, err = e.ValidateGrowing(ctx, g)
		return r, err
	}
	verdict, err := d.server.road(d.ctx, t)
	d.mailbox.close(t.request.GetText(), verdict, err)
}

// send empties the mailbox until it has sent the verdict, or there is none to send.
func (d *dictation) send() error {
	for range d.mailbox.news {
		r, last, err := d.mailbox.take()
		if err != nil {
			return err
		}
		if r == nil {
			continue // it came while the one before was taken
		}
		if err := d.say(r); err != nil {
			err = d.unsendable(err)
			d.cancel(err)
			return refusalOf(err)
		}
		if last {
			return nil
		}
	}
	return nil
}

// unsendable tells why gRPC could not send: the client or its connection has gone, or
// its time is up, which gRPC may know before the stream's context ends, or after; anything
// else must not happen, and says what it is.
func (d *dictation) unsendable(err error) error {
	if ended := d.stream.Context().Err(); ended != nil {
		return ended
	}
	switch status.Code(err) {
	case codes.Canceled, codes.Unavailable:
		return context.Canceled
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	default:
		return err
	}
}

// say sends a message. A Send that takes longer than MaxDeadline ends the dictation.
func (d *dictation) say(r *pb.ValidateOutputResponse) error {
	d.alarm.Reset(d.server.cfg.MaxDeadline)
	defer d.alarm.Stop()
	return d.stream.Send(r)
}
