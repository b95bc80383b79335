package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// measured is one graph of one model.
type measured struct {
	name   string
	exact  bool // computed in floating point, as the limit is
	arch   architecture
	shapes []shape
	mix    mixed
}

// report is everything that is written.
type report struct {
	options options
	machine machine
	torch   *torch
	graphs  []measured
	served  []namedServed
}

type namedServed struct {
	name string
	served
}

// add measures every graph of a model, and the service with the one that it takes.
func (r *report) add(ctx context.Context, runtime *ort.Runtime, dir string) error {
	subject, err := gpu.OpenSubject(dir)
	if err != nil {
		return err
	}
	arch, err := readArchitecture(dir)
	if err != nil {
		return err
	}
	for _, g := range subject.Graphs(ort.Provider(r.options.Provider)) {
		m := measured{name: fmt.Sprintf("%s, %s, %s", subject.Name(), g.Precision, g.Layout), exact: g.Precision != ort.INT8, arch: arch}
		say("%s", m.name)
		if err := r.one(ctx, runtime, g, &m); err != nil {
			return err
		}
		r.graphs = append(r.graphs, m)
	}
	say("%s over gRPC", subject.Name())
	s, err := r.options.serve(ctx, dir)
	r.served = append(r.served, namedServed{subject.Name(), s})
	return err
}

func (r *report) one(ctx context.Context, runtime *ort.Runtime, g ort.Graph, m *measured) error {
	session, err := runtime.Session(g, 0)
	if err != nil {
		return err
	}
	defer session.Close() //nolint:errcheck // it was measured
	b := bench{session: session, graph: g, card: r.options.Provider != "cpu", duration: r.options.Time}
	if m.shapes, err = b.shapes(ctx); err != nil {
		return err
	}
	m.mix, err = b.mix(ctx, r.options.Texts)
	return err
}

// busy is the share of the machine that others may have before figures are in doubt.
const busy = 0.1

// write prints the report in Markdown.
func (r *report) write(out io.Writer) error {
	var b strings.Builder
	r.head(&b)
	for _, m := range r.graphs {
		r.fixed(&b, m)
	}
	r.mixes(&b)
	r.services(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

func (r *report) head(b *strings.Builder) {
	m := r.machine
	fmt.Fprintf(b, "# On %s, %s\n\n", r.device(), m.Day)
	fmt.Fprintf(b, "`%s`, %s; %s, %d cores", r.options.Command, m.Version, m.CPU, m.Cores)
	for _, c := range m.Cards {
		fmt.Fprintf(b, ", %s (driver %s)", c.Name, c.Driver)
	}
	fmt.Fprintf(b, "; ONNX Runtime %s", ort.Version)
	if r.torch != nil {
		fmt.Fprintf(b, "; PyTorch %s in %s", r.torch.Version, r.torch.Dtype)
	}
	fmt.Fprintf(b, ".\nOther programs had %.0f %% of the processors meanwhile.\n", 100*m.Others)
	if m.Others > busy {
		fmt.Fprintf(b, "**The machine was busy with other work**: read ratios inside one table, not absolutes.\n")
	}
	if r.torch == nil {
		fmt.Fprintf(b, "PyTorch was not measured.\n")
	}
	if limit, source := r.limit(); limit > 0 {
		fmt.Fprintf(b, "Limit: %.2f TFLOP/s, %s.\n", limit, source)
	}
}

// device is where the models ran.
func (r *report) device() string {
	if r.options.Provider == "cpu" || len(r.machine.Cards) == 0 {
		return "the CPU"
	}
	return r.machine.Cards[0].Name
}

// limit is what the device could compute, in TFLOP/s, and who says so.
func (r *report) limit() (tflops float64, source string) {
	switch {
	case r.torch != nil && r.torch.Peak > 0:
		return r.torch.Peak, "measured: one large product of matrices in PyTorch, in " + r.torch.Dtype
	case r.options.Provider != "cpu" && len(r.machine.Cards) > 0 && rated(r.machine.Cards[0].Name) > 0:
		return rated(r.machine.Cards[0].Name), "what its maker says of dense fp16"
	}
	return 0, ""
}

// fixed is the table of one graph: texts of one length.
func (r *report) fixed(b *strings.Builder, m measured) {
	fmt.Fprintf(b, "\n## %s\n\nTexts of one length: in the best batch, and one by itself.\n\n", m.name)
	row(b, "tokens", "texts/s", "batch", "TFLOP/s", "of the limit", "PyTorch texts/s", "batch", "one text", "PyTorch", "PyTorch, CUDA graph")
	row(b, strings.Split(strings.Repeat("---,", 9)+"---", ",")...)
	for _, s := range m.shapes {
		t := r.torch.shape(s.Tokens)
		tflops := s.Rate * float64(s.Tokens) * m.arch.flop(s.Tokens) / 1e12
		limit, _ := r.limit()
		if !m.exact {
			limit = 0
		}
		row(b, fmt.Sprint(s.Tokens), number(s.Rate), fmt.Sprint(s.Batch), number(tflops), share(tflops, limit),
			number(t.Rate), number(float64(t.Batch)), milliseconds(s.Alone), ms(t.Alone), ms(t.Graph))
	}
}

func (r *report) mixes(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Mixed lengths\n\n%d texts with lengths as real ones have them (lognormal, median 40, cut at the model's window), all waiting, through the batcher.\n\n", r.options.Texts)
	row(b, "what", "texts/s", "tokens/s", "computed for each token", "tokens in a batch at most")
	row(b, "---", "---", "---", "---", "---")
	for _, m := range r.graphs {
		row(b, m.name, number(m.mix.Rate), number(m.mix.Tokens), fmt.Sprintf("%.2f", m.mix.Padding), fmt.Sprint(m.mix.Budget))
	}
	if r.torch != nil {
		row(b, "PyTorch, sorted and padded (another draw)", number(r.torch.Mix.Rate), number(r.torch.Mix.Tokens), fmt.Sprintf("%.2f", r.torch.Mix.Padding), fmt.Sprint(r.torch.Mix.Budget))
	}
}

func (r *report) services(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Through gRPC\n\nThe whole service, default policy, asked over streams by a client on the same machine, with the same mix of lengths.\n\n")
	row(b, "model", "streams × texts in flight", "texts/s", "p50", "p99", "one text at a time, p50")
	row(b, "---", "---", "---", "---", "---", "---")
	for _, s := range r.served {
		row(b, s.name, fmt.Sprintf("%d × %d", s.Load.Streams, s.Load.Window), number(s.Rate), milliseconds(s.P50), milliseconds(s.P99), milliseconds(s.Alone))
	}
}

func row(b *strings.Builder, cells ...string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }

// number prints three digits that mean something; what was not measured is a dash.
func number(v float64) string {
	switch {
	case v == 0:
		return "–"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func milliseconds(d time.Duration) string { return ms(float64(d) / float64(time.Millisecond)) }

func ms(v float64) string {
	if v == 0 {
		return "–"
	}
	return number(v) + " ms"
}

func share(part, whole float64) string {
	if part == 0 || whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*part/whole)
}
