// Command sbom writes the bill of materials of an image, in CycloneDX: the Go modules of
// the binary as cyclonedx-gomod reads them out of it, and beside them what no Go tool
// sees: ONNX Runtime's libraries, Debian's packages and the model.
//
// The same image gives the same bytes: there is no time and no serial number.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/CycloneDX/cyclonedx-gomod/pkg/generate/bin"
	"github.com/rs/zerolog"
)

func main() {
	var in inputs
	flag.StringVar(&in.binary, "binary", "", "the Go binary")
	flag.StringVar(&in.version, "version", "devel", "its version")
	flag.StringVar(&in.root, "root", "", "the root of what else the image holds")
	flag.StringVar(&in.lock, "lock", "", "the fetch.lock that ONNX Runtime was fetched by")
	flag.StringVar(&in.model, "model", "", "the manifest of the model inside the binary")
	flag.Parse()
	if err := write(os.Stdout, in); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// inputs are paths, but for the version.
type inputs struct{ binary, version, root, lock, model string }

func write(w io.Writer, in inputs) error {
	generator, err := bin.NewGenerator(in.binary,
		bin.WithIncludeStdlib(true), bin.WithVersionOverride(in.version), bin.WithLogger(zerolog.Nop()))
	if err != nil {
		return err
	}
	bom, err := generator.Generate()
	if err != nil {
		return err
	}
	others, err := in.others()
	if err != nil {
		return err
	}
	*bom.Components = append(*bom.Components, others...)
	encoder := cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true)
	return encoder.Encode(bom)
}

// others lists what is not Go.
func (in inputs) others() ([]cdx.Component, error) {
	var all []cdx.Component
	for _, read := range []func() ([]cdx.Component, error){in.libraries, in.packages, in.models} {
		some, err := read()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
