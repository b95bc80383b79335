package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/portcullis-ai/portcullis/internal/secret"
)

const canary = "canary-4711"

func TestAValueIsNeverSeen(t *testing.T) {
	v := secret.New(canary)
	held := struct {
		Token  secret.Value
		hidden secret.Value
		ptr    *secret.Value
	}{v, v, &v}
	var seen bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
		fmt.Fprintf(&seen, verb+" "+verb+"\n", v, held) // every verb, fitting or not
	}
	for _, h := range []slog.Handler{slog.NewJSONHandler(&seen, nil), slog.NewTextHandler(&seen, nil)} {
		slog.New(h).Info("seen", slog.Any("value", v), slog.Any("held", held), slog.Any("pointer", &v))
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		out, err := marshal(map[string]any{"value": v, "held": held})
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(out)
	}
	if s := seen.String(); strings.Contains(s, canary) || strings.Contains(s, fmt.Sprintf("%x", canary)) || !strings.Contains(s, secret.Redacted) {
		t.Errorf("printed as %s", s)
	}
	if v.Reveal() != canary || (secret.Value{}).Reveal() != "" {
		t.Error("what was hidden is not there")
	}
}

func write(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // past the umask
		t.Fatal(err)
	}
	return name
}

func TestReferences(t *testing.T) {
	t.Setenv("SECRET_OF_THE_TEST", canary)
	t.Setenv("EMPTY_OF_THE_TEST", "")
	for _, tc := range []struct{ ref, want, refused string }{
		{"env:SECRET_OF_THE_TEST", canary, ""},
		{"file:" + write(t, canary+"\n", 0o640), canary, ""},
		{"file:" + write(t, canary, 0o644), "", "chmod"},
		{"file:" + write(t, "\n", 0o600), "", "holds nothing"},
		{"file:" + t.TempDir(), "", "no file"},
		{"file:/no/such", "", "no such file"},
		{"env:EMPTY_OF_THE_TEST", "", "holds nothing"},
		{canary, "", "file:PATH"},
		{"", "", "file:PATH"},
	} {
		v, err := secret.Ref(tc.ref).Read()
		if err == nil && tc.refused != "" || err != nil && (tc.refused == "" || !strings.Contains(err.Error(), tc.refused)) {
			t.Errorf("%s: %v, want %q", tc.ref, err, tc.refused)
		}
		if v.Reveal() != tc.want || err != nil && strings.Contains(err.Error(), canary) {
			t.Errorf("%s: another secret, or one that is told: %v", tc.ref, err)
		}
	}
	for ref, good := range map[secret.Ref]bool{"": true, "env:A": true, "file:/a": true, "env:": false, "canary": false, "vault:a": false} {
		if err := ref.Validate(); (err == nil) != good || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func TestWhatEveryoneMayWriteIsNotTrusted(t *testing.T) {
	if _, err := secret.ReadTrusted(write(t, "x", 0o644)); err != nil {
		t.Error(err)
	}
	if _, err := secret.ReadTrusted(write(t, "x", 0o646)); err == nil {
		t.Error("accepted")
	}
	if _, err := secret.ReadTrusted(write(t, strings.Repeat("x", 1<<20+1), 0o600)); err == nil {
		t.Error("a file without end was accepted")
	}
}
