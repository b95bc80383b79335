package config

import (
	"reflect"
	"testing"
)

// Whatever a file of settings holds, it is refused, or what was read of it can be written
// and read again as the same.
func FuzzFile(f *testing.F) {
	whole, err := Default().YAML()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(whole), "", "server: {listen: ':50051'}\n", "a: &a [*a]\n", "server: {max_deadline: 1h}\n---\nlog: {}\n", "models: []\n", "auth: {keys: {file: /nowhere}}\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cfg := Default()
		if decodeFile("own.yaml", []byte(text), &cfg) != nil || cfg.Validate() != nil {
			return
		}
		written, err := cfg.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again := Default()
		if err := decodeFile("own.yaml", written, &again); err != nil || again.Validate() != nil {
			t.Fatalf("%v; what was written:\n%s", err, written)
		}
		twice, err := again.YAML()
		if err != nil || !reflect.DeepEqual(written, twice) {
			t.Errorf("%v\nonce:\n%s\nagain:\n%s", err, written, twice)
		}
	})
}
