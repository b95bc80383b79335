// Package config makes one Config of every package's own: from defaults, one
// strict YAML file, the environment and flags, the later ones winning.
package config

import (
	"fmt"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/tokens"
	"github.com/portcullis-ai/portcullis/inference/cache"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/tracing"
	"github.com/portcullis-ai/portcullis/server"
)

// Config is everything that can be set. Each section is declared, defaulted and
// bounded by the package that it configures.
type Config struct {
	Server      server.Config   `yaml:"server"`
	Auth        auth.Config     `yaml:"auth"`
	Guard       guard.Config    `yaml:"guard"`
	Tokens      tokens.Config   `yaml:"tokens"`
	Batching    batching.Config `yaml:"batching"`
	Cache       cache.Config    `yaml:"cache"`
	ONNXRuntime ort.Config      `yaml:"onnxruntime"`
	// Models names what to load: "bundled", a folder, or the name of a folder
	// below the models directory.
	Models []string `yaml:"models"`
	// ModelsDir is where pulled models are kept; empty: the user's data folder.
	ModelsDir string `yaml:"models_dir"`
	// Policies is a folder of policy files that are loaded beside the built-in
	// ones; a file takes the place of a built-in policy of the same name.
	Policies string `yaml:"policies"`
	// Rules is a folder of rule files that are loaded beside the built-in ones.
	Rules string `yaml:"rules"`
	Trust Trust  `yaml:"trust"`
	// Tracing sends spans to an OpenTelemetry collector.
	Tracing tracing.Config `yaml:"tracing"`
	Log     Log            `yaml:"log"`
}

// Log says how the service logs. No level ever logs a text.
type Log struct {
	Format string `yaml:"format"` // text or json
	Level  string `yaml:"level"`  // debug, info, warn or error
}

// Default serves the bundled model on this machine alone.
func Default() Config {
	return Config{
		Server:      server.DefaultConfig(),
		Auth:        auth.DefaultConfig(),
		Guard:       guard.DefaultConfig(),
		Tokens:      tokens.DefaultConfig(),
		Batching:    batching.DefaultConfig(),
		Cache:       cache.DefaultConfig(),
		ONNXRuntime: ort.Default(),
		Models:      []string{"bundled"},
		Trust:       defaultTrust(),
		Tracing:     tracing.DefaultConfig(),
		Log:         Log{Format: "text", Level: "info"},
	}
}

// Validate names the first setting that cannot be used.
func (c Config) Validate() error {
	for _, section := range []struct {
		name string
		err  error
	}{
		{"server", c.Server.Validate()},
		{"auth", c.Auth.Validate()},
		{"auth", c.Auth.Exposed(c.Server.Listen)},
		{"guard", c.Guard.Validate()},
		{"tokens", c.Tokens.Validate()},
		{"batching", c.Batching.Validate()},
		{"cache", c.Cache.Validate()},
		{"onnxruntime", c.ONNXRuntime.Validate()},
		{"trust", c.Trust.validate()},
		{"tracing", c.Tracing.Validate()},
		{"log", c.Log.validate()},
	} {
		if section.err != nil {
			return fmt.Errorf("%s.%w", section.name, section.err)
		}
	}
	if len(c.Models) == 0 {
		return fmt.Errorf(`models: name at least one, such as "bundled": without a model nothing looks for toxicity`)
	}
	return nil
}

func (l Log) validate() error {
	switch {
	case l.Format != "text" && l.Format != "json":
		return fmt.Errorf("format: %q is neither text nor json", l.Format)
	case !slices.Contains([]string{"debug", "info", "warn", "error"}, l.Level):
		return fmt.Errorf("level: %q is none of debug, info, warn, error", l.Level)
	}
	return nil
}

// Sources is where the settings of one start come from.
type Sources struct {
	File    string   // a YAML file; empty: none
	Environ []string // as os.Environ gives it
	Flags   []Setting
}

// Setting is one key and how its value is spelled.
type Setting struct{ Key, Value string }

// Load reads the sources over the defaults and validates the whole.
func Load(s Sources) (Config, error) {
	cfg := Default()
	if s.File != "" {
		data, err := os.ReadFile(s.File)
		if err != nil {
			return Config{}, fmt.Errorf("configuration: %w", err)
		}
		if err := decodeFile(s.File, data, &cfg); err != nil {
			return Config{}, fmt.Errorf("configuration: %w", err)
		}
	}
	if err := applyEnv(s.Environ, &cfg); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	for _, f := range s.Flags {
		if err := Set(&cfg, f.Key, f.Value); err != nil {
			return Config{}, fmt.Errorf("configuration: flag: %w", err)
		}
	}
	if err := cfg.Validate(); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	return cfg, nil
}

// YAML writes a config as the file that gives it.
func (c Config) YAML() ([]byte, error) { return yaml.Marshal(c) }
