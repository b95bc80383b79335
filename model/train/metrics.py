"""Figures of merit over scores and 0/1 truths; numpy only."""

import numpy as np

BINS = 15  # of a calibration error


def auc(scores, truths):
    """Area under the ROC curve, ties counted half; NaN with one class only."""
    truths = np.asarray(truths, bool)
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[inverse]
    positives, negatives = truths.sum(), (~truths).sum()
    if not positives or not negatives:
        return float("nan")
    return float((ranks[truths].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def threshold_at(negatives, rate):
    """The smallest score that at most `rate` of the negatives reach."""
    ordered = np.sort(negatives)[::-1]
    allowed = int(rate * len(ordered))
    return float(np.nextafter(ordered[allowed], 2)) if allowed < len(ordered) else 0.0


def recall_at(scores, truths, rate):
    """Share of positives found by the threshold that lets `rate` of the negatives through."""
    truths = np.asarray(truths, bool)
    return share(np.asarray(scores)[truths], threshold_at(np.asarray(scores)[~truths], rate))


def share(scores, threshold):
    """How many of the scores reach the threshold, as a fraction."""
    return float(np.mean(np.asarray(scores) >= threshold)) if len(scores) else float("nan")


def calibration_error(scores, truths, bins=BINS):
    """Expected calibration error: how far a score lies from the frequency it promises, on average."""
    scores, truths = np.asarray(scores), np.asarray(truths, float)
    which = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[which == b].sum() - truths[which == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(scores))


def platt(logits, truths, prior=2.0):
    """scale and bias that make sigmoid(scale * logit + bias) a probability.

    Newton's method on the cross entropy; `prior` rows' worth of pull towards
    (1, 0) keeps a rare label from running off.
    """
    x = np.stack([np.asarray(logits, float), np.ones(len(logits))], 1)
    truths, start = np.asarray(truths, float), np.array([1.0, 0.0])
    theta = start.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ theta, -30, 30)))
        gradient = x.T @ (p - truths) + prior * (theta - start)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + prior * np.eye(2)
        theta = theta - np.linalg.solve(hessian, gradient)
    return float(theta[0]), float(theta[1])
