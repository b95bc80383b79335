package server_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

const (
	validate = pb.ValidationService_Validate_FullMethodName
	converse = pb.ValidationService_ValidateStream_FullMethodName
)

func (s *service) openCalls(n int) bool {
	return strings.Contains(s.metrics(), fmt.Sprintf("portcullis_calls_open %d\n", n))
}

// Whichever way a call ends, its place is free afterwards: after several times as many
// calls as may be open at a time, there are none, and one more gets its verdict.
func TestPlacesComeBack(t *testing.T) {
	ways := map[string]func(c *rawClient){
		"reset at once": func(c *rawClient) { c.must(c.frames.WriteRSTStream(c.call(converse), http2.ErrCodeCancel)) },
		"reset within a message": func(c *rawClient) {
			id := c.call(validate)
			c.must(c.frames.WriteData(id, false, message(1000, 10)))
			c.must(c.frames.WriteRSTStream(id, http2.ErrCodeCancel))
		},
		"unknown method":  func(c *rawClient) { c.call("/portcullis.v1.ValidationService/Nothing") },
		"unknown service": func(c *rawClient) { c.call("/nobody/Nothing") },
		"no method":       func(c *rawClient) { c.call("nothing") },
		"no content type": func(c *rawClient) { c.open(":method", "POST", ":scheme", "http", ":path", validate, ":authority", "x") },
		"GET": func(c *rawClient) {
			c.open(":method", "GET", ":scheme", "http", ":path", validate, ":authority", "x", "content-type", "application/grpc")
		},
		"two authorities":      func(c *rawClient) { c.call(validate, "host", "a", "host", "b") },
		"a bad timeout":        func(c *rawClient) { c.call(validate, "grpc-timeout", "soon") },
		"no time at all":       func(c *rawClient) { c.call(validate, "grpc-timeout", "0n") },
		"a short time":         func(c *rawClient) { c.call(validate, "grpc-timeout", "1m") },
		"bad metadata":         func(c *rawClient) { c.call(validate, "a-bin", "?") },
		"a compressor unknown": func(c *rawClient) { c.call(validate, "grpc-encoding", "snappy") },
		"no message":           func(c *rawClient) { c.must(c.frames.WriteData(c.call(validate), true, nil)) },
		"half a message":       func(c *rawClient) { c.must(c.frames.WriteData(c.call(validate), true, message(10, 5))) },
		"two messages": func(c *rawClient) {
			c.must(c.frames.WriteData(c.call(validate), true, append(message(0, 0), message(0, 0)...)))
		},
		"too big a message": func(c *rawClient) { c.must(c.frames.WriteData(c.call(validate), false, message(1<<30, 0))) },
		"not protobuf":      func(c *rawClient) { c.must(c.frames.WriteData(c.call(validate), true, append(message(1, 0), 0xff))) },
		"data past the end": func(c *rawClient) {
			id := c.call(validate)
			c.must(c.frames.WriteData(id, true, message(0, 0)))
			c.must(c.frames.WriteData(id, false, message(0, 0)))
		},
		"headers twice": func(c *rawClient) {
			id := c.call(converse)
			c.must(c.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: c.encode("a", "b"), EndHeaders: true}))
		},
		"a window too far": func(c *rawClient) { c.must(c.frames.WriteWindowUpdate(c.call(converse), 1<<31-1)) },
		"more than the window": func(c *rawClient) {
			id := c.call(converse)
			for range 10 {
				c.must(c.frames.WriteData(id, false, make([]byte, 16<<10)))
			}
		},
		"a watch": func(c *rawClient) {
			c.must(c.frames.WriteData(c.call("/grpc.health.v1.Health/Watch"), true, message(0, 0)))
		},
		"a goodbye": func(c *rawClient) {
			c.call(converse)
			c.must(c.frames.WriteGoAway(0, http2.ErrCodeNo, nil))
		},
		"nothing more": func(c *rawClient) { c.call(converse) },
	}
	s := start(t, func(c *server.Config) { c.MaxCalls, c.PerCaller.Calls = 16, 16 })
	addr := s.loopback(t)
	for name, end := range ways {
		t.Run(name, func(t *testing.T) {
			for range 3 {
				c := dialRaw(t, addr)
				c.hopeful = true
				ended := c.discard()
				for range 10 {
					end(c)
				}
				_ = c.conn.Close()
				<-ended
			}
			waitFor(t, func() bool { return s.openCalls(0) })
			if _, err := s.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}); err != nil {
				t.Error(err)
			}
		})
	}
}
