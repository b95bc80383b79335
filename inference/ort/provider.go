package ort

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	_ "embed"

	onnx "github.com/yalue/onnxruntime_go"
)

// probe is a graph of one addition: a provider that loads it works, has its
// libraries, a driver and the device.
//
//go:embed probe.onnx
var probe []byte

// choose settles the provider of r by starting it on each device.
func (r *Runtime) choose() error {
	want := r.config.Provider
	if want == CPU {
		r.info.Provider = CPU
		return nil
	}
	try := want
	if want == Auto {
		try = CUDA
	}
	err := r.start(try)
	switch {
	case err == nil:
		r.info.Provider, r.info.Devices = try, r.config.Devices
		return nil
	case want == Auto:
		r.info.Provider, r.info.Fallback = CPU, err.Error()
		return nil
	}
	return err
}

// start opens the probe with provider p on every device.
func (r *Runtime) start(p Provider) error {
	if err := missingProvider(r.info.Library, p); err != nil {
		return err
	}
	for _, device := range r.config.Devices {
		options, err := r.options(p, device, Graph{Precision: AutoPrecision})
		if err != nil {
			return explain(device, err)
		}
		err = keepSignals(func() error {
			s, err := onnx.NewDynamicAdvancedSessionWithONNXData(probe, []string{"x"}, []string{"y"}, options)
			if err != nil {
				return err
			}
			return s.Destroy()
		})
		if err = errors.Join(err, options.Destroy()); err != nil {
			return explain(device, err)
		}
	}
	return nil
}

// explain says what a failure of ONNX Runtime most likely means, and drops the
// place in its sources that it puts first.
func explain(device int, err error) error {
	text := err.Error()
	if _, reason, ok := strings.Cut(text, "[ONNXRuntimeError]"); ok {
		text = reason[strings.LastIndex(reason, " : ")+len(" : "):]
	}
	return fmt.Errorf("device %d: it needs an NVIDIA card, its driver and the CUDA 13 and cuDNN 9 libraries: %s",
		device, strings.TrimSpace(text))
}

// options returns the session options for a graph on a provider. The caller destroys them.
func (r *Runtime) options(p Provider, device int, g Graph) (*onnx.SessionOptions, error) {
	options, err := onnx.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	err = firstError(
		func() error { return options.SetLogSeverityLevel(onnx.LoggingLevelFatal) },
		func() error { return options.SetExecutionMode(onnx.ExecutionModeSequential) },
		func() error { return options.SetIntraOpNumThreads(cmp.Or(g.Threads, r.config.Threads)) },
		func() error { return options.SetInterOpNumThreads(1) },
		// A spinning thread takes the core from the requests that are being
		// tokenised: measured, 35 to 54 % more processor time.
		func() error { return options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0") },
		func() error { return r.append(options, p, device, g) },
	)
	if err != nil {
		return nil, errors.Join(err, options.Destroy())
	}
	return options, nil
}

// append adds the providers that p stands for, the preferred first. The CPU is
// always there, behind them.
func (r *Runtime) append(options *onnx.SessionOptions, p Provider, device int, g Graph) error {
	if !p.gpu() {
		return nil
	}
	return keepSignals(func() error {
		if p == TensorRT {
			if err := r.appendTensorRT(options, device, g); err != nil {
				return err
			}
		}
		return r.appendCUDA(options, device) // under TensorRT too: it takes what that leaves
	})
}

func (r *Runtime) appendCUDA(options *onnx.SessionOptions, device int) error {
	cuda, err := onnx.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	err = firstError(
		func() error { return cuda.Update(cudaSettings(r.config, device)) },
		func() error { return options.AppendExecutionProviderCUDA(cuda) },
	)
	return errors.Join(err, cuda.Destroy())
}

func (r *Runtime) appendTensorRT(options *onnx.SessionOptions, device int, g Graph) error {
	cache, err := engineCache(r.config.Card, g)
	if err != nil {
		return err
	}
	trt, err := onnx.NewTensorRTProviderOptions()
	if err != nil {
		return err
	}
	err = firstError(
		func() error { return trt.Update(tensorRTSettings(r.config, device, g.Precision, cache)) },
		func() error { return options.AppendExecutionProviderTensorRT(trt) },
	)
	return errors.Join(err, trt.Destroy())
}

// firstError runs steps up to the first that fails.
func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
