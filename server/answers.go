package server

import (
	"bytes"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"

	"github.com/portcullis-ai/portcullis/internal/door"
)

// answering is a stream whose answers are their peer's debt until they were written: gRPC
// holds what a peer has no window for, also when the call has ended. Its questions are read
// as RecvMsg says.
type answering struct {
	grpc.ServerStream
	conn *door.Conn
}

// newAnswering has answers not compressed, whatever their questions were: what gRPC makes of
// them then is nobody's debt.
func newAnswering(ss grpc.ServerStream) answering {
	_ = grpc.SetSendCompressor(ss.Context(), encoding.Identity) // fails only after the headers
	return answering{ss, connOf(ss.Context())}
}

// SendMsg implements grpc.ServerStream.
func (a answering) SendMsg(m any) error {
	own := &answer{message: m, conn: a.conn}
	err := a.ServerStream.SendMsg(own)
	if a.Context().Err() != nil {
		own.pay() // what comes after a reset gRPC forgets, and does not let go of
	}
	return err
}

// answer is a message on its way to a peer. As a pool of buffers it is told when gRPC needs
// the last of them no more: because it was written, or its stream has been reset.
type answer struct {
	message any
	conn    *door.Conn
	bytes   int
	mark    []byte
	paid    atomic.Bool
}

// beside is about what gRPC keeps beside the bytes of a message, in bytes.
const beside = 256

// owed adds to the buffers of the answer an empty one that is let go of with them.
func (a *answer) owed(data mem.BufferSlice, mark []byte) mem.BufferSlice {
	a.message, a.bytes, a.mark = nil, data.Len()+beside, mark
	a.conn.Owe(a.bytes)
	return append(data, mem.NewBuffer(&a.mark, a))
}

// Get implements mem.BufferPool; nobody takes anything from this one.
func (a *answer) Get(n int) *[]byte { return mem.DefaultBufferPool().Get(n) }

// Put implements mem.BufferPool.
func (a *answer) Put(*[]byte) { a.pay() }

// pay counts it out, once.
func (a *answer) pay() {
	if !a.paid.Swap(true) {
		a.conn.Pay(a.bytes)
	}
}

// codec is gRPC's own of protobuf, for answers and questions.
type codec struct {
	encoding.CodecV2
	mark []byte // empty, and so large that gRPC counts who refers to it
}

func newCodec() codec {
	const counted = 4 << 10
	return codec{encoding.GetCodecV2(proto.Name), make([]byte, 0, counted)}
}

// Marshal implements encoding.CodecV2.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	a, ok := v.(*answer)
	if !ok { // of a service that was registered past the registrar
		return c.CodecV2.Marshal(v)
	}
	data, err := c.CodecV2.Marshal(a.message)
	if err != nil {
		return nil, err
	}
	return a.owed(fitting(data), c.mark), nil
}

// fitting is data in no more memory than it needs: gRPC's pool has 1 MiB for whatever is
// longer than 32 KiB, which is too much for who may not take it.
func fitting(data mem.BufferSlice) mem.BufferSlice {
	const spare = 16 << 10
	large := data[0].ReadOnlyData()
	if cap(large)-len(large) < spare {
		return data
	}
	own := mem.SliceBuffer(bytes.Clone(large))
	data.Free()
	return mem.BufferSlice{own}
}
