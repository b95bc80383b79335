"""The mean of runs is a network of the same shape, half way between two of them."""

import unittest

import torch

from export.selfcheck import CONFIG
from train.bert import Classifier
from train.mean import mean


def run(seed):
    torch.manual_seed(seed)
    return Classifier(CONFIG).state_dict()


class Mean(unittest.TestCase):
    def test_lies_half_way(self):
        one, other = run(1), run(2)
        found = mean([one, other])
        for name in one:
            torch.testing.assert_close(found[name] - one[name], other[name] - found[name], rtol=1e-4, atol=1e-6)
        Classifier(CONFIG).load_state_dict(found)

    def test_of_one_is_itself(self):
        one = run(1)
        for name, tensor in mean([one]).items():
            torch.testing.assert_close(tensor, one[name], rtol=0, atol=0)

    def test_refuses_another_network(self):
        one, other = run(1), run(2)
        other.pop(next(iter(other)))
        with self.assertRaises(ValueError):
            mean([one, other])


if __name__ == "__main__":
    unittest.main()
