package guard

import (
	"context"
	"errors"
)

// How often a check looks at a growing text: when it has grown by a sixteenth of
// what the look will read, so that all looks together read the text some sixteen
// times however small the chunks are, and never for less than a few words. A look
// reads much only where something is open that holds the watermark back, such as a
// payload: there it comes with every quarter, and reads the text some five times.
const (
	lookShare = 16
	lookGrain = 32      // bytes
	lookMuch  = 4 << 10 // bytes
	muchShare = 4
)

// step is how much a text grows between two looks of which the later reads so much.
func step(reads int) int {
	return max(lookGrain, reads/lookShare, (reads-lookMuch)/muchShare)
}

// pursuit is one check following one text.
type pursuit struct {
	follower Follower
	busy     bool
	looked   int // bytes that the last look saw
	resume   int // where the next one reads on
	clear    int
	tokens   int
	doubtful []Finding
}

func newPursuit(c Check) *pursuit {
	g, ok := c.(Grower)
	if !ok {
		return &pursuit{follower: patient{c}}
	}
	return &pursuit{follower: g.Follow()}
}

func (p *pursuit) due(size int) bool {
	return !p.busy && size-p.looked >= step(size-p.resume)
}

func (p *pursuit) begin(size int) { p.busy, p.looked = true, size }

// look is what came of one.
type look struct {
	index int
	Sight
	err error
}

// look makes an error of a panic. It may quote the text.
func (p *pursuit) look(ctx context.Context, index int, text string) (l look) {
	l.index = index
	defer func() {
		if r := recover(); r != nil {
			l.Sight, l.err = Sight{}, errors.New("the check panicked")
		}
	}()
	if l.Sight, l.err = p.follower.Look(ctx, text); l.err == nil && l.flawed(len(text)) {
		l.Sight, l.err = Sight{}, errFlawed
	}
	return l
}

// end files a look. One that failed leaves all as it was: the next will tell, and
// in the end the verdict.
func (p *pursuit) end(l look) Sight {
	p.busy = false
	if l.err != nil {
		return Sight{}
	}
	p.clear, p.resume = max(p.clear, l.Clear), l.Resume
	p.tokens, p.doubtful = max(p.tokens, l.Tokens), l.Doubtful
	return l.Sight
}

// patient is a check that cannot follow a text: it clears nothing and waits.
type patient struct{ Check }

func (patient) Look(context.Context, string) (Sight, error) { return Sight{}, nil }
