package server_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
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
