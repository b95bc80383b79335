package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// client is all who call the service, the bad ones too.
type client struct {
	conn *grpc.ClientConn
	addr string
	book *book
}

// workers are what is done over and over, each by somebody of its own.
func (c *client) workers() []func(context.Context) {
	return []func(context.Context){
		c.call, c.call, c.call, c.call, c.converse, c.converse, c.write, c.write, c.stare, c.knock,
	}
}

// patience is how long this program waits for an answer of which it has said when it is
// due: much longer, as the machine is busy. None within it counts as a fault.
const patience = time.Minute

func (c *client) api() pb.ValidationServiceClient { return pb.NewValidationServiceClient(c.conn) }

// call sends one text, sometimes with little time, sometimes leaving early.
func (c *client) call(ctx context.Context) {
	s := draw()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if mathrand.IntN(10) == 0 { //nolint:gosec // no secret
		ctx, cancel = context.WithTimeout(ctx, time.Duration(1+mathrand.IntN(100))*time.Millisecond) //nolint:gosec // no secret
		defer cancel()
	}
	v, err := c.api().Validate(ctx, &pb.ValidateRequest{Text: s.text})
	c.note("call", s, v, err)
}

// note files what came for a text.
func (c *client) note(how string, s sample, v *pb.ValidateResponse, err error) {
	switch {
	case err != nil:
		c.refused(how, status.Code(err))
	case severity(v.GetDecision()) == 0 || severity(v.GetDecision()) > severity(s.mildest):
		c.book.fault("milder: %s, %s, %.40q", s.kind, v.GetDecision(), s.text)
	default:
		c.book.count(how + " " + v.GetDecision().String()[len("DECISION_"):])
	}
}

// refused files an error. Those that no load and no fault of ours explains are faults.
func (c *client) refused(how string, code codes.Code) {
	switch code {
	case codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled, codes.InvalidArgument:
		c.book.count(how + " " + code.String())
	default:
		c.book.fault("%s ended with %s", how, code)
	}
}

// converse sends texts on a stream and reads the answers; every third is killed on
// the way.
func (c *client) converse(ctx context.Context) {
	kill := mathrand.IntN(3) == 0 //nolint:gosec // no secret
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	stream, err := c.api().ValidateStream(ctx)
	if err != nil {
		c.refused("stream", status.Code(err))
		return
	}
	sent := make([]sample, 20)
	for i := range sent {
		sent[i] = draw()
		if err := stream.Send(&pb.ValidateStreamRequest{Id: strconv.Itoa(i), Request: &pb.ValidateRequest{Text: sent[i].text}}); err != nil {
			break // Recv tells why
		}
	}
	if kill {
		c.book.count("stream killed")
		return
	}
	_ = stream.CloseSend() // Recv tells
	c.listen(stream, sent)
}

// listen reads a stream to its end: every text has an answer by then.
func (c *client) listen(stream grpc.BidiStreamingClient[pb.ValidateStreamRequest, pb.ValidateStreamResponse], sent []sample) {
	for answered := 0; ; {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && answered == len(sent):
			return
		case err != nil:
			c.book.fault("a stream ended with %v after %d of %d answers", err, answered, len(sent))
			return
		}
		i, _ := strconv.Atoi(m.GetId())
		if r := m.GetRejection(); r != nil {
			answered++
			c.refused("stream", codes.Code(r.GetCode()))
		} else if v := m.GetVerdict(); v != nil {
			answered++
			c.note("stream", sent[i], v, nil)
		}
	}
}

// write sends a text as it is written. What is cleared never reaches the attack.
func (c *client) write(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	stream, err := c.api().ValidateOutput(ctx)
	if err != nil {
		c.refused("output", status.Code(err))
		return
	}
	_ = stream.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: &pb.ValidateOutputOpen{}}})
	at := 0
	for i := range 30 {
		text := fmt.Sprintf("It was day %d in Rome. ", mathrand.IntN(1<<30)) //nolint:gosec // no secret
		if i == 25 {
			text = attack + " "
		} else if i < 25 {
			at += len(text)
		}
		_ = stream.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: text}})
	}
	_ = stream.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_End{End: &pb.ValidateOutputEnd{}}})
	for {
		m, err := stream.Recv()
		if err != nil {
			c.refused("output", status.Code(err))
			return
		}
		if through := int(m.GetSafeThroughByte()); through > at {
			c.book.fault("milder: cleared through %d, the attack is at %d", through, at)
		}
		if v := m.GetVerdict(); v != nil {
			c.note("output", sample{"attack", attack, pb.Decision_DECISION_BLOCK}, v, nil)
			return
		}
	}
}

// stare sends texts and reads no answer.
func (c *client) stare(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	stream, err := c.api().ValidateStream(ctx)
	for i := 0; err == nil; i++ {
		err = stream.Send(&pb.ValidateStreamRequest{Id: strconv.Itoa(i), Request: &pb.ValidateRequest{Text: card}})
	}
	c.book.count("stream not read")
}

// knock sends what is no gRPC, or begins a connection and says nothing more.
func (c *client) knock(ctx context.Context) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.addr)
	if err != nil {
		if ctx.Err() == nil {
			c.book.fault("no connection: %v", err)
		}
		return
	}
	defer conn.Close() //nolint:errcheck // that is the point
	junk := make([]byte, 512)
	_, _ = rand.Read(junk)
	if mathrand.IntN(2) == 0 { //nolint:gosec // no secret
		junk = append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), junk...)
	}
	_, _ = conn.Write(junk)
	c.book.count("junk sent")
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}
