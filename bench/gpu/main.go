// Command gpu-bench measures a model on a card, or on the CPU: fixed shapes, the mix of
// lengths that real texts have, and the whole service over gRPC, beside the arithmetic
// limit of the card and PyTorch on it. It writes Markdown to standard output.
//
// scripts/gpu-bench.sh builds it, makes the models and says where the result goes.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/process"
)

// options is the command line.
type options struct {
	Models   []string      `name:"model" required:"" placeholder:"DIR" sep:"none" help:"A model folder; may be repeated, such as one padded and one packed."`
	Provider string        `required:"" enum:"cpu,cuda,tensorrt" help:"What runs them: cpu, cuda or tensorrt."`
	Binary   string        `required:"" placeholder:"FILE" help:"The portcullis binary, for the part over gRPC."`
	Torch    string        `placeholder:"FILE" help:"What torch_bench.py has measured; without it PyTorch is left out."`
	Time     time.Duration `default:"3s" help:"How long each figure is measured."`
	Texts    int           `default:"20000" help:"How many texts the mix and the service are given."`
	Command  string        `default:"make gpu-bench" help:"What was typed, for the report."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("gpu-bench"))
	if err := o.measure(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "gpu-bench:", err)
		os.Exit(1)
	}
}

func (o options) measure(ctx context.Context) error {
	where, err := describe(ctx, o)
	if err != nil {
		return err
	}
	config := ort.Default()
	config.Provider, config.Library = ort.Provider(o.Provider), os.Getenv("PORTCULLIS_ONNXRUNTIME_LIBRARY")
	runtime, err := ort.Open(config)
	if err != nil {
		return err
	}
	defer runtime.Close() //nolint:errcheck // the process ends
	r := report{options: o, machine: where}
	if r.torch, err = readTorch(o.Torch); err != nil {
		return err
	}
	if err := r.all(ctx, runtime); err != nil {
		return err
	}
	return r.write(os.Stdout)
}

// all measures every model, and what others took of the machine meanwhile.
func (r *report) all(ctx context.Context, runtime *ort.Runtime) error {
	began := time.Now()
	before, err := process.Working()
	if err != nil {
		return err
	}
	for _, dir := range r.options.Models {
		if err := r.add(ctx, runtime, dir); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	after, err := process.Working()
	r.machine.Others = after.Others(before, time.Since(began))
	return err
}

// say tells whoever waits what is measured now.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "gpu-bench: "+format+"\n", args...) }
