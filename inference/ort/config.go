package ort

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Provider names what executes the graph.
type Provider string

// The providers. Auto is CUDA where it starts, else the CPU.
const (
	Auto     Provider = "auto"
	CPU      Provider = "cpu"
	CUDA     Provider = "cuda"
	TensorRT Provider = "tensorrt"
)

// gpu reports whether the provider needs the provider libraries and a card.
func (p Provider) gpu() bool { return p == CUDA || p == TensorRT }

// Precision names the numbers that a graph computes with.
type Precision string

// The precisions. AutoPrecision leaves the choice to whoever picks the file.
const (
	AutoPrecision Precision = "auto"
	FP32          Precision = "fp32"
	FP16          Precision = "fp16"
	INT8          Precision = "int8"
)

// Config is what a deployment says about ONNX Runtime.
type Config struct {
	// Library is the path of libonnxruntime.so.1. Empty looks beside the
	// executable and where `make deps` puts it.
	Library string `yaml:"library"`
	// Provider executes the graphs. Only auto may fall back to the CPU.
	Provider Provider `yaml:"provider"`
	// Devices are the cards to use, by number; the CPU ignores them.
	Devices []int `yaml:"devices"`
	// Threads is how many threads one call may use on the CPU. One a call and
	// as many callers as cores has the best throughput: two a call answered a
	// lone text sooner, but 134 instead of 179 a second under load.
	Threads int `yaml:"threads"`
	// LoneThreads is how many threads a call may use on the CPU that is the only one;
	// 0 is a thread a core. A lone text is answered in about half the time with two,
	// for a second copy of the model in memory. No more than Threads: no such copy.
	LoneThreads int `yaml:"lone_threads"`
	// MemoryLimit bounds the memory that one model takes on a card, in bytes;
	// 0 is no bound.
	MemoryLimit int64 `yaml:"memory_limit"`
	// Precision picks among the graphs of a model; fp32 also turns TF32 off.
	Precision Precision `yaml:"precision"`
	// Card is for cards alone.
	Card Card `yaml:"card"`
}

// Default is a configuration that runs anywhere.
func Default() Config {
	return Config{Provider: Auto, Devices: []int{0}, Threads: 1, Precision: AutoPrecision, Card: DefaultCard()}
}

// maxThreads catches a number that was meant for something else.
const maxThreads = 1024

// Validate names the first key that is out of its bounds.
func (c Config) Validate() error {
	if err := oneOf("provider", c.Provider, Auto, CPU, CUDA, TensorRT); err != nil {
		return err
	}
	if err := oneOf("precision", c.Precision, AutoPrecision, FP32, FP16, INT8); err != nil {
		return err
	}
	switch {
	case len(c.Devices) == 0:
		return errors.New("devices is empty, want the numbers of the cards to use, such as [0]")
	case slices.Min(c.Devices) < 0:
		return fmt.Errorf("devices has %d, want numbers from 0", slices.Min(c.Devices))
	case len(slices.Compact(slices.Sorted(slices.Values(c.Devices)))) != len(c.Devices):
		return fmt.Errorf("devices %v names one twice", c.Devices)
	case c.Threads < 1 || c.Threads > maxThreads:
		return fmt.Errorf("threads is %d, want 1 to %d", c.Threads, maxThreads)
	case c.LoneThreads < 0 || c.LoneThreads > maxThreads:
		return fmt.Errorf("lone_threads is %d, want 0 (a thread a core) to %d", c.LoneThreads, maxThreads)
	case c.MemoryLimit < 0:
		return fmt.Errorf("memory_limit is %d bytes, want 0 (no limit) or more", c.MemoryLimit)
	}
	if err := c.Card.Validate(); err != nil {
		return fmt.Errorf("card.%w", err)
	}
	return nil
}

func oneOf[T ~string](key string, got T, want ...T) error {
	if slices.Contains(want, got) {
		return nil
	}
	names := make([]string, len(want))
	for i, w := range want {
		names[i] = string(w)
	}
	return fmt.Errorf("%s is %q, want %s", key, got, strings.Join(names, ", "))
}
