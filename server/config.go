package server

import (
	"fmt"
	"time"

	"github.com/portcullis-ai/portcullis/internal/quota"
)

// Config is what a Server needs to know beside the engine that it serves.
type Config struct {
	// Listen is the address of the gRPC service, host:port.
	Listen string `yaml:"listen"`
	// MetricsListen is the address of /metrics, /healthz and /readyz.
	MetricsListen string `yaml:"metrics_listen"`
	// DefaultDeadline is how long a text may take whose caller sets no deadline.
	DefaultDeadline time.Duration `yaml:"default_deadline"`
	// MaxDeadline is how long a text may take whatever its caller allows.
	MaxDeadline time.Duration `yaml:"max_deadline"`
	// Output bounds the writing of a text that is judged meanwhile.
	Output Output `yaml:"output"`
	// MaxInFlight is how many texts are judged at a time. One more is refused with
	// RESOURCE_EXHAUSTED, so that those admitted keep their deadlines.
	MaxInFlight int `yaml:"max_in_flight"`
	// MaxCalls is how many calls are open at a time, streams and others, whoever calls.
	// Health and reflection have limits of their own.
	MaxCalls int `yaml:"max_calls"`
	// Memory is how many bytes Go's side of the process may have; see memory.Limit. Before
	// they are gone calls and texts are refused and connections closed. 0 is no limit for a
	// Server; for the service it is half of what there is.
	Memory int64 `yaml:"memory"`
	// StreamInFlight is how many texts of one stream are judged at a time. One
	// more is not refused: the stream is not read until there is room.
	StreamInFlight int `yaml:"stream_in_flight"`
	// MaxFindings is how many findings a message carries.
	MaxFindings int `yaml:"max_findings"`
	// AllowDetectOnly lets any caller ask for detect_only, which lets every text
	// pass. Keep it off unless all who can reach the service may switch it off.
	AllowDetectOnly bool `yaml:"allow_detect_only"`
	// DrainTimeout is how long calls have to end when the service shuts down.
	DrainTimeout time.Duration `yaml:"drain_timeout"`
	// Connections bounds how long connections live.
	Connections Connections `yaml:"connections"`
	// PerCaller is what each caller may ask for. With texts_in_flight 0 a caller has
	// four fifths of max_in_flight, with calls 0 of max_calls, with connections 0 of
	// connections.max.
	PerCaller quota.Config `yaml:"per_caller"`
	// Reflection tells whoever asks what methods there are. It needs no credentials.
	Reflection bool `yaml:"reflection"`
	// LogRequests writes a line for every call, health checks excepted.
	LogRequests bool `yaml:"log_requests"`
	// Pprof serves Go's profiler below /debug/pprof on MetricsListen. Whoever reaches it
	// can slow the service down, and read what its functions are called; no text.
	Pprof bool `yaml:"pprof"`
}

// leastMemory is what rules, policies and an empty cache have on Go's side, twice.
const leastMemory = 128 << 20

// DefaultConfig serves this machine only.
func DefaultConfig() Config {
	return Config{
		Listen:          "127.0.0.1:50051",
		MetricsListen:   "127.0.0.1:9090",
		DefaultDeadline: 10 * time.Second,
		MaxDeadline:     60 * time.Second,
		Output:          defaultOutput(),
		MaxInFlight:     1024,
		MaxCalls:        4096,
		StreamInFlight:  64,
		MaxFindings:     1000,
		DrainTimeout:    20 * time.Second,
		Connections:     defaultConnections(),
		PerCaller:       quota.DefaultConfig(),
		Reflection:      true,
		LogRequests:     true,
	}
}

// Validate names the first key that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.Listen == "":
		return fmt.Errorf("listen: give an address, such as 127.0.0.1:50051")
	case c.MetricsListen == "":
		return fmt.Errorf("metrics_listen: give an address, such as 127.0.0.1:9090")
	case c.DefaultDeadline <= 0:
		return fmt.Errorf("default_deadline: %s is not above 0", c.DefaultDeadline)
	case c.MaxDeadline < c.DefaultDeadline:
		return fmt.Errorf("max_deadline: %s is less than default_deadline, %s", c.MaxDeadline, c.DefaultDeadline)
	case c.MaxInFlight < 1:
		return fmt.Errorf("max_in_flight: %d is below 1", c.MaxInFlight)
	case c.MaxCalls < 0:
		return fmt.Errorf("max_calls: %d is below 0; 0 is no limit", c.MaxCalls)
	case c.Memory != 0 && c.Memory < leastMemory:
		return fmt.Errorf("memory: %d bytes is less than the service needs to stand still, %d; 0 is half of what there is", c.Memory, leastMemory)
	case c.StreamInFlight < 1:
		return fmt.Errorf("stream_in_flight: %d is below 1", c.StreamInFlight)
	case c.MaxFindings < 1:
		return fmt.Errorf("max_findings: %d is below 1", c.MaxFindings)
	case c.DrainTimeout < 0:
		return fmt.Errorf("drain_timeout: %s is negative", c.DrainTimeout)
	}
	if err := c.Output.validate(c.MaxDeadline); err != nil {
		return fmt.Errorf("output.%w", err)
	}
	if err := c.Connections.validate(max(c.MaxDeadline, c.Output.MaxTime)); err != nil {
		return fmt.Errorf("connections.%w", err)
	}
	if err := c.PerCaller.Validate(); err != nil {
		return fmt.Errorf("per_caller.%w", err)
	}
	return nil
}
