// Command manifests writes deploy/kubernetes from the chart. Run it in deploy/check.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/portcullis-ai/portcullis/deploy/check"
)

func main() {
	for name, example := range check.Plain {
		if err := write(name, example); err != nil {
			fmt.Fprintln(os.Stderr, "manifests:", err)
			os.Exit(1)
		}
	}
}

func write(name, example string) error {
	text, err := check.Manifest("../helm/portcullis", example)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("../kubernetes", name), []byte(text), 0o644)
}
