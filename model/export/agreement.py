"""How closely two sets of logits agree, in the figures that the proof is held to."""

import numpy as np


class Agreement:
    """truth, logits: float [texts, labels]. Probabilities are sigmoids of the logits."""

    def __init__(self, truth, logits):
        apart = np.abs(_sigmoid(truth) - _sigmoid(logits))
        self.logit = float(np.abs(truth - logits).max())
        self.mean, self.worst = float(apart.mean()), float(apart.max())
        self.usual = float(np.quantile(apart, 0.99))  # 99 of 100 scores are closer
        self.rank = min(_rank_correlation(a, b) for a, b in zip(truth.T, logits.T))

    def row(self):
        """Cells of a table: logits, probabilities (mean, 99 %, worst), rank correlation (of the worst label)."""
        return f"{self.logit:.1e} | {self.mean:.1e} | {self.usual:.1e} | {self.worst:.1e} | {self.rank:.5f}"


def _sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def _rank_correlation(a, b):
    """Spearman's; equal values share the mean of their ranks."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values):
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]
