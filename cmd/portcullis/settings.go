package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/portcullis-ai/portcullis/internal/config"
)

// settings are the flags of every command that builds the service.
type settings struct {
	File     string   `name:"config" short:"c" placeholder:"FILE" env:"PORTCULLIS_CONFIG" help:"Settings in YAML. 'portcullis config' prints one to start from."`
	Set      []string `placeholder:"KEY=VALUE" sep:"none" help:"One setting, such as guard.default_policy=strict. May be repeated. The environment takes them as PORTCULLIS_GUARD_DEFAULT_POLICY."`
	Models   []string `name:"model" placeholder:"NAME" sep:"none" help:"A model to load: 'bundled', a folder, or a pulled model's name. May be repeated."`
	Provider string   `placeholder:"PROVIDER" help:"Where models run: auto, cpu, cuda or tensorrt."`
	Library  string   `placeholder:"FILE" help:"The ONNX Runtime library, in place of the one that 'make deps' fetched."`
	LogLevel string   `placeholder:"LEVEL" help:"debug, info, warn or error."`
}

// load reads file, environment and flags, more besides the shared ones.
func (s settings) load(more ...config.Setting) (config.Config, error) {
	flags := make([]config.Setting, 0, len(s.Set)+len(more)+4)
	for _, kv := range s.Set {
		key, value, ok := strings.Cut(kv, "=")
		if !ok {
			return config.Config{}, fmt.Errorf("--set %s: write KEY=VALUE", kv)
		}
		flags = append(flags, config.Setting{Key: key, Value: value})
	}
	named := append([]config.Setting{
		{Key: "models", Value: strings.Join(s.Models, ",")},
		{Key: "onnxruntime.provider", Value: s.Provider},
		{Key: "onnxruntime.library", Value: s.Library},
		{Key: "log.level", Value: s.LogLevel},
	}, more...)
	for _, f := range named {
		if f.Value != "" {
			flags = append(flags, f)
		}
	}
	return config.Load(config.Sources{File: s.File, Environ: os.Environ(), Flags: flags})
}

// logger writes lines to a place. Nothing below it ever logs a text.
func logger(cfg config.Log, to io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return nil, fmt.Errorf("log.level: %w", err)
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, opts)), nil
	}
	return slog.New(slog.NewTextHandler(to, opts)), nil
}
