package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// attacker has a connection, and reads nothing of what comes on it. Its first error ends
// what it does.
type attacker struct {
	conn    net.Conn
	out     *bufio.Writer
	frames  *http2.Framer
	headers *hpack.Encoder
	block   bytes.Buffer
	key     string // empty: a stranger
	last    uint32
	err     error
}

func newAttacker(ctx context.Context, addr, key string) (*attacker, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	a := &attacker{conn: conn, out: bufio.NewWriter(conn), key: key}
	a.frames, a.headers = http2.NewFramer(a.out, nil), hpack.NewEncoder(&a.block)
	_, err = a.out.WriteString(http2.ClientPreface)
	a.note(err)
	a.note(a.frames.WriteSettings())
	return a, nil
}

func (a *attacker) note(err error) {
	if a.err == nil {
		a.err = err
	}
}

func (a *attacker) ok() bool { return a.err == nil }

// encode is the headers of a call.
func (a *attacker) encode(method string) []byte {
	a.block.Reset()
	fields := []hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":path", Value: method},
		{Name: ":authority", Value: "siege"},
		{Name: "content-type", Value: "application/grpc"},
		{Name: "te", Value: "trailers"},
	}
	if a.key != "" {
		fields = append(fields, hpack.HeaderField{Name: "authorization", Value: "Bearer " + a.key})
	}
	for _, f := range fields {
		a.note(a.headers.WriteField(f))
	}
	return a.block.Bytes()
}

// call opens a stream.
func (a *attacker) call(method string) (id uint32) {
	id = a.last + 1
	a.last += 2
	a.note(a.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: a.encode(method), EndHeaders: true}))
	return id
}

// data sends a part of a message in frames as large as may be, past what the window allows.
func (a *attacker) data(id uint32, part []byte) {
	const frame = 16 << 10
	for len(part) > 0 && a.ok() {
		n := min(frame, len(part))
		a.note(a.frames.WriteData(id, false, part[:n]))
		part = part[n:]
	}
	a.note(a.out.Flush())
}

// announced is the beginning of a message of 2 MiB.
func announced(size int) []byte {
	b := make([]byte, 5+size)
	binary.BigEndian.PutUint32(b[1:], 2<<20)
	return b
}
