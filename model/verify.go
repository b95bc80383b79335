package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrMismatch is wrapped by errors that say a file is not what the manifest
// promises. A file that cannot be read wraps the reason instead.
var ErrMismatch = errors.New("the file is not the one the manifest describes: pull or copy the model again")

// maxVocabulary bounds the vocabulary in bytes: BERT's multilingual one has 1 MB.
const maxVocabulary = 16 << 20

// chunk is how much is hashed between two looks at the context, in bytes.
const chunk = 1 << 20

// Verify compares size and SHA-256 of every graph and of the vocabulary with
// the manifest. Call it before anything is loaded: a graph is code that runs in
// this process. It streams, holds one chunk in memory and stops when ctx ends.
func (m *Model) Verify(ctx context.Context) error {
	if _, err := m.Vocabulary(); err != nil {
		return err
	}
	for _, g := range m.manifest.Graphs {
		if err := (Graph{GraphFile: g, model: m}).Verify(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Verify compares size and SHA-256 of this one graph with the manifest.
func (g Graph) Verify(ctx context.Context) error { return g.verify(ctx, chunk, 0) }

// In a recheck small reads take turns with pauses of restShare times their length,
// so that it takes a tenth of a core and of a disk at most, for as long as it lasts.
const (
	smallChunk = 256 << 10
	restShare  = 9
)

// Recheck compares vocabulary and graph with the manifest as it was read: are the
// files still those that were loaded? It is for a service at work and leaves the
// machine to it; see restShare. The error of a file that differs wraps ErrMismatch.
func (g Graph) Recheck(ctx context.Context) error {
	if _, err := g.model.Vocabulary(); err != nil {
		return err
	}
	return g.verify(ctx, smallChunk, restShare)
}

func (g Graph) verify(ctx context.Context, step int64, rest int) error {
	found, size, err := g.model.digest(ctx, g.File, g.Size, step, rest)
	if err != nil {
		return fmt.Errorf("%s: %w", g.model.where(g.File), err)
	}
	if size != g.Size {
		return g.model.differs(g.File, fmt.Sprintf("%d bytes", g.Size), sizeFound(size, g.Size))
	}
	if found != g.SHA256 {
		return g.model.differs(g.File, g.SHA256, found)
	}
	return nil
}

// digest hashes a file in steps, and rests so many times as long between them. Of a
// file that is longer than size it reads one byte more.
func (m *Model) digest(ctx context.Context, name string, size, step int64, rest int) (sum string, read int64, err error) {
	f, err := openRegular(m.fsys, name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	took := time.Duration(0)
	for read <= size {
		if err := pause(ctx, time.Duration(rest)*took); err != nil {
			return "", read, err
		}
		began := time.Now()
		n, err := io.CopyN(h, f, min(step, size+1-read))
		read, took = read+n, time.Since(began)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", read, err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), read, nil
}

// pause returns when d is over, or ctx with its error.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Model) differs(file, want, found string) error {
	return fmt.Errorf("%s: found %s, %s says %s: %w", m.where(file), found, ManifestName, want, ErrMismatch)
}

func sizeFound(read, want int64) string {
	if read > want {
		return "more bytes"
	}
	return fmt.Sprintf("%d bytes", read)
}

func hexDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
