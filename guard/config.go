package guard

import (
	"fmt"
	"time"
)

// Config is what an Engine needs to know beside its checks and policies.
type Config struct {
	// DefaultPolicy judges requests that name none.
	DefaultPolicy string `yaml:"default_policy"`
	// MaxTextBytes is the longest text taken, before folding.
	MaxTextBytes int `yaml:"max_text_bytes"`
	// MaxFoldedBytes is the longest a text may grow to when it is normalised.
	// NFKC alone can grow a text elevenfold.
	MaxFoldedBytes int `yaml:"max_folded_bytes"`
	// Reserve is kept back from a request's deadline, so that a check that is too
	// slow becomes a timed-out check with a verdict, and not a lost request.
	Reserve time.Duration `yaml:"reserve"`
}

// DefaultConfig takes texts of 1 MiB, 4 MiB when folded, and keeps 50 ms.
func DefaultConfig() Config {
	return Config{
		DefaultPolicy:  "balanced",
		MaxTextBytes:   1 << 20,
		MaxFoldedBytes: 4 << 20,
		Reserve:        50 * time.Millisecond,
	}
}

// Validate names the first key that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.DefaultPolicy == "":
		return fmt.Errorf("default_policy: name a policy")
	case c.MaxTextBytes < 1 || c.MaxTextBytes > 64<<20:
		return fmt.Errorf("max_text_bytes: %d is not between 1 and %d", c.MaxTextBytes, 64<<20)
	case c.MaxFoldedBytes < c.MaxTextBytes:
		return fmt.Errorf("max_folded_bytes: %d is less than max_text_bytes, %d", c.MaxFoldedBytes, c.MaxTextBytes)
	case c.Reserve < 0:
		return fmt.Errorf("reserve: %s is negative", c.Reserve)
	}
	return nil
}
