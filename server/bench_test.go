package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// null is a check that costs nothing, so what is measured is all the rest.
type null struct{ name string }

func (n null) Name() string { return n.name }
func (null) Inspect(context.Context, *guard.Text) (guard.Inspection, error) {
	return guard.Inspection{Coverage: 1}, nil
}

func startNull(b *testing.B) *service {
	cfg := server.DefaultConfig()
	cfg.LogRequests = false
	s := &service{}
	s.serve(b, cfg, server.Loaded{Engine: newEngine(b, null{"words"}, null{"script"})})
	return s
}

// sizes are of texts in bytes: about 40 and 400 tokens, and a document.
var sizes = []int{200, 2 << 10, 16 << 10}

func benchText(size int) string { return strings.Repeat("benign words ", size/13+1)[:size] }

func BenchmarkUnary(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := startNull(b)
			r := &pb.ValidateRequest{Text: benchText(size)}
			b.ReportAllocs()
			b.SetParallelism(8)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := s.Validate(b.Context(), r); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkStream counts texts: each is three messages back, two of them partial.
func BenchmarkStream(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := startNull(b).open(b)
			b.ReportAllocs()
			b.ResetTimer()
			go func() {
				r := &pb.ValidateRequest{Text: benchText(size)}
				for i := range b.N {
					_ = c.Send(&pb.ValidateStreamRequest{Id: fmt.Sprint(i), Request: r})
				}
				_ = c.CloseSend()
			}()
			for range b.N {
				if c.last().GetVerdict() == nil {
					b.Fatal("no verdict")
				}
			}
		})
	}
}
