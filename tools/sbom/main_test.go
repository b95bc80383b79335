package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// image makes what an image is made of, in small, around this test's own binary.
func image(t *testing.T) inputs {
	t.Helper()
	root := t.TempDir()
	library := "not really a library"
	sum := sha256.Sum256([]byte(library))
	for name, text := range map[string]string{
		"opt/portcullis/lib/libonnxruntime.so.1": library,
		"var/lib/dpkg/status.d/libc6":            "Package: libc6\nArchitecture: amd64\nVersion: 2.36-9+deb12u13\nDescription: C library\n more: of it\n",
		"fetch.lock":                             "version 1.29.0\n\nlinux-x64 libonnxruntime.so.1 npm p m " + hex.EncodeToString(sum[:]) + "\n",
		"manifest.json":                          `{"name": "mini", "version": "0.2.0", "licence": "Apache-2.0"}`,
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return inputs{binary: self, version: "v1.2.3", root: root, lock: filepath.Join(root, "fetch.lock"), model: filepath.Join(root, "manifest.json")}
}

func TestEverythingIsListed(t *testing.T) {
	in := image(t)
	var first, second bytes.Buffer
	if err := write(&first, in); err != nil {
		t.Fatal(err)
	}
	if err := write(&second, in); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same image gives two different lists")
	}
	var bom struct {
		BOMFormat  string
		Metadata   struct{ Component struct{ Version string } }
		Components []struct {
			Name, Version, Purl string
			Hashes              []struct{ Alg, Content string }
		}
	}
	if err := json.Unmarshal(first.Bytes(), &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BOMFormat != "CycloneDX" || bom.Metadata.Component.Version != "v1.2.3" {
		t.Errorf("head is %q, %q", bom.BOMFormat, bom.Metadata.Component.Version)
	}
	var names []string
	for _, c := range bom.Components {
		names = append(names, c.Name+" "+c.Version)
	}
	for _, want := range []string{"libonnxruntime.so.1 1.29.0", "libc6 2.36-9+deb12u13", "mini 0.2.0"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q is not among %q", want, names)
		}
	}
	if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "github.com/CycloneDX/cyclonedx-go ") }) {
		t.Errorf("a Go module of the binary is not among %q", names)
	}
}

func TestAFileThatNobodyPinnedIsRefused(t *testing.T) {
	in := image(t)
	if err := os.WriteFile(filepath.Join(in.root, "opt/portcullis/lib/libonnxruntime.so.1"), []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(&bytes.Buffer{}, in); err == nil || !strings.Contains(err.Error(), "does not pin") {
		t.Errorf("write: %v", err)
	}
}
