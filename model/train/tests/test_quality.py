"""Figures of merit on cases small enough to count by hand, and on ones whose truth is known."""

import math
import unittest
from statistics import NormalDist

import numpy as np

from train import metrics
from train.measure.quality import Estimate, auc_cost, judge, proportion, reaching, versus


class Auc(unittest.TestCase):
    def test_counts_pairs_in_order_and_ties_half(self):
        quality = judge([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0])
        self.assertAlmostEqual(quality.auc.value, 3.5 / 4)

    def test_is_one_when_the_classes_are_apart_and_has_no_width(self):
        self.assertEqual(judge([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]).auc, Estimate(1.0, 1.0, 1.0))

    def test_is_nothing_with_one_class(self):
        self.assertTrue(math.isnan(judge([0.1, 0.2], [0, 0]).auc.value))

    def test_agrees_with_the_plain_formula(self):
        scores, truths = _sample(300, 200, seed=4)
        scores = scores.round(2)  # many ties
        quality = judge(scores, truths)
        self.assertAlmostEqual(quality.auc.value, metrics.auc(scores, truths), places=12)
        self.assertAlmostEqual(quality.recall_1.value, metrics.recall_at(scores, truths, 0.01))
        self.assertAlmostEqual(quality.recall_5.value, metrics.recall_at(scores, truths, 0.05))
        self.assertAlmostEqual(quality.calibration.value, metrics.calibration_error(scores, truths))


class Recall(unittest.TestCase):
    def test_the_threshold_lets_the_rate_through_and_no_more(self):
        negatives = np.arange(100) / 100  # five reach 0.95, one 0.99
        positives = np.array([0.99, 0.985, 0.945, 0.5])
        quality = versus(positives, negatives)
        self.assertEqual(quality.recall_1.value, 2 / 4)
        self.assertEqual(quality.recall_5.value, 3 / 4)

    def test_few_negatives_must_all_stay_below(self):
        self.assertEqual(versus(np.array([0.5, 0.7]), np.array([0.1, 0.6])).recall_5.value, 0.5)

    def test_a_tie_with_the_highest_negative_is_not_found(self):
        self.assertEqual(versus(np.array([0.6, 0.6]), np.array([0.1, 0.6])).recall_1.value, 0.0)


class Calibration(unittest.TestCase):
    def test_is_the_mean_gap_of_the_bins(self):
        quality = judge([0.8] * 4 + [0.3] * 4, [1, 1, 1, 0, 1, 0, 0, 0])
        self.assertAlmostEqual(quality.calibration.value, 0.05)

    def test_interval_holds_near_nothing_for_scores_that_keep_their_promise(self):
        generator = np.random.default_rng(1)
        scores = generator.random(4000)
        error = judge(scores, generator.random(4000) < scores).calibration
        self.assertLess(error.low, 0.01)
        self.assertLess(error.high, 0.05)

    def test_interval_holds_the_gap_of_scores_that_do_not(self):
        generator = np.random.default_rng(2)
        scores = generator.uniform(0.3, 0.7, 4000)
        error = judge(scores, generator.random(4000) < scores + 0.2).calibration
        self.assertTrue(error.low <= 0.2 <= error.high, error)


class Intervals(unittest.TestCase):
    def test_most_of_them_hold_the_true_auc(self):
        truth, held = NormalDist(0, math.sqrt(2)).cdf(1.5), 0
        for seed in range(150):
            scores, truths = _sample(60, 80, seed)
            auc = judge(scores, truths, resamples=200).auc
            held += auc.low <= truth <= auc.high
        self.assertTrue(0.88 <= held / 150 <= 1.0, held)

    def test_are_the_same_every_time(self):
        self.assertEqual(judge(*_sample(50, 50, 1)), judge(*_sample(50, 50, 1)))

    def test_narrow_with_more_rows(self):
        few, many = (judge(*_sample(n, n, 3)).auc for n in (50, 1000))
        self.assertLess(many.high - many.low, (few.high - few.low) / 2)


class Cost(unittest.TestCase):
    def test_is_nothing_for_scores_in_the_same_order(self):
        scores, truths = _sample(100, 100, 5)
        self.assertEqual(auc_cost(scores, scores**3, truths), Estimate(0.0, 0.0, 0.0))

    def test_is_what_a_worse_model_loses(self):
        scores, truths = _sample(400, 400, 6)
        worse = 0.5 * scores + 0.5 * np.random.default_rng(7).random(800)
        cost = auc_cost(scores, worse, truths)
        self.assertGreater(cost.low, 0)
        self.assertAlmostEqual(cost.value, metrics.auc(scores, truths) - metrics.auc(worse, truths))


class Proportion(unittest.TestCase):
    def test_has_width_at_none_of_twenty(self):
        share = proportion(0, 20)
        self.assertEqual((share.value, share.low), (0.0, 0.0))
        self.assertAlmostEqual(share.high, 0.161, places=3)  # Wilson's, from the literature's tables

    def test_counts_scores_that_reach_the_threshold(self):
        self.assertEqual(reaching([0.5, 0.49, 0.9, 0.1], 0.5).value, 0.5)

    def test_of_nothing_is_not_a_number(self):
        self.assertTrue(math.isnan(proportion(0, 0).value))


def _sample(positives, negatives, seed):
    """Scores whose classes are normal, 1.5 deviations apart before they are squeezed into (0, 1)."""
    generator = np.random.default_rng(seed)
    raw = np.concatenate([generator.normal(1.5, 1, positives), generator.normal(0, 1, negatives)])
    return 1 / (1 + np.exp(-raw)), np.arange(len(raw)) < positives


if __name__ == "__main__":
    unittest.main()
