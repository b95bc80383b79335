package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/bench/load"
	"github.com/portcullis-ai/portcullis/internal/process"
)

const peersMethod = `Each service runs the bundled model on all processors, with the same texts, over unary calls of the same contract. Texts are cut at the model's window, so
that everybody computes the same tokens: the peers take one window a text. Saturation: 16 texts a core under way, every text sent once a round. Alone: one text of 40 tokens at a time. Portcullis
does all its work (rules, token count, policy, findings), the peers none of it. "As it comes" is the peer with its own defaults; "tuned" is with one thread a call and a worker a core, without
spinning, which the bare loop showed to be the best on a CPU. Versions: bench/peers/requirements.txt and bench/peers/hugot/go.mod. hugot is built with its ONNX Runtime backend and its tokenizer
in Rust. text-embeddings-inference is on none of crates.io, PyPI and npm; Triton is on PyPI (nvidia-pytriton 0.7.0, 2026-11-22), with its Python backend and without the one for ONNX: neither is measured.`

// peer is a service that is measured like ours.
type peer struct {
	name string
	argv func(addr string) []string
}

// rivals are the peers that there are on this machine. libraries is where hugot finds
// ONNX Runtime.
func (p *proof) rivals(libraries string) (all []peer) {
	cores := strconv.Itoa(runtime.NumCPU())
	if p.Python != "" {
		plain := func(more ...string) func(string) []string {
			return func(addr string) []string {
				return append([]string{p.Python, filepath.Join(p.Peers, "plain.py"), "--model", p.Model, "--proto", "proto", "--listen", addr}, more...)
			}
		}
		all = append(all, peer{"Python, as it comes", plain()}, peer{"Python, tuned", plain("--threads", "1", "--workers", cores)})
	}
	if p.Hugot != "" {
		served := func(more ...string) func(string) []string {
			return func(addr string) []string {
				return append([]string{
					p.Hugot, "--listen", addr, "--check", p.manifest.Check,
					"--model", filepath.Join(filepath.Dir(p.Hugot), "model"), "--file", "model.onnx", "--library", libraries,
				}, more...)
			}
		}
		all = append(all, peer{"hugot, as it comes", served()}, peer{"hugot, tuned", served("--threads", "1")})
	}
	return all
}

// measured is what a service did.
type measured struct {
	rates, alone []float64 // texts a second; ms
	cpu          float64   // ms a text, of the service's process
}

// peers measures ours and everybody else.
func (p *proof) peers(ctx context.Context) (figures.Part, error) {
	part := figures.Part{Method: peersMethod}
	table := figures.Table{Title: "The same texts, model and machine", Columns: []string{"service", "texts a second", "alone, ms", "processor time of a text, ms"}}
	ours := peer{"Portcullis", func(addr string) []string {
		return []string{p.Binary, "serve", "--listen", addr, "--metrics-listen", "127.0.0.1:0", "--provider", "cpu", "--set", "cache.enabled=false", "--set", "server.default_deadline=60s"}
	}}
	libraries, err := p.sameLibrary()
	if err != nil {
		return part, err
	}
	defer os.RemoveAll(libraries) //nolint:errcheck // it is for a moment
	var own measured
	for i, one := range append([]peer{ours}, p.rivals(libraries)...) {
		m, err := p.meet(ctx, one)
		if err != nil {
			return part, fmt.Errorf("%s: %w", one.name, err)
		}
		say("  %s: %s texts a second", one.name, figures.Of("", "", m.rates...))
		table.Rows = append(table.Rows, []string{
			one.name, figures.Of("", "", m.rates...).String(), figures.Of("", "", m.alone...).String(), figures.Number(m.cpu),
		})
		if i == 0 {
			own = m
			continue
		}
		part.Figures = append(part.Figures, over(own, m, one.name))
	}
	part.Tables = []figures.Table{table}
	return part, nil
}

// sameLibrary makes a folder with our ONNX Runtime under the name that hugot looks for.
func (p *proof) sameLibrary() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "bench"); err != nil {
		return "", err
	}
	library, err := filepath.Abs(p.runtime.Info().Library)
	if err != nil {
		return dir, err
	}
	return dir, os.Symlink(library, filepath.Join(dir, "libonnxruntime.so"))
}

// over is how many times as many texts a second ours judges.
func over(own, other measured, name string) figures.Figure {
	ratios := make([]float64, len(own.rates))
	for i := range ratios {
		ratios[i] = own.rates[i] / other.rates[i]
	}
	f := figures.Of("texts a second, Portcullis over "+name, "", ratios...)
	f.Least = figures.AtLeast(1)
	return f
}

// meet starts a service, measures it and stops it.
func (p *proof) meet(ctx context.Context, one peer) (m measured, err error) {
	ports, err := process.FreePorts(1)
	if err != nil {
		return m, err
	}
	running, err := process.Start("", one.argv(ports[0])...)
	if err != nil {
		return m, err
	}
	defer running.Stop()
	conn, err := grpc.NewClient(ports[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return m, err
	}
	defer conn.Close() //nolint:errcheck // it was measured
	call := load.Unary(conn, p.manifest.Check)
	texts, lone, err := p.peerTexts()
	if err != nil {
		return m, err
	}
	starting, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := running.Await(starting, func(ctx context.Context) error { return asked(ctx, call, lone)() }); err != nil {
		return m, err
	}
	for range p.Rounds {
		if err := p.round(ctx, running, call, texts, lone, &m); err != nil {
			return m, err
		}
	}
	return m, nil
}

// round measures a service once, busy and alone.
func (p *proof) round(ctx context.Context, running *process.Process, call load.Call, texts []string, lone string, m *measured) error {
	before, err := running.CPU()
	if err != nil {
		return err
	}
	t := load.Closed{Call: call, Texts: texts, Calls: 16 * runtime.NumCPU()}.Once(ctx)
	if err := allJudged(t); err != nil {
		return err
	}
	after, err := running.CPU()
	if err != nil {
		return err
	}
	m.cpu = milliseconds(after-before) / float64(t.Sent())
	m.rates = append(m.rates, t.Rate())
	times, err := p.alternate([]func() error{asked(ctx, call, lone)})
	if err != nil {
		return err
	}
	m.alone = append(m.alone, milliseconds(median(times[0])))
	return nil
}
