package quota_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/portcullis-ai/portcullis/internal/quota"
)

func config(change func(*quota.Config)) quota.Config {
	cfg := quota.DefaultConfig()
	change(&cfg)
	return cfg
}

// Whatever a caller does, it gets no more than burst and rate give, and whoever waits
// for as long as it was told is let in.
func TestNobodyGetsMoreThanTheRate(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0)) // a property test, which must repeat
			const rate, burst = 7, 3
			c := quota.NewCallers(config(func(c *quota.Config) { c.TextsPerSecond, c.Burst = rate, burst*time.Second }))
			began, got := time.Now(), 0
			for range 300 {
				time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
				leave, err := c.Enter("a", 0)
				if full, ok := errors.AsType[*quota.Error](err); ok {
					time.Sleep(full.RetryAfter)
					if leave, err = c.Enter("a", 0); err != nil {
						t.Fatalf("waited for %s as told, and refused: %v", full.RetryAfter, err)
					}
				}
				leave(0)
				got++
				if most := rate*burst + rate*time.Since(began).Seconds() + 1e-6; float64(got) > most {
					t.Fatalf("%d texts where %.1f are the most", got, most)
				}
			}
		})
	}
}

func TestLongTextsArePaidForAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := quota.NewCallers(config(func(c *quota.Config) { c.BytesPerSecond, c.Burst = 100, time.Second }))
		enter := func(bytes, total int, wait time.Duration) {
			t.Helper()
			leave, err := c.Enter("a", bytes)
			if wait == 0 && err == nil {
				leave(total)
				return
			}
			if full, ok := errors.AsType[*quota.Error](err); !ok || !errors.Is(err, quota.ErrRate) || full.RetryAfter.Round(time.Millisecond) != wait {
				t.Fatalf("%v, want to wait for %s", err, wait)
			}
		}
		enter(1000, 1000, 0)               // ten seconds' worth, at once
		enter(1, 1, 9010*time.Millisecond) // 900 owed, and one to take
		time.Sleep(10 * time.Second)
		enter(0, 300, 0) // a text that grew: what it came to counts too
		enter(0, 0, 2010*time.Millisecond)
	})
}

func TestHowMuchAtATime(t *testing.T) {
	c := quota.NewCallers(config(func(c *quota.Config) { c.TextsInFlight, c.Streams = 2, 1 }))
	first, _ := c.Enter("a", 1)
	if _, err := c.Enter("a", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Enter("a", 1); !errors.Is(err, quota.ErrInFlight) {
		t.Errorf("a third text: %v", err)
	}
	if _, err := c.Enter("b", 1); err != nil {
		t.Errorf("another caller: %v", err)
	}
	first(1)
	if _, err := c.Enter("a", 1); err != nil {
		t.Errorf("after one has ended: %v", err)
	}
	closed, _ := c.Open("a", true)
	if _, err := c.Open("a", true); !errors.Is(err, quota.ErrStreams) {
		t.Errorf("a second stream: %v", err)
	}
	closed()
	if _, err := c.Open("a", true); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	c := quota.NewCallers(config(func(c *quota.Config) { c.TextsInFlight = 1 }))
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 1000 {
				leave, err := c.Enter(fmt.Sprint(g, i), i)
				if err != nil {
					t.Error(err)
					return
				}
				leave(i)
			}
		})
	}
	all.Wait()
}

func TestMistakesAreNamed(t *testing.T) {
	for key, change := range map[string]func(*quota.Config){
		"texts_per_second": func(c *quota.Config) { c.TextsPerSecond = -1 },
		"bytes_per_second": func(c *quota.Config) { c.BytesPerSecond = -1 },
		"texts_in_flight":  func(c *quota.Config) { c.TextsInFlight = -1 },
		"streams":          func(c *quota.Config) { c.Streams = -1 },
		"burst":            func(c *quota.Config) { c.Burst = time.Millisecond },
	} {
		if err := config(change).Validate(); err == nil || !strings.HasPrefix(err.Error(), key+":") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
