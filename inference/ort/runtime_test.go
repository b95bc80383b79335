package ort

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("the default: %v", err)
	}
	for want, change := range map[string]func(*Config){
		"provider is":        func(c *Config) { c.Provider = "rocm" },
		"precision is":       func(c *Config) { c.Precision = "bf16" },
		"devices is empty":   func(c *Config) { c.Devices = nil },
		"devices has -1":     func(c *Config) { c.Devices = []int{0, -1} },
		"names one twice":    func(c *Config) { c.Devices = []int{1, 0, 1} },
		"threads is 0":       func(c *Config) { c.Threads = 0 },
		"lone_threads is -1": func(c *Config) { c.LoneThreads = -1 },
		"memory_limit is -":  func(c *Config) { c.MemoryLimit = -1 },

		"card.token_multiple is 0":  func(c *Config) { c.Card.TokenMultiple = 0 },
		"card.token_multiple is 51": func(c *Config) { c.Card.TokenMultiple = 513 },
		"card.row_steps is -1":      func(c *Config) { c.Card.RowSteps = -1 },
		"card.packed_row is -1":     func(c *Config) { c.Card.PackedRow = -1 },
		"card.batch_time must":      func(c *Config) { c.Card.BatchTime = 0 },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestFindLibrary looks where there is nothing, where there is one and where
// there are two.
func TestFindLibrary(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("PORTCULLIS_CACHE", cache)
	for provider, command := range map[Provider]string{CPU: "`make deps`", Auto: "`make deps`", CUDA: "`make deps-cuda`"} {
		if _, err := FindLibrary(Config{Provider: provider}); err == nil || !strings.Contains(err.Error(), command) {
			t.Errorf("%s: error %v, want one with %s", provider, err, command)
		}
	}
	cpu := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	put := func(variant string) string {
		dir := filepath.Join(cache, "onnxruntime", Version, runtime.GOOS+"-"+cpu+variant)
		path := filepath.Join(dir, libraryName)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	find := func(want string, c Config) {
		t.Helper()
		if got, err := FindLibrary(c); err != nil || got != want {
			t.Errorf("%+v: %s, %v, want %s", c, got, err, want)
		}
	}
	plain := put("")
	find(plain, Config{Provider: CUDA}) // the error to come then names the provider library
	cuda := put("-cuda")
	find(plain, Config{Provider: CPU})
	find(cuda, Config{Provider: Auto})
	find(cuda, Config{Provider: TensorRT})
	find(plain, Config{Provider: CUDA, Library: plain})
	if _, err := FindLibrary(Config{Library: cache + "/none.so"}); err == nil {
		t.Error("a configured library that is not there was accepted")
	}
}

func TestOpenTwice(t *testing.T) {
	first := openRuntime(t, config())
	second := openRuntime(t, config())
	if first.Info().Version != second.Info().Version || !strings.HasPrefix(first.Info().Version, "1.29.") {
		t.Errorf("versions %s and %s", first.Info().Version, second.Info().Version)
	}
	other := config()
	other.Library = filepath.Join(t.TempDir(), libraryName)
	if err := os.WriteFile(other.Library, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(other); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("error %v, want that another library is loaded already", err)
	}
}

// TestOtherLibraries builds libraries that are not ONNX Runtime 1.29.
func TestOtherLibraries(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler")
	}
	build := func(code string) string {
		path := filepath.Join(t.TempDir(), libraryName)
		cmd := exec.Command(cc, "-shared", "-fPIC", "-x", "c", "-o", path, "-")
		cmd.Stdin = strings.NewReader(code)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return path
	}
	text := filepath.Join(t.TempDir(), libraryName)
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	const api = `static const char *v(void) { return "%"; } static struct { void *a; const char *(*v)(void); } b = { 0, v };
		void *OrtGetApiBase(void) { return &b; }`
	for path, want := range map[string]string{
		build(strings.Replace(api, "%", "1.24.1", 1)): "is ONNX Runtime 1.24.1, want 1.29.x: run `make deps`",
		build(strings.Replace(api, "%", "1.29.7", 1)): "",
		build("int nothing;"):                         "no OrtGetApiBase: run `make deps`",
		text:                                          "run `make deps`",
	} {
		err := checkVersion(path)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error of several lines: %v", err)
		}
	}
}
