package batching

import "fmt"

// Config bounds a Batcher.
type Config struct {
	// MaxQueueCost is how much may wait for an executor, as a sum of sizes (for a
	// text model: tokens). What runs is not counted. It bounds the memory held by
	// waiting calls and, divided by the speed of the executors, how long one waits.
	// One call at a time may be larger: it counts as half, so that others find room
	// beside it. What it holds is for the caller of DoAll to bound. A Flow with a key
	// that is alone fills four fifths of it, so that another finds room. Fairness is
	// counted in 128ths of it.
	MaxQueueCost int `yaml:"max_queue_cost"`
}

// DefaultConfig lets 65536 wait: for a text model, some 1600 short texts, which
// is well under a second of work for a GPU and seconds for a CPU.
func DefaultConfig() Config { return Config{MaxQueueCost: 1 << 16} }

// Validate returns an error that names the offending key.
func (c Config) Validate() error {
	if c.MaxQueueCost < 1 {
		return fmt.Errorf("max_queue_cost: must be at least 1, is %d", c.MaxQueueCost)
	}
	return nil
}
