package ort

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Version is the ONNX Runtime that `make deps` fetches and the tests run with.
// The binding speaks to any patch of the same minor version.
const Version = "1.29.0"

const libraryName = "libonnxruntime.so.1"

// The commands that an error tells to run.
const (
	deps     = "make deps"
	depsCUDA = "make deps-cuda"
)

// FindLibrary returns the path of the ONNX Runtime library: the configured one,
// else the first of: the folder of the executable, its ../lib, the cache of
// `make deps`. Where a card is wanted, the cache of `make deps-cuda`, which has
// the provider libraries beside the core, goes before that of `make deps`.
func FindLibrary(c Config) (string, error) {
	if c.Library != "" {
		if _, err := os.Stat(c.Library); err != nil {
			return "", fmt.Errorf("the configured ONNX Runtime library: %w", err)
		}
		return c.Library, nil
	}
	for _, folder := range folders(c.Provider) {
		path := filepath.Join(folder, libraryName)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	command := deps
	if c.Provider.gpu() {
		command = depsCUDA
	}
	return "", fmt.Errorf("ONNX Runtime %s (%s) is not installed: run `%s`, or name the library in PORTCULLIS_ONNXRUNTIME_LIBRARY",
		Version, libraryName, command)
}

// folders lists where the library may be, best first.
func folders(p Provider) []string {
	var all []string
	if exe, err := os.Executable(); err == nil {
		dir := filepath.Dir(exe)
		all = append(all, dir, filepath.Join(dir, "..", "lib"))
	}
	cache, err := cacheFolder()
	if err != nil {
		return all
	}
	plain, cuda := cache, cache+"-cuda"
	if p == CPU {
		return append(all, plain, cuda)
	}
	return append(all, cuda, plain)
}

// cacheFolder is where scripts/fetch.sh puts the core; a variant has a suffix.
func cacheFolder() (string, error) {
	root, err := cacheRoot()
	if err != nil {
		return "", err
	}
	cpu := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	return filepath.Join(root, "onnxruntime", Version, runtime.GOOS+"-"+cpu), nil
}

// cacheRoot is where all that can be fetched or built again is kept.
func cacheRoot() (string, error) {
	if root := os.Getenv("PORTCULLIS_CACHE"); root != "" {
		return root, nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(user, "portcullis"), nil
}

// checkVersion loads the library for a moment to ask for its version. It comes
// first because a library of another version refuses the binding with a bare
// number.
func checkVersion(path string) error {
	found, err := libraryVersion(path)
	if err != nil {
		return fmt.Errorf("%s is not a usable ONNX Runtime library: %w: run `%s`", path, err, deps)
	}
	if minor(found) != minor(Version) {
		return fmt.Errorf("%s is ONNX Runtime %s, want %s.x: run `%s`", path, found, minor(Version), deps)
	}
	return nil
}

// minor cuts the patch off: "1.29" of "1.29.0".
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// missingProvider reports which provider library is not beside the core. ONNX
// Runtime looks for them there only.
func missingProvider(core string, p Provider) error {
	names := []string{"libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"}
	if p == TensorRT {
		names = append(names, "libonnxruntime_providers_tensorrt.so")
	}
	dir := filepath.Dir(core)
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is not in %s: run `%s`", name, dir, depsCUDA)
		}
	}
	return nil
}
