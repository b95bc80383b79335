package config

import (
	"fmt"
	"time"
)

// Trust says how a service that runs makes sure of its models, and when it takes
// new ones. 0 turns a part off.
type Trust struct {
	// SelfTestEvery is how often every device is asked the known answers beside its
	// work. One that answers wrongly is retired until it passes.
	SelfTestEvery time.Duration `yaml:"self_test_every"`
	// VerifyEvery is how often the files of the models are compared with their
	// digests. A model inside the binary has no files to compare.
	VerifyEvery time.Duration `yaml:"verify_every"`
	// OnMismatch says what a file that is not the one loaded means: Keep serves on
	// with what was loaded, Drain says NOT_SERVING until the file is right again.
	OnMismatch string `yaml:"on_mismatch"`
	// WatchEvery is how often the folders of the models are looked at for a changed
	// manifest, which is loaded beside the old one and takes its place. SIGHUP does
	// the same at once.
	WatchEvery time.Duration `yaml:"watch_every"`
}

// What a mismatch leads to beside a log line and a metric.
const (
	Keep  = "keep"
	Drain = "drain"
)

func defaultTrust() Trust {
	return Trust{SelfTestEvery: 5 * time.Minute, VerifyEvery: time.Hour, OnMismatch: Keep, WatchEvery: 5 * time.Second}
}

// shortest keeps a slip of the unit from testing and hashing without a pause.
const shortest = time.Second

func (t Trust) validate() error {
	for _, d := range []struct {
		key   string
		every time.Duration
	}{{"self_test_every", t.SelfTestEvery}, {"verify_every", t.VerifyEvery}, {"watch_every", t.WatchEvery}} {
		if d.every != 0 && d.every < shortest {
			return fmt.Errorf("%s: %s is less than %s; 0 turns it off", d.key, d.every, shortest)
		}
	}
	if t.OnMismatch != Keep && t.OnMismatch != Drain {
		return fmt.Errorf("on_mismatch: %q is neither %s nor %s", t.OnMismatch, Keep, Drain)
	}
	return nil
}
