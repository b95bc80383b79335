package batching_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/portcullis-ai/portcullis/batching"
)

// A batcher over one executor that shouts, which costs what a padded tensor does.
func Example() {
	shout := batching.Executor[string, string]{
		Name: "cpu", InFlight: 2, MaxItems: 32, MaxCost: 512,
		Cost: batching.Padded(0),
		Run: func(_ context.Context, words []string) ([]string, error) {
			out := make([]string, len(words))
			for i, w := range words {
				out[i] = strings.ToUpper(w)
			}
			return out, nil
		},
	}
	size := func(s string) int { return len(s) }
	b, err := batching.New(batching.DefaultConfig(), size, []batching.Executor[string, string]{shout})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Shutdown(context.Background())

	ctx := batching.WithFlow(context.Background(), batching.Flow{Key: "alice"})
	fmt.Println(b.DoAll(ctx, []string{"open", "the", "gate"}))
	// Output: [OPEN THE GATE] <nil>
}
