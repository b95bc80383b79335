package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
)

var errMemory = errors.New("out of memory")

// fakeCard takes the time of a card, by the clock of the test, and has its memory.
type fakeCard struct {
	call  time.Duration
	token time.Duration
	full  int // tokens that it computes beside each other: fewer take as long
	room  int // tokens of a batch that fit; 0 is any
	slow  int // the first run of each batch takes so many times as long

	mu   sync.Mutex
	most int // tokens of a batch
	seen map[int]bool
}

func (f *fakeCard) Run(ctx context.Context, batch []inference.Encoding) ([][]float32, error) {
	tokens := 0
	for _, e := range batch {
		tokens += e.Len()
	}
	if f.room > 0 && tokens > f.room {
		return nil, errMemory
	}
	select {
	case <-time.After(f.took(tokens)):
		return make([][]float32, len(batch)), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *fakeCard) took(tokens int) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	took := f.call + f.token*time.Duration(max(tokens, f.full))
	if f.slow > 0 && !f.seen[tokens] {
		took *= time.Duration(f.slow)
	}
	f.most, f.seen[tokens] = max(f.most, tokens), true
	return took
}

func (f *fakeCard) Close() error { return nil }

// sum counts the tokens of a batch as packed rows do.
func sum(_, _, all int) int { return all }

func (f *fakeCard) card(limit time.Duration) card {
	f.seen = make(map[int]bool)
	return card{backend: f, tokens: sum, text: inference.Encoding{IDs: make([]int32, 512)}, limit: limit}
}

func TestMeasure(t *testing.T) {
	for _, tc := range []struct {
		name          string
		fake          *fakeCard
		limit         time.Duration
		fixed, budget int
	}{
		{"calls cost", &fakeCard{call: 2 * time.Millisecond, token: time.Microsecond}, 20 * time.Millisecond, 2000, 16384},
		{"the first run of a shape is slow", &fakeCard{call: 2 * time.Millisecond, token: time.Microsecond, slow: 50}, 20 * time.Millisecond, 2000, 16384},
		{"a longer wait is allowed", &fakeCard{call: 20 * time.Millisecond, token: time.Microsecond}, time.Second, 20000, 32768},
		{"larger gains nothing", &fakeCard{call: 100 * time.Microsecond, token: time.Microsecond}, time.Second, 100, 1024},
		{"small batches take as long as a full one", &fakeCard{token: time.Microsecond, full: 4096}, time.Second, 4096, 4096},
		{"memory ends", &fakeCard{call: 10 * time.Millisecond, token: time.Microsecond, room: 5000}, time.Second, 4096, 4096},
		{"one text takes longer than it may", &fakeCard{call: time.Second, token: time.Microsecond}, time.Millisecond, 512, 512},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := tc.fake.card(tc.limit).prepare(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if (s.failed != nil) != (tc.fake.room > 0) {
					t.Errorf("larger batches failed with %v", s.failed)
				}
				if s.fixed < tc.fixed*99/100-1 || s.fixed > tc.fixed*101/100+1 || s.budget != tc.budget {
					t.Errorf("a call is worth %d tokens, a batch has %d, want %d and %d", s.fixed, s.budget, tc.fixed, tc.budget)
				}
				if tc.fake.most < s.budget {
					t.Errorf("warmed with %d tokens of %d", tc.fake.most, s.budget)
				}
			})
		})
	}
}

// TestFitOfDisturbedSamples: what disturbs the card may make the smallest batch the
// slowest. The figures are then poor, but such as can be worked with.
func TestFitOfDisturbedSamples(t *testing.T) {
	s := fit(sample{16, 3 * time.Millisecond}, sample{4096, 3 * time.Millisecond}, 512)
	if s.token <= 0 || s.call < 0 || s.budget != 4096 {
		t.Errorf("%+v", s)
	}
	s = fit(sample{16, 5 * time.Millisecond}, sample{16, time.Millisecond}, 512)
	if s.token <= 0 || s.call < 0 || s.budget != 512 {
		t.Errorf("%+v", s)
	}
}

// TestWarmFindsRoom: the longest texts may take more memory than the measured ones.
func TestWarmFindsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tight := &fakeCard{token: time.Microsecond, room: 3000}
		if budget, err := tight.card(time.Second).warm(t.Context(), 16384); err != nil || budget != 2048 {
			t.Errorf("budget %d, %v, want 2048", budget, err)
		}
		tiny := &fakeCard{token: time.Microsecond, room: 500}
		if _, err := tiny.card(time.Second).warm(t.Context(), 16384); !errors.Is(err, errMemory) {
			t.Errorf("a card without room for one text: %v", err)
		}
	})
}

func TestMeasureEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		slow := &fakeCard{call: time.Second, token: time.Millisecond}
		if _, err := slow.card(time.Hour).prepare(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
