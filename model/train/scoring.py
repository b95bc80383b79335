"""Calibrated scores of whole texts, as the service computes them."""

import numpy as np

from train import base
from train.batches import windows


class Scorer:
    """session: anything with each(sequences); labels and window as in the manifest."""

    def __init__(self, session, labels, window):
        self.session, self.window, self.tokenizer = session, window, base.tokenizer()
        self.scale = np.array([label["calibration"]["scale"] for label in labels])
        self.bias = np.array([label["calibration"]["bias"] for label in labels])

    def scores(self, texts):
        """float64 [texts, labels]: per label the highest probability over the text's windows."""
        return np.array([self.windows(text).max(0) for text in texts])

    def windows(self, text):
        """float64 [windows, labels] in order; each window is run alone, never padded."""
        logits = self.session.each(windows(self.tokenizer, text, self.window))
        return probability(logits, self.scale, self.bias)


def probability(logits, scale=1.0, bias=0.0):
    return 1 / (1 + np.exp(-(logits * scale + bias)))
