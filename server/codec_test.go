package server

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// What waits for a client takes little more memory than its bytes, whatever their number,
// and is what the client would read.
func TestAnswersFit(t *testing.T) {
	for _, size := range []int{0, 1, 1 << 10, 5 << 10, 40 << 10, 900 << 10} {
		want := wrapperspb.String(strings.Repeat("a", size))
		data, err := newCodec().Marshal(&answer{message: want})
		if err != nil {
			t.Fatal(err)
		}
		held, mark := 0, data[len(data)-1]
		for _, b := range data[:len(data)-1] {
			held += cap(b.ReadOnlyData())
		}
		if most := data.Len() + 32<<10; held > most || mark.Len() != 0 {
			t.Errorf("%d bytes are held for %d", held, data.Len())
		}
		got := &wrapperspb.StringValue{}
		if err := newCodec().Unmarshal(data, got); err != nil || !proto.Equal(got, want) {
			t.Errorf("%d bytes: %v", size, err)
		}
		data.Free()
	}
}
