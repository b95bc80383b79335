package server

import (
	"errors"

	"google.golang.org/grpc/mem"

	"github.com/portcullis-ai/portcullis/guard"
)

// question is a message on its way from a peer. gRPC is told that it could be read, whatever
// came: of one that could not it would tell the peer itself, without a reason, before
// anybody here learns of it.
type question struct {
	message any
	err     error // why it could not
}

// RecvMsg implements grpc.ServerStream. A message that is none is a refusal, and m is then
// not to be used.
func (a answering) RecvMsg(m any) error {
	q := &question{message: m}
	if err := a.ServerStream.RecvMsg(q); err != nil {
		return err // the end, or what gRPC has told the peer already: a message too long, or cut off
	}
	if q.err != nil {
		return refusalOf(q.err)
	}
	return nil
}

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	q, ok := v.(*question)
	if !ok { // of a service that was registered past the registrar
		return c.CodecV2.Unmarshal(data, v)
	}
	q.err = illegible(c.CodecV2.Unmarshal(data, q.message))
	return nil
}

// illegible tells why a message could not be read, in words that quote nothing of it.
func illegible(err error) error {
	if err == nil {
		return nil
	}
	if text, ok := errors.AsType[interface {
		error
		InvalidUTF8() bool
	}](err); ok && text.InvalidUTF8() { // as protobuf calls it; a change there only costs the better word
		return guard.ErrNotUTF8
	}
	return errMalformed
}
