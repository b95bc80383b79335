"""Logits are remembered by graph and window, on a real graph with random weights."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from export.graph import build
from export.selfcheck import CONFIG
from export.session import Session
from train.bert import Classifier
from train.measure.cache import Cached, digest

WINDOWS = [[1, 5, 9, 2], [1, 7, 2]]


def session(seed):
    torch.manual_seed(seed)
    weights = {name: value.numpy() for name, value in Classifier(CONFIG).state_dict().items()}
    return Session(build(weights, CONFIG, "fp32").SerializeToString())


class Cache(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "deep" / "graph.npz"
        self.one, self.other = session(1), session(2)

    def test_gives_what_the_session_gives(self):
        cached = Cached(self.one, self.file)
        for _ in range(2):
            np.testing.assert_array_equal(cached.each(WINDOWS), self.one.each(WINDOWS))

    def test_remembers_what_was_saved_instead_of_running_it(self):
        first = Cached(self.one, self.file)
        first.each(WINDOWS)
        first.save()
        again = Cached(self.other, self.file)  # another graph under the same name would not be noticed
        np.testing.assert_array_equal(again.each(WINDOWS), self.one.each(WINDOWS))
        unseen = [[1, 8, 8, 2]]
        np.testing.assert_array_equal(again.each(unseen), self.other.each(unseen))

    def test_writes_nothing_before_it_is_told(self):
        Cached(self.one, self.file).each(WINDOWS)
        self.assertFalse(self.file.exists())

    def test_digest_tells_files_apart(self):
        files = [self.file.parent.parent / name for name in "abc"]
        for file, content in zip(files, (b"x", b"x", b"y")):
            file.write_bytes(content)
        a, b, c = map(digest, files)
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)


if __name__ == "__main__":
    unittest.main()
