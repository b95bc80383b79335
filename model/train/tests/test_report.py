"""What is printed, drawn and written into the card."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import numpy as np

from train.measure import figures
from train.measure.quality import Estimate, reaching
from train.measure.service import _objects
from train.report import BEGIN, END, Report, write_card


class Card(unittest.TestCase):
    def test_only_what_stands_between_the_markers_is_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            card = Path(folder) / "CARD.md"
            card.write_text(f"head\n{BEGIN}\nold\n{END}\ntail\n")
            write_card(card, "new")
            self.assertEqual(card.read_text(), f"head\n{BEGIN}\n\nnew\n\n{END}\ntail\n")

    def test_a_table_shows_estimates_with_their_interval(self):
        report = Report()
        with contextlib.redirect_stdout(io.StringIO()) as out:
            report.table("Title", "A note.", ("a", "b"), (1, Estimate(0.5, 0.25, 0.75)))
        self.assertIn("**Title.** A note.\n\n| a | b |\n| --- | --- |\n| 1 | 0.500 (0.250–0.750) |", out.getvalue())
        self.assertEqual(out.getvalue().strip(), report.text())

    def test_a_loss_of_nothing_has_no_sign(self):
        self.assertEqual(f"{Estimate(-0.0001, -0.0006, 0.0):.3f}", "0.000 (-0.001–0.000)")


class Drawing(unittest.TestCase):
    def test_is_small_and_the_same_every_time(self):
        curves, points = self._draw()
        self.assertEqual((curves, points), self._draw())
        self.assertLess(max(len(curves), len(points)), 60_000)

    def _draw(self):
        generator = np.random.default_rng(1)
        scores, truths = generator.random(2000), generator.random(2000) < 0.4
        positives, negatives = scores[truths], scores[~truths]
        with tempfile.TemporaryDirectory() as folder:
            drawings = figures.Figures(Path(folder))
            drawings.draw(
                "curves.svg",
                figures.roc("roc", {"one": (positives, negatives)}),
                figures.reliability("reliability", {"one": (scores, truths)}),
                figures.histogram("histogram", {"one": positives, "other": negatives}),
                figures.lines("lines", ("a", "b"), {"one": [reaching(scores, t) for t in (0.2, 0.7)]}, "share"),
            )
            drawings.draw("points.svg", figures.scatter("scatter", {"one": (scores, scores**2)}))
            return tuple((Path(folder) / name).read_bytes() for name in ("curves.svg", "points.svg"))


class Answers(unittest.TestCase):
    def test_json_values_are_told_apart(self):
        self.assertEqual(list(_objects('{"a": "}{"}\n{\n  "b": [1]\n}\n\n')), [{"a": "}{"}, {"b": [1]}])
        self.assertEqual(list(_objects("")), [])


if __name__ == "__main__":
    unittest.main()
