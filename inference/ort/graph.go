package ort

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Graph is an ONNX graph of a classifier and what its manifest promises.
//
// A padded graph has the input input_ids and may have attention_mask and
// token_type_ids. A packed one has input_ids, sequence_ids, position_ids and
// text_starts, and may have text_lengths (docs/models.md). All are int32 or
// int64. The output is the one named logits, or the only one: float32,
// [texts, Labels]. Anything else is an error of Session.
type Graph struct {
	// Path is the file. It is read by ONNX Runtime itself, which needs half the
	// memory that Data does.
	Path string
	// Data is the file's content, where there is no path. It must not change
	// while the session is made.
	Data []byte
	// Digest names the folder of what TensorRT builds of the graph: the SHA-256 in
	// hex. Empty: nothing is kept.
	Digest string
	// Threads is how many threads one call may use on the CPU; 0 is Config.Threads.
	Threads int
	// Precision is what the graph computes in.
	Precision Precision
	// Layout is how texts lie in its tensors; the graph's inputs must agree.
	Layout Layout
	// Labels is the length of a row of logits.
	Labels int
	// MaxLength is the longest window that the model allows, in tokens.
	MaxLength int
	// Vocabulary is one more than the highest token id. A card does not check
	// ids, it reads past the embeddings.
	Vocabulary int
}

func (g Graph) validate() error {
	switch {
	case (g.Path == "") == (len(g.Data) == 0):
		return errors.New("a graph needs either a path or data")
	case g.Layout != "" && g.Layout != Padded && g.Layout != Packed:
		return fmt.Errorf("the layout %q, want %s or %s", g.Layout, Padded, Packed)
	case g.Labels < 1:
		return fmt.Errorf("a graph with %d labels, want 1 or more", g.Labels)
	case g.MaxLength < 2:
		return fmt.Errorf("a longest window of %d tokens, want 2 or more", g.MaxLength)
	case g.Vocabulary < 1:
		return fmt.Errorf("a vocabulary of %d ids, want 1 or more", g.Vocabulary)
	}
	return nil
}

// name says which graph an error is about.
func (g Graph) name() string {
	if g.Path != "" {
		return g.Path
	}
	return fmt.Sprintf("graph of %d bytes", len(g.Data))
}

// signature reads the inputs and outputs from the file.
func (g Graph) signature() (signature, error) {
	if g.Path == "" {
		return readSignature(bytes.NewReader(g.Data), int64(len(g.Data)))
	}
	f, err := os.Open(g.Path)
	if err != nil {
		return signature{}, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return signature{}, err
	}
	return readSignature(f, size)
}
