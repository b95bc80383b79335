package quota

import (
	"fmt"
	"time"
)

// Config is what each caller may ask for. 0 is no limit.
type Config struct {
	// TextsPerSecond is how many texts a caller may send.
	TextsPerSecond int `yaml:"texts_per_second"`
	// BytesPerSecond is how much text that may be. A token is some four bytes of
	// English.
	BytesPerSecond int `yaml:"bytes_per_second"`
	// Burst is how long a caller may save up what it does not ask for. A text longer
	// than that is taken, and paid for before the next.
	Burst time.Duration `yaml:"burst"`
	// TextsInFlight is how many texts of a caller are judged at a time.
	TextsInFlight int `yaml:"texts_in_flight"`
	// Calls is how many calls a caller may have open, streams and others.
	Calls int `yaml:"calls"`
	// Streams is how many streams a caller may have open.
	Streams int `yaml:"streams"`
	// Connections is how many connections a caller may have, the first who calls on one
	// having it.
	Connections int `yaml:"connections"`
}

// DefaultConfig limits no rate: what a caller may ask for is for the operator to say.
func DefaultConfig() Config { return Config{Burst: 5 * time.Second, Streams: 200} }

// Validate names the first key that cannot be used.
func (c Config) Validate() error {
	for _, n := range []struct {
		key   string
		limit int
	}{{"texts_per_second", c.TextsPerSecond}, {"bytes_per_second", c.BytesPerSecond}, {"texts_in_flight", c.TextsInFlight}, {"calls", c.Calls}, {"streams", c.Streams}, {"connections", c.Connections}} {
		if n.limit < 0 {
			return fmt.Errorf("%s: %d is below 0; 0 is no limit", n.key, n.limit)
		}
	}
	if c.Burst < time.Second {
		return fmt.Errorf("burst: %s is less than 1s", c.Burst)
	}
	return nil
}
