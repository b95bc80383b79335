package cache

import "fmt"

// Config says whether and how much a cache remembers.
type Config struct {
	// Enabled turns the cache on; off, every window is run.
	Enabled bool `yaml:"enabled"`
	// MaxBytes is how much memory the rows of one model may take, with all that is
	// needed to find them. It is taken as rows come.
	MaxBytes int `yaml:"max_bytes"`
}

// leastBytes is room for a few hundred windows: less is a slip of the unit.
const leastBytes = 64 << 10

// DefaultConfig has room for the rows of some 300,000 windows.
func DefaultConfig() Config { return Config{Enabled: true, MaxBytes: 64 << 20} }

// Validate returns an error that names the offending key.
func (c Config) Validate() error {
	if c.MaxBytes < leastBytes {
		return fmt.Errorf("max_bytes: must be at least %d, is %d; enabled: false turns the cache off", leastBytes, c.MaxBytes)
	}
	return nil
}
