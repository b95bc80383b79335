"""How good scores are, with 95 % intervals; numpy only.

Everything is computed from tallies, how many positives and negatives have each
distinct score, so that a thousand resamples are a few array operations.
"""

from dataclasses import dataclass

import numpy as np

from train.metrics import BINS

RESAMPLES, SEED = 1000, 20260
TAILS = (2.5, 97.5)  # per cent: a 95 % interval
Z = 1.959964  # the normal distribution's, for the same


@dataclass(frozen=True)
class Estimate:
    """A figure and the bounds of its interval; NaN where there was nothing to measure."""

    value: float
    low: float
    high: float

    def __format__(self, spec):
        value, low, high = (_unsigned_zero(format(x, spec)) for x in (self.value, self.low, self.high))
        return f"{value} ({low}–{high})"


@dataclass(frozen=True)
class Tally:
    """values [distinct], ascending; positives, negatives: counts [rows, distinct]. A row is one sample."""

    values: np.ndarray
    positives: np.ndarray
    negatives: np.ndarray

    @classmethod
    def of(cls, scores, truths):
        """One row: what was measured."""
        values, place = np.unique(scores, return_inverse=True)
        return cls(values, *(np.bincount(place[truths == c], minlength=len(values))[None] for c in (True, False)))

    @classmethod
    def resampled(cls, scores, truths, resamples=RESAMPLES):
        """One row a resample, each class drawn by itself. The same truths give the same draws, so two
        models' rows are pairs."""
        generator = np.random.default_rng(SEED)
        values, place = np.unique(scores, return_inverse=True)
        return cls(values, *(_draw(place[truths == c], len(values), resamples, generator) for c in (True, False)))

    @classmethod
    def redrawn(cls, scores, truths, resamples=RESAMPLES):
        """The same without strata: how many positives there are is chance too, which calibration must feel."""
        values, place = np.unique(scores, return_inverse=True)
        both = _draw(place + len(values) * ~truths, 2 * len(values), resamples, np.random.default_rng(SEED))
        return cls(values, both[:, : len(values)], both[:, len(values) :])

    def auc(self):
        """Area under the ROC curve by row, ties counted half."""
        below = np.cumsum(self.negatives, 1) - self.negatives / 2
        return (self.positives * below).sum(1) / (self.positives.sum(1) * self.negatives.sum(1))

    def recall_at(self, rate):
        """By row, the share of positives above a threshold that at most `rate` of the negatives reach."""
        reached = _tail(self.negatives)
        first = (reached > int(rate * reached[0, 0])).sum(1)  # the first value that few enough reach
        found = np.pad(_tail(self.positives), ((0, 0), (0, 1)))
        return found[np.arange(len(found)), first] / found[:, 0]

    def calibration_error(self):
        """Expected calibration error by row, as train.metrics computes it."""
        bins = np.minimum((self.values * BINS).astype(int), BINS - 1)
        gaps = (self.positives + self.negatives) * self.values - self.positives
        which = (bins[:, None] == np.arange(BINS)).astype(float)
        return np.abs(gaps @ which).sum(1) / (self.positives.sum(1) + self.negatives.sum(1))


@dataclass(frozen=True)
class Quality:
    """What the tables print of one set: Estimates."""

    auc: Estimate
    recall_1: Estimate  # at 1 % false positives
    recall_5: Estimate
    calibration: Estimate

    HEAD = ("AUC", "recall at 1 % FPR", "at 5 %", "calibration error")

    def cells(self):
        return self.auc, self.recall_1, self.recall_5, self.calibration


def judge(scores, truths, resamples=RESAMPLES):
    """Quality of probabilities against 0/1 truths."""
    scores, truths = np.asarray(scores, float), np.asarray(truths, bool)
    if truths.all() or not truths.any():
        return Quality(*[Estimate(*[float("nan")] * 3)] * 4)
    whole, drawn = Tally.of(scores, truths), Tally.resampled(scores, truths, resamples)
    return Quality(
        _percentile(whole.auc(), drawn.auc()),
        *(_percentile(whole.recall_at(rate), drawn.recall_at(rate)) for rate in (0.01, 0.05)),
        _reflected(whole.calibration_error(), Tally.redrawn(scores, truths, resamples).calibration_error()),
    )


def versus(positives, negatives):
    """judge() for scores of two sets, the first of which should score high."""
    truths = np.arange(len(positives) + len(negatives)) < len(positives)
    return judge(np.concatenate([positives, negatives]), truths)


def auc_cost(full, small, truths):
    """What the AUC loses from `full` to `small`, resampled in pairs."""
    truths = np.asarray(truths, bool)
    whole = Tally.of(full, truths).auc() - Tally.of(small, truths).auc()
    drawn = Tally.resampled(full, truths).auc() - Tally.resampled(small, truths).auc()
    return _percentile(whole, drawn)


def proportion(hits, count):
    """A share with Wilson's interval, which unlike the bootstrap's is honest about 0 of 20."""
    if not count:
        return Estimate(*[float("nan")] * 3)
    share = hits / count
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return Estimate(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def reaching(scores, threshold):
    """The share of the scores that reach the threshold."""
    return proportion(int((np.asarray(scores) >= threshold).sum()), len(scores))


def _unsigned_zero(text):
    return text.lstrip("-") if float(text) == 0 else text


def _draw(place, distinct, resamples, generator):
    rows = generator.integers(len(place), size=(resamples, len(place)))
    cells = place[rows] + distinct * np.arange(resamples)[:, None]
    return np.bincount(cells.ravel(), minlength=resamples * distinct).reshape(resamples, distinct)


def _tail(counts):
    return np.cumsum(counts[:, ::-1], 1)[:, ::-1]


def _percentile(whole, drawn):
    return Estimate(float(whole[0]), *map(float, np.percentile(drawn, TAILS)))


def _reflected(whole, drawn):
    """Noise only ever adds to a calibration error, and a resample adds it twice: the interval is turned round."""
    low, high = np.percentile(drawn, TAILS)
    return Estimate(float(whole[0]), max(0.0, float(2 * whole[0] - high)), max(0.0, float(2 * whole[0] - low)))
