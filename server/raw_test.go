package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// rawClient speaks HTTP/2 as it likes. What the server sends is read and thrown away unless
// the test reads.
type rawClient struct {
	t       testing.TB
	conn    net.Conn
	frames  *http2.Framer
	headers *hpack.Encoder
	block   bytes.Buffer
	last    uint32
	hopeful bool // what cannot be written, since the server has hung up, is no failure
}

func dialRaw(t testing.TB, addr string) *rawClient {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &rawClient{t: t, conn: conn, frames: http2.NewFramer(conn, conn)}
	c.headers = hpack.NewEncoder(&c.block)
	c.write(conn.Write([]byte(http2.ClientPreface)))
	c.must(c.frames.WriteSettings())
	return c
}

func (c *rawClient) write(_ int, err error) { c.must(err) }

func (c *rawClient) must(err error) {
	c.t.Helper()
	if err != nil && !c.hopeful {
		c.t.Fatal(err)
	}
}

// discard reads until the connection ends.
func (c *rawClient) discard() (ended <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := c.frames.ReadFrame(); err != nil && !errors.As(err, new(http2.StreamError)) {
				return
			}
		}
	}()
	return done
}

// pairs is a list of header fields, names and values by turns.
func (c *rawClient) encode(pairs ...string) []byte {
	c.block.Reset()
	for i := 0; i < len(pairs); i += 2 {
		c.must(c.headers.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]}))
	}
	return c.block.Bytes()
}

// call opens a stream and sends its headers, more than what gRPC asks for among them.
func (c *rawClient) call(method string, more ...string) (id uint32) {
	c.t.Helper()
	pairs := append([]string{":method", "POST", ":scheme", "http", ":path", method, ":authority", "test", "content-type", "application/grpc", "te", "trailers"}, more...)
	return c.open(pairs...)
}

// open sends headers as they are.
func (c *rawClient) open(pairs ...string) (id uint32) {
	c.t.Helper()
	if c.last++; c.last%2 == 0 {
		c.last++
	}
	c.must(c.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: c.last, BlockFragment: c.encode(pairs...), EndHeaders: true}))
	return c.last
}

// message is as much of a message of size bytes as is wanted, with its prefix.
func message(size, sent int) []byte {
	b := make([]byte, 5+sent)
	binary.BigEndian.PutUint32(b[1:], uint32(size))
	return b
}

// anyCall is whichever ends first.
const anyCall = 0

// trailer reads until the stream ends, and returns what the server said at its end.
func (c *rawClient) trailer(id uint32) map[string]string {
	c.t.Helper()
	for {
		if h := c.begins(id); h.StreamEnded() {
			return fieldsOf(h)
		}
	}
}

// begins reads until the server has said something of the call beside data: that it answers,
// or how it has ended.
func (c *rawClient) begins(id uint32) *http2.MetaHeadersFrame {
	c.t.Helper()
	if c.frames.ReadMetaHeaders == nil {
		c.frames.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	}
	for {
		frame, err := c.frames.ReadFrame()
		c.must(err)
		if h, ok := frame.(*http2.MetaHeadersFrame); ok && (h.StreamID == id || id == anyCall) {
			return h
		}
	}
}

func fieldsOf(h *http2.MetaHeadersFrame) map[string]string {
	fields := make(map[string]string)
	for _, f := range h.RegularFields() {
		fields[f.Name] = f.Value
	}
	return fields
}

// status is that of a call, with its details.
func (c *rawClient) status(id uint32) *status.Status {
	c.t.Helper()
	return c.statusOf(c.trailer(id))
}

func (c *rawClient) statusOf(fields map[string]string) *status.Status {
	c.t.Helper()
	code, err := strconv.ParseUint(fields["grpc-status"], 10, 32)
	c.must(err)
	whole := &statuspb.Status{}
	bytes, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(fields["grpc-status-details-bin"], "="))
	c.must(errors.Join(err, proto.Unmarshal(bytes, whole)))
	whole.Code, whole.Message = int32(code), fields["grpc-message"]
	return status.FromProto(whole)
}

// wantPushback wants a call to have been refused for now, in every way there is to say so.
func (c *rawClient) wantPushback(id uint32, code codes.Code, reason string) {
	c.t.Helper()
	fields := c.trailer(id)
	_, retry := wantError(c.t, c.statusOf(fields).Err(), code, reason)
	if retry.GetRetryDelay().AsDuration() <= 0 || fields["grpc-retry-pushback-ms"] == "" {
		c.t.Errorf("not told when to come again: %v, %q", retry, fields["grpc-retry-pushback-ms"])
	}
}
