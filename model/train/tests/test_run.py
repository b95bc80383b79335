"""A run that was interrupted ends as an unbroken one does, and branches go on where the trunk ended."""

import random
import tempfile
import unittest
from pathlib import Path

import torch

from export.selfcheck import CONFIG
from train.bert import LABELS, Classifier
from train.fit import Rows, phases
from train.batches import pad
from train.run import Run

TRAINING = {
    "seed": 7, "trunk_passes": 1, "branch_passes": 2, "branches": 2, "learning_rate": 1e-3, "head_learning_rate": 1e-2,
    "weight_decay": 0.01, "warm_up": 0.1, "label_smoothing": 0.0, "dropout": 0.1, "hidden_words": 0.1,
    "loss_weights": [1.0] * len(LABELS),
}  # fmt: skip


def rows(seed):
    draw = random.Random(seed)
    ids = [[draw.randrange(5, CONFIG["vocab_size"]) for _ in range(8)] for _ in range(12)]
    targets = torch.tensor([[float(draw.random() < 0.5) for _ in LABELS] for _ in ids])
    return Rows(TRAINING, ids, targets, [[i, i + 1] for i in range(0, 12, 2)])


def started(found, phase, file, since=None):
    torch.manual_seed(1)
    return Run(Classifier(CONFIG), phase, found, file, since)


def ended(run, found, until=None):
    for batch in found.batches[run.batches : until]:
        run.step([(*pad([found.ids[i]]), found.targets[[i]]) for i in batch])
    run.save()
    return run


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.trunk, (self.branch, self.other) = phases(TRAINING)

    def same(self, one, other):
        for name, tensor in one.model.state_dict().items():
            torch.testing.assert_close(tensor, other.model.state_dict()[name], rtol=0, atol=0)

    def test_goes_on_as_if_it_had_never_stopped(self):
        found = rows(1)
        whole = ended(started(found, self.trunk, self.folder / "whole.pt"), found)
        ended(started(found, self.trunk, self.folder / "cut.pt"), found, until=3)
        again = started(found, self.trunk, self.folder / "cut.pt")
        self.assertEqual(again.batches, 3)
        self.same(ended(again, found), whole)

    def test_begins_anew_with_other_rows(self):
        ended(started(rows(1), self.trunk, self.folder / "run.pt"), rows(1))
        self.assertEqual(started(rows(2), self.trunk, self.folder / "run.pt").batches, 0)

    def test_a_branch_goes_on_from_the_trunk(self):
        stem = ended(started(rows(1), self.trunk, self.folder / "trunk.pt"), rows(1))
        branch = started(rows(2), self.branch, self.folder / "branch.pt", since=stem.file)
        self.same(branch, stem)
        self.assertEqual(branch.batches, 0)
        self.assertAlmostEqual(branch.rate(), stem.rate())

    def test_the_rate_ends_at_nothing(self):
        found = rows(1)
        run = ended(started(found, self.branch, self.folder / "branch.pt"), found)
        self.assertEqual(run.rate(), 0.01)

    def test_branches_see_rows_of_their_own(self):
        self.assertNotEqual(self.branch.seed, self.other.seed)


if __name__ == "__main__":
    unittest.main()
