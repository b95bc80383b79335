package ort

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of onnx.proto3 (ONNX 1.22) that lead to the names and types of a
// graph's inputs and outputs.
const (
	modelGraph       = 7
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12
	tensorName       = 8
	tensorExternal   = 13
	valueName        = 1
	valueType        = 2
	typeTensor       = 1
	tensorElement    = 1
	tensorShape      = 2
	shapeDim         = 1
	dimValue         = 1
)

// errExternal refuses what the digest in the manifest does not cover: whoever can
// change that other file could change the model unseen.
var errExternal = errors.New("its weights lie in another file; export the graph with its weights inside")

// value is one input or output: its element type (of onnx.TensorProto) and its
// dimensions, -1 where the graph leaves one open.
type value struct {
	name    string
	element int
	dims    []int64
}

// signature is what a graph takes and gives.
type signature struct{ inputs, outputs []value }

// readSignature reads the signature of the ONNX file r of size bytes.
//
// ONNX Runtime tells it too, but onnxruntime_go only through a session of its
// own: a second load of every weight, which on the CPU fails for graphs made for
// a card. Here the weights are stepped over, so a file of any size takes a few
// thousand short reads.
func readSignature(r io.ReaderAt, size int64) (signature, error) {
	var s signature
	weights := map[string]bool{}
	err := eachField(r, 0, size, func(num protowire.Number, from, to int64) error {
		if num != modelGraph {
			return nil
		}
		return eachField(r, from, to, func(num protowire.Number, from, to int64) error {
			return s.add(r, num, from, to, weights)
		})
	})
	switch {
	case errors.Is(err, errExternal):
		return s, err
	case err != nil:
		return s, fmt.Errorf("not an ONNX file: %w", err)
	}
	if len(s.outputs) == 0 {
		return s, errors.New("not an ONNX file: it has no graph with an output")
	}
	s.dropWeights(weights)
	return s, nil
}

// add files one field of the graph.
func (s *signature) add(r io.ReaderAt, num protowire.Number, from, to int64, weights map[string]bool) error {
	if num == graphInitializer {
		return eachField(r, from, to, func(num protowire.Number, from, to int64) error {
			switch num {
			case tensorExternal:
				return errExternal
			case tensorName:
			default:
				return nil
			}
			name, err := readBytes(r, from, to)
			weights[string(name)] = true
			return err
		})
	}
	if num != graphInput && num != graphOutput {
		return nil
	}
	data, err := readBytes(r, from, to)
	if err != nil {
		return err
	}
	v, err := parseValue(data)
	if num == graphInput {
		s.inputs = append(s.inputs, v)
	} else {
		s.outputs = append(s.outputs, v)
	}
	return err
}

// dropWeights removes inputs that have a default: old exporters list every
// weight as an input.
func (s *signature) dropWeights(weights map[string]bool) {
	kept := s.inputs[:0]
	for _, v := range s.inputs {
		if !weights[v.name] {
			kept = append(kept, v)
		}
	}
	s.inputs = kept
}

// eachField calls f with the number and the place of each length-delimited field
// of the message at r[from:to].
func eachField(r io.ReaderAt, from, to int64, f func(num protowire.Number, from, to int64) error) error {
	for from < to {
		head, err := readBytes(r, from, min(to, from+20)) // two varints at most
		if err != nil {
			return err
		}
		num, kind, n := protowire.ConsumeTag(head)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if kind != protowire.BytesType {
			m := protowire.ConsumeFieldValue(num, kind, head[n:])
			if m < 0 {
				return protowire.ParseError(m)
			}
			from += int64(n + m)
			continue
		}
		length, m := protowire.ConsumeVarint(head[n:])
		if m < 0 {
			return protowire.ParseError(m)
		}
		from += int64(n + m)
		if length > uint64(to-from) {
			return io.ErrUnexpectedEOF
		}
		if err := f(num, from, from+int64(length)); err != nil {
			return err
		}
		from += int64(length)
	}
	return nil
}

// maxRead bounds what a broken file can make us allocate: names, types and
// shapes are short.
const maxRead = 1 << 20

func readBytes(r io.ReaderAt, from, to int64) ([]byte, error) {
	if to-from > maxRead {
		return nil, fmt.Errorf("a description of %d bytes", to-from)
	}
	data := make([]byte, to-from)
	_, err := r.ReadAt(data, from)
	if err == io.EOF && len(data) == 0 {
		err = nil
	}
	return data, err
}
