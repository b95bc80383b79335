package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// libraries lists ONNX Runtime's files. A digest that the lock does not pin is an error:
// such a file came another way.
func (in inputs) libraries() ([]cdx.Component, error) {
	lock, err := os.ReadFile(in.lock)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(in.root, "opt/portcullis/lib/*"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no library in %s/opt/portcullis/lib: %w", in.root, err)
	}
	version := lockVersion(lock)
	var all []cdx.Component
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		digest := hex.EncodeToString(sum[:])
		if !bytes.Contains(lock, []byte(digest)) {
			return nil, fmt.Errorf("%s: %s does not pin its sha256, %s", file, in.lock, digest)
		}
		name := filepath.Base(file)
		all = append(all, cdx.Component{
			BOMRef: "onnxruntime/" + name, Type: cdx.ComponentTypeLibrary, Group: "onnxruntime", Name: name, Version: version,
			PackageURL: "pkg:generic/onnxruntime@" + version + "#" + name,
			Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: digest}},
			Licenses:   &cdx.Licenses{{License: &cdx.License{ID: "MIT"}}},
		})
	}
	return all, nil
}

// lockVersion reads the row "version V".
func lockVersion(lock []byte) string {
	for line := range strings.Lines(string(lock)) {
		if version, ok := strings.CutPrefix(line, "version "); ok {
			return strings.TrimSpace(version)
		}
	}
	return ""
}

// packages lists what dpkg knew of the files that were taken from Debian; none is fine.
func (in inputs) packages() ([]cdx.Component, error) {
	files, err := filepath.Glob(filepath.Join(in.root, "var/lib/dpkg/status.d/*"))
	if err != nil {
		return nil, err
	}
	var all []cdx.Component
	for _, file := range files {
		fields, err := control(file)
		if err != nil {
			return nil, err
		}
		purl := fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s", fields["Package"], url.QueryEscape(fields["Version"]), fields["Architecture"])
		all = append(all, cdx.Component{
			BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: fields["Package"], Version: fields["Version"], PackageURL: purl,
		})
	}
	return all, nil
}

// control reads the fields of one package; lines that go on from the one before are left out.
func control(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ": "); ok && !strings.HasPrefix(key, " ") {
			fields[key] = value
		}
	}
	if fields["Package"] == "" || fields["Version"] == "" {
		return nil, fmt.Errorf("%s: no Package and Version", file)
	}
	return fields, nil
}

// models lists the model inside the binary.
func (in inputs) models() ([]cdx.Component, error) {
	data, err := os.ReadFile(in.model)
	if err != nil {
		return nil, err
	}
	var m struct{ Name, Version, Description, Licence string }
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", in.model, err)
	}
	return []cdx.Component{{
		BOMRef: "model/" + m.Name, Type: cdx.ComponentTypeMachineLearningModel, Name: m.Name, Version: m.Version, Description: m.Description,
		Licenses: &cdx.Licenses{{License: &cdx.License{ID: m.Licence}}},
	}}, nil
}
