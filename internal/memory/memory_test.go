package memory

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestWhatThereIs(t *testing.T) {
	const info = "MemFree: 5 kB\nMemTotal:       16384 kB\nSwapTotal: 1 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nobody says":      {nil, 0},
		"the machine":      {map[string]string{"/proc/meminfo": info}, 16 << 20},
		"a container":      {map[string]string{"/proc/meminfo": info, "/sys/fs/cgroup/memory.max": "1048576\n"}, 1 << 20},
		"an older one":     {map[string]string{"/proc/meminfo": info, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "2097152\n"}, 2 << 20},
		"one without":      {map[string]string{"/proc/meminfo": info, "/sys/fs/cgroup/memory.max": "max\n"}, 16 << 20},
		"an older without": {map[string]string{"/proc/meminfo": info, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 16 << 20},
		"nonsense":         {map[string]string{"/proc/meminfo": "MemTotal: much", "/sys/fs/cgroup/memory.max": "?"}, 0},
	} {
		read := func(path string) ([]byte, error) {
			if content, ok := c.files[path]; ok {
				return []byte(content), nil
			}
			return nil, os.ErrNotExist
		}
		if got := available(read); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if bytesIn([]byte("5"), errors.New("half read")) != 0 {
		t.Error("a file that could not be read counts")
	}
}

// What is configured counts first, then what Go was told, then half of what there is.
func TestTheLimitThatCounts(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	if half := Limit(0); runtime.GOOS == "linux" && (half <= 0 || half != available(os.ReadFile)/2 || debug.SetMemoryLimit(-1) != half) {
		t.Errorf("half of what there is: %d", half)
	}
	debug.SetMemoryLimit(1 << 40)
	if got := Limit(0); got != 1<<40 {
		t.Errorf("GOMEMLIMIT of 1 TiB: %d", got)
	}
	if got := Limit(2 << 40); got != 2<<40 || debug.SetMemoryLimit(-1) != 2<<40 {
		t.Errorf("2 TiB: %d", got)
	}
}

func TestFullUntilThereIsRoomAgain(t *testing.T) {
	g := NewGauge(1000)
	for _, step := range []struct {
		alive int64
		full  bool
	}{{0, false}, {749, false}, {750, true}, {700, true}, {649, false}, {700, false}} {
		if g.see(step.alive); g.Full() != step.full {
			t.Errorf("at %d of 1000: full is %v", step.alive, g.Full())
		}
	}
}

// However much a service needs to stand still, it is not tight then, and is before it is
// full.
func TestTightIsMeasuredFromTheStart(t *testing.T) {
	const mib = 1 << 20
	for start, tight := range map[int64]int64{0: 99, 100: 166, 200: 233, 290: 294} {
		g := &Gauge{limit: 400 * mib, start: start * mib}
		for _, step := range []struct {
			alive int64
			want  bool
		}{{start, false}, {tight - 1, false}, {tight, true}, {300, true}, {tight - 1, false}} {
			if g.see(step.alive * mib); g.tight.Load() != step.want {
				t.Errorf("from %d MiB, at %d of 400: tight is %v", start, step.alive, g.tight.Load())
			}
		}
	}
	if g := NewGauge(mib); g.start <= 0 {
		t.Error("nothing is alive at the start")
	}
}

// The real heap of this process, seen through the real gauge.
func TestALookAtTheHeap(t *testing.T) {
	held := make([]byte, 64<<20)
	runtime.GC()
	g := NewGauge(32 << 20)
	if g.Look(); !g.Full() {
		t.Error("64 MiB are alive, 32 are the limit, and it is not full")
	}
	large, none := NewGauge(1<<50), NewGauge(0)
	if large.Look(); large.Full() {
		t.Error("full at a millionth of the limit")
	}
	if none.Look(); none.Full() {
		t.Error("full without a limit")
	}
	runtime.KeepAlive(held)
}

// Relief is asked for while memory is full, until what it lets go is seen.
func TestReliefIsSeen(t *testing.T) {
	held := [][]byte{make([]byte, 64<<20), make([]byte, 64<<20)}
	runtime.GC()
	g := NewGauge(64 << 20)
	g.Look()
	ctx, done := context.WithCancel(t.Context())
	defer done()
	asked := make(chan int, 1)
	go func() {
		defer close(asked)
		g.Run(ctx, func() {}, func() {
			held = held[1:]
			if len(held) == 0 {
				held = nil
			}
			asked <- len(held)
		})
	}()
	for left := range asked {
		if left == 0 {
			break
		}
	}
	for g.Full() {
		runtime.Gosched()
	}
	done()
	if _, more := <-asked; more {
		t.Error("asked for relief when there was nothing to relieve")
	}
}
