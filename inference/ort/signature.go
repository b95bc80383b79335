package ort

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	onnx "github.com/yalue/onnxruntime_go"
	"google.golang.org/protobuf/encoding/protowire"
)

// parseValue reads an onnx.ValueInfoProto.
func parseValue(data []byte) (value, error) {
	name, err := field(data, valueName)
	if err != nil {
		return value{}, err
	}
	kind, err := field(data, valueType)
	if err != nil {
		return value{}, err
	}
	v := value{name: string(name)}
	err = v.parseType(kind)
	return v, err
}

// parseType reads an onnx.TypeProto. One that is no tensor leaves v without a
// type, which no input or output may be.
func (v *value) parseType(data []byte) error {
	tensor, err := field(data, typeTensor)
	if err != nil || tensor == nil {
		return err
	}
	v.element = int(number(tensor, tensorElement))
	shape, err := field(tensor, tensorShape)
	if err != nil {
		return err
	}
	return eachField(bytes.NewReader(shape), 0, int64(len(shape)), func(num protowire.Number, from, to int64) error {
		if num == shapeDim {
			v.dims = append(v.dims, number(shape[from:to], dimValue))
		}
		return nil
	})
}

// field returns the last field num of a message, nil if it has none.
func field(data []byte, want protowire.Number) (found []byte, err error) {
	err = eachField(bytes.NewReader(data), 0, int64(len(data)), func(num protowire.Number, from, to int64) error {
		if num == want {
			found = data[from:to]
		}
		return nil
	})
	return found, err
}

// number returns the varint field num of a message, -1 if it has none.
func number(data []byte, want protowire.Number) int64 {
	for len(data) > 0 {
		num, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return -1
		}
		if num == want && kind == protowire.VarintType {
			v, _ := protowire.ConsumeVarint(data[n:])
			return int64(v)
		}
		m := protowire.ConsumeFieldValue(num, kind, data[n:])
		if m < 0 {
			return -1
		}
		data = data[n+m:]
	}
	return -1
}

// check returns the name of the output to read and an error if the graph is not
// a classifier of the kind that g describes.
func (s signature) check(g Graph) (string, error) {
	if err := s.checkInputs(g.Layout); err != nil {
		return "", err
	}
	out, err := s.logits()
	if err != nil {
		return "", err
	}
	if out.element != onnx.TensorElementDataTypeFloat || len(out.dims) != 2 {
		return "", fmt.Errorf("output %s is %s, want float32 [texts, labels]", out.name, out.kind())
	}
	if n := out.dims[1]; n >= 0 && n != int64(g.Labels) {
		return "", fmt.Errorf("output %s has %d labels, the manifest %d", out.name, n, g.Labels)
	}
	return out.name, nil
}

// checkInputs refuses a graph of the other layout, one that wants what nobody
// gives, and one that lacks what it is given.
func (s signature) checkInputs(l Layout) error {
	if packed := s.has(roleSequences); packed && !l.packed() {
		return fmt.Errorf("the graph is packed, as it has an input %s, and its layout is told to be %s", roleSequences, l)
	}
	must, may := l.inputs()
	for _, in := range s.inputs {
		r := role(in.name)
		if !slices.Contains(must, r) && !slices.Contains(may, r) {
			return fmt.Errorf("the graph has an input %q, want only %s", in.name, list(append(must, may...)))
		}
		if in.element != onnx.TensorElementDataTypeInt32 && in.element != onnx.TensorElementDataTypeInt64 || len(in.dims) != r.dims() {
			return fmt.Errorf("input %s is %s, want int32 or int64 of %d dimensions", in.name, in.kind(), r.dims())
		}
	}
	for _, r := range must {
		if !s.has(r) {
			return fmt.Errorf("the graph has no input %s, which a %s one must have", r, l)
		}
	}
	return nil
}

func (s signature) has(r role) bool {
	return slices.ContainsFunc(s.inputs, func(in value) bool { return in.name == string(r) })
}

func list(roles []role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// logits returns the output named so, or the only one.
func (s signature) logits() (value, error) {
	names := make([]string, len(s.outputs))
	for i, out := range s.outputs {
		if out.name == "logits" || len(s.outputs) == 1 {
			return out, nil
		}
		names[i] = out.name
	}
	return value{}, fmt.Errorf("the graph has outputs %s, want one, or one named logits", strings.Join(names, ", "))
}

// kind describes the type of a value in an error.
func (v value) kind() string {
	return fmt.Sprintf("%s of %d dimensions", onnx.TensorElementDataType(v.element), len(v.dims))
}
