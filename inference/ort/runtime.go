package ort

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"
)

// ErrClosed is what Run and Session return after Close.
var ErrClosed = errors.New("ort: closed")

// Info is what a Runtime turned out to be, for logs and GetServerInfo.
type Info struct {
	Library  string // path
	Version  string // of the library
	Provider Provider
	Devices  []int // empty on the CPU
	// Fallback says why auto chose the CPU; it is empty otherwise.
	Fallback string
}

// Runtime is ONNX Runtime with a provider that was seen to start.
type Runtime struct {
	config Config
	info   Info

	mu     sync.Mutex
	closed bool
}

// Open loads ONNX Runtime and chooses the provider. An explicit provider that
// cannot start is an error; auto takes the CPU then and says why in Info.
//
// A process has one ONNX Runtime: a second Open shares the library of the first
// and is an error if its configuration leads to another one.
func Open(c Config) (*Runtime, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("ort: %w", err)
	}
	path, err := FindLibrary(c)
	if err != nil {
		return nil, fmt.Errorf("ort: %w", err)
	}
	if err := library.load(path); err != nil {
		return nil, fmt.Errorf("ort: %w", err)
	}
	r := &Runtime{config: c, info: Info{Library: path, Version: onnx.GetVersion()}}
	if err := r.choose(); err != nil {
		return nil, fmt.Errorf("ort: provider %s cannot start: %w", c.Provider, err)
	}
	return r, nil
}

// Info returns what was found and chosen.
func (r *Runtime) Info() Info { return r.info }

// Close makes Session refuse. Sessions have their own Close, to be called
// before. The library stays loaded until the process ends: taking CUDA out of a
// living process gains nothing and is where other programs crash at shutdown.
func (r *Runtime) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

func (r *Runtime) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// library is the one ONNX Runtime of this process.
var library environment

type environment struct {
	mu   sync.Mutex
	path string // empty until loaded
}

// load loads the library once. A failed attempt may be repeated with another
// path: nothing of the failed one stays.
func (e *environment) load(path string) error {
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.path == file {
		return nil
	}
	if e.path != "" {
		return fmt.Errorf("this process has ONNX Runtime from %s already and cannot load %s too", e.path, file)
	}
	if err := checkVersion(file); err != nil {
		return err
	}
	if err := keepQuiet(); err != nil {
		return err
	}
	onnx.SetSharedLibraryPath(file)
	// Errors come back from the calls; the library's own lines on stderr would
	// bypass the log.
	if err := onnx.InitializeEnvironment(onnx.WithLogLevelFatal()); err != nil {
		return fmt.Errorf("start %s: %w", file, err)
	}
	e.path = file
	return nil
}
