package server_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Whatever comes on a connection in HTTP/2's place, the others get their verdicts, and no
// call is counted that is none any more.
func FuzzFrames(f *testing.F) {
	f.Add(framed(func(fr *http2.Framer, block []byte) error {
		return fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndHeaders: true})
	}))
	f.Add(framed(func(fr *http2.Framer, block []byte) error {
		if err := fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndHeaders: true}); err != nil {
			return err
		}
		return fr.WriteData(1, true, message(2, 2))
	}))
	f.Add(framed(func(fr *http2.Framer, _ []byte) error { return fr.WritePing(false, [8]byte{}) }))
	s := start(f)
	addr := s.loopback(f)
	f.Fuzz(func(t *testing.T, frames []byte) {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write(append([]byte(http2.ClientPreface), frames...)) // which the server may have ended
		_ = conn.(*net.TCPConn).CloseWrite()                              //nolint:forcetypeassert // dialled as one
		_, _ = io.Copy(io.Discard, conn)                                  // until it has
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if v, err := s.Validate(ctx, &pb.ValidateRequest{Text: "hello"}); err != nil || v.GetDecision() != pb.Decision_DECISION_ALLOW {
			t.Fatalf("afterwards: %v, %v", v, err)
		}
		waitFor(t, func() bool { return s.openCalls(0) })
	})
}

// framed is what a client sends after its preface, with the headers of a call at hand.
func framed(write func(fr *http2.Framer, block []byte) error) []byte {
	var out, block bytes.Buffer
	e, fr := hpack.NewEncoder(&block), http2.NewFramer(&out, nil)
	for _, field := range []hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":path", Value: validate},
		{Name: ":authority", Value: "x"},
		{Name: "content-type", Value: "application/grpc"},
	} {
		if err := e.WriteField(field); err != nil {
			panic(err)
		}
	}
	if err := fr.WriteSettings(); err != nil {
		panic(err)
	}
	if err := write(fr, block.Bytes()); err != nil {
		panic(err)
	}
	return out.Bytes()
}
