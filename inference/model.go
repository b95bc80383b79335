package inference

import (
	"fmt"
	"math"
)

// Activation turns the logits of a window into probabilities.
type Activation uint8

const (
	// Sigmoid gives every label a probability of its own: multi-label models
	// such as toxic-bert. It is never softened by the other labels.
	Sigmoid Activation = iota
	// Softmax makes the labels exclude each other.
	Softmax
)

// Label is one output of a model. Its probability is the activation of
// Scale*logit+Bias: Platt's calibration (J. Platt, Probabilistic outputs for
// support vector machines, 1999), 1 and 0 where there is none.
type Label struct {
	Name        string
	Scale, Bias float64
}

// Model is what a classifier must know about the model behind its runner.
type Model struct {
	Name       string
	Labels     []Label
	Activation Activation
}

// Probabilities returns one probability per label for a row of logits. A row of
// the wrong length or with a value that is not finite is an error: a broken
// model must not pass for a clean text.
func (m Model) Probabilities(logits []float32) ([]float64, error) {
	if len(logits) != len(m.Labels) {
		return nil, fmt.Errorf("model %s gave %d values for %d labels", m.Name, len(logits), len(m.Labels))
	}
	scores := make([]float64, len(logits))
	for i, l := range m.Labels {
		z := l.Scale*float64(logits[i]) + l.Bias
		if math.IsNaN(z) || math.IsInf(z, 0) {
			return nil, fmt.Errorf("model %s gave %v for label %s", m.Name, logits[i], l.Name)
		}
		scores[i] = z
	}
	if m.Activation == Softmax {
		softmax(scores)
	} else {
		sigmoid(scores)
	}
	return scores, nil
}

func sigmoid(zs []float64) {
	for i, z := range zs {
		zs[i] = 1 / (1 + math.Exp(-z))
	}
}

// softmax subtracts the largest value first, so that exp never overflows.
func softmax(zs []float64) {
	top, sum := math.Inf(-1), 0.0
	for _, z := range zs {
		top = max(top, z)
	}
	for i, z := range zs {
		zs[i] = math.Exp(z - top)
		sum += zs[i]
	}
	for i := range zs {
		zs[i] /= sum
	}
}
