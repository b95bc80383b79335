package quota

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Callers that come once, as with ever new names, leave nothing behind; those who owe
// or have something open are not forgotten.
func TestWhoHasLeftIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.TextsPerSecond, cfg.BytesPerSecond, cfg.TextsInFlight = 1, 10, 1
		c := NewCallers(cfg)
		if _, err := c.Enter("stays", 0); err != nil {
			t.Fatal(err)
		}
		owes, _ := c.Enter("owes", 1e6)
		owes(1e6)
		for i := range 20 * fewCallers {
			leave, err := c.Enter(fmt.Sprint(i), 1)
			if err != nil {
				t.Fatal(err)
			}
			leave(1)
			time.Sleep(time.Millisecond)
		}
		if len(c.by) > 8*fewCallers {
			t.Errorf("%d callers are remembered", len(c.by))
		}
		for _, name := range []string{"stays", "owes"} {
			if _, err := c.Enter(name, 0); err == nil {
				t.Errorf("%s was forgotten", name)
			}
		}
	})
}
