package ort

import (
	"bytes"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A graph whose weights lie in a file of their own is refused: no digest covers it.
func TestExternalWeightsAreRefused(t *testing.T) {
	field := func(num protowire.Number, content []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), content)
	}
	weight := append(field(tensorName, []byte("w")), field(tensorExternal, field(1, []byte("location")))...)
	file := field(modelGraph, field(graphInitializer, weight))
	if _, err := readSignature(bytes.NewReader(file), int64(len(file))); !errors.Is(err, errExternal) {
		t.Errorf("got %v", err)
	}
}
