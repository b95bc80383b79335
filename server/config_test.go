package server

import (
	"strings"
	"testing"
	"time"
)

func TestConfigNamesTheKey(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(*Config){
		"connections.max_streams": func(c *Config) { c.Connections.MaxStreams = 0 },
		"connections.max":         func(c *Config) { c.Connections.Max = -1 },
		"per_caller.connections":  func(c *Config) { c.PerCaller.Connections = -1 },

		"listen":           func(c *Config) { c.Listen = "" },
		"metrics_listen":   func(c *Config) { c.MetricsListen = "" },
		"default_deadline": func(c *Config) { c.DefaultDeadline = 0 },
		"max_deadline":     func(c *Config) { c.MaxDeadline = time.Second },
		"output.max_idle":  func(c *Config) { c.Output.MaxIdle = 0 },
		"output.max_time":  func(c *Config) { c.Output.MaxTime = time.Second },
		"max_in_flight":    func(c *Config) { c.MaxInFlight = 0 },
		"stream_in_flight": func(c *Config) { c.StreamInFlight = -1 },
		"max_findings":     func(c *Config) { c.MaxFindings = 0 },
		"drain_timeout":    func(c *Config) { c.DrainTimeout = -1 },
	}
	for key, spoil := range tests {
		c := DefaultConfig()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), key+": ") {
			t.Errorf("%s: got %v", key, err)
		}
	}
}
