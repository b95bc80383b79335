package server

import (
	"sync"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// mailbox holds what a client is to be told of a growing text and has not been told
// yet, as one message. Whoever fills it never waits.
type mailbox struct {
	news chan struct{} // has room for one: there is something to take

	mu      sync.Mutex
	next    *pb.ValidateOutputResponse // nil: nothing
	ended   bool
	err     error // in the verdict's place
	through int   // the watermark, in bytes
	before  int   // the same in code points
	points  pointIndex
	told    map[place]bool // findings
	limit   int            // of findings told before the verdict
}

// place tells findings of one text apart.
type place struct {
	check, rule string
	start, end  uint32
}

func newMailbox(limit int) mailbox {
	return mailbox{news: make(chan struct{}, 1), told: make(map[place]bool), limit: limit}
}

// progress puts in what the guard has to tell. It fails never.
func (m *mailbox) progress(p guard.Progress) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.open()
	m.move(r, p.Text, p.Through)
	for _, f := range p.Findings {
		if len(m.told) == m.limit {
			break // the verdict has the rest
		}
		points := make(pointMap)
		if f.Span != nil {
			points[f.Span.Start], points[f.Span.End] = m.points.at(p.Text, f.Span.Start), m.points.at(p.Text, f.Span.End)
		}
		m.add(r, fromFinding(f, points))
	}
	m.announce()
	return nil
}

// close puts in the verdict, or the error that comes in its place.
func (m *mailbox) close(text string, v *pb.ValidateResponse, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended, m.err = true, err
	if err == nil {
		r := m.open()
		r.Verdict = v
		if v.GetDecision() == pb.Decision_DECISION_ALLOW {
			m.move(r, text, len(text))
		}
		for _, f := range v.GetFindings() {
			m.add(r, f)
		}
	}
	m.announce()
}

// take empties the mailbox. Nothing comes after the last message, and an error comes
// alone.
func (m *mailbox) take() (r *pb.ValidateOutputResponse, last bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, m.next = m.next, nil
	return r, m.ended, m.err
}

// open returns the message that is not taken yet.
func (m *mailbox) open() *pb.ValidateOutputResponse {
	if m.next == nil {
		m.next = &pb.ValidateOutputResponse{SafeThroughByte: uint32(m.through), SafeThroughCodepoint: uint32(m.before)}
	}
	return m.next
}

// move sets the watermark.
func (m *mailbox) move(r *pb.ValidateOutputResponse, text string, through int) {
	m.through = max(m.through, through)
	m.before = m.points.at(text, m.through)
	r.SafeThroughByte, r.SafeThroughCodepoint = uint32(m.through), uint32(m.before)
}

// add tells a finding that was not told before.
func (m *mailbox) add(r *pb.ValidateOutputResponse, f *pb.Finding) {
	at := place{f.GetCheck(), f.GetRule(), f.GetSpan().GetStartByte(), f.GetSpan().GetEndByte()}
	if !m.told[at] {
		m.told[at] = true
		r.Findings = append(r.Findings, f)
	}
}

func (m *mailbox) announce() {
	select {
	case m.news <- struct{}{}:
	default:
	}
}
