package model

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Parse reads a manifest and refuses whatever is unknown, missing, repeated or
// out of bounds, naming the key. A result of Parse satisfies Validate.
func Parse(data []byte) (Manifest, error) {
	if err := knownFormat(data); err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := decodeStrict(data, &m); err != nil {
		return Manifest{}, err
	}
	if err := m.Validate(); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// knownFormat comes before the keys: in a later format they differ, and a
// person is better told to upgrade than that some key is unknown. It leaves a
// format that is missing or no number to the strict reading.
func knownFormat(data []byte) error {
	var head struct {
		Format *float64 `json:"format"`
	}
	if json.Unmarshal(data, &head) == nil && head.Format != nil && *head.Format != Format {
		return fmt.Errorf("format: this build reads format %d, not %v: use a build that knows it", Format, *head.Format)
	}
	return nil
}

// Marshal renders the manifest for people and for Parse. It does not validate.
func (m Manifest) Marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return b.Bytes(), nil
}
