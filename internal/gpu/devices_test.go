package gpu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Several cards: each gives the same scores, and in a service all of them pull from
// the one queue.
func TestSeveralDevices(t *testing.T) {
	needCard(t)
	numbers := devices(t)
	if len(numbers) < 2 {
		t.Skip("needs two NVIDIA cards, there is one: make gpu-test on a machine with several")
	}
	s, g := first(t)
	r, draw := open(t, config(t, provider())), NewDraw(23)
	windows := draw.Windows(lengths(draw, 32, g.MaxLength), g.Vocabulary)
	want := run(t, session(t, r, g, numbers[0]), windows)
	for _, n := range numbers[1:] {
		for i, row := range run(t, session(t, r, g, n), windows) {
			if apart := distance(row, want[i]); apart > roundOff(g.Precision) {
				t.Errorf("device %d: window %d is %g apart from device %d", n, i, apart, numbers[0])
			}
		}
	}
	share(t, s, numbers)
}

// share sends a service texts and expects every card to have run batches of them.
func share(t *testing.T, s *Subject, numbers []int) {
	t.Helper()
	list := strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ",")
	running := service(t, models()[0], "--set", "onnxruntime.devices="+list)
	draw, texts := NewDraw(29), make([]string, 5000)
	for i := range texts {
		texts[i] = draw.Text(s.Words, draw.Length(3, 48))
	}
	out := Load{Conn: running.Conn, Streams: 8, Window: 64}.Run(t.Context(), texts)
	if len(out.Verdicts) != len(texts) {
		t.Errorf("%d verdicts on %d texts: %v", len(out.Verdicts), len(texts), out.Ended)
	}
	for _, n := range numbers {
		if !slices.ContainsFunc(metric(t, running, "portcullis_batch_tokens_total", fmt.Sprintf(`executor="%s:%d"`, provider(), n)), positive) {
			t.Errorf("device %d ran nothing", n)
		}
	}
}

func positive(v float64) bool { return v > 0 }

// metric reads the values of a metric for all sets of labels that hold the one given.
func metric(t *testing.T, s *Service, name, label string) (values []float64) {
	t.Helper()
	_, text, err := s.Get(t.Context(), "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, name+"{") || !strings.Contains(line, label) {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		values = append(values, v)
	}
	return values
}
