"""The held-out set, and texts put where they are said to be."""

import random
import unittest

from train import base, corpus
from train.batches import windows
from train.measure.held import FIRST, PLACES, SECOND, Held
from train.measure.moving import SIZES, STANDS, Mover

WINDOW = {"tokens": 128, "overlap": 48}


class HeldOut(unittest.TestCase):
    def setUp(self):
        self.held = Held.read(FIRST, SECOND)

    def test_no_text_is_trained_on(self):
        trained = {row.text for want in ("train", "validation") for rows in corpus.read(want).values() for row in rows}
        self.assertFalse(trained & {row["text"] for row in self.held.rows})

    def test_every_text_is_in_one_of_the_groups(self):
        kinds = [("attack", form) for form in ("direct", "fragment", "document")]
        kinds += [("harmless", form) for form in ("prompt", "sentence", "document")]
        self.assertEqual(sum(len(self.held.texts(*kind)) for kind in kinds), len(self.held.rows))

    def test_a_fragment_stands_whole_at_its_place(self):
        planted = self.held.planted(random.Random(1))
        for group, fragments in self.held.groups("attack", "fragment").items():
            for i, fragment in enumerate(fragments):
                texts = [planted[group, place][i] for place in PLACES]
                shares = [t.index(fragment) / (len(t) - len(fragment)) for t in texts]
                self.assertEqual((shares[0], shares[2]), (0, 1))
                self.assertTrue(0.4 < shares[1] < 0.7, shares[1])

    def test_clean_texts_hold_no_fragment(self):
        fragments = self.held.texts("attack", "fragment")
        for texts in self.held.clean(random.Random(1)).values():
            self.assertFalse([t for t in texts if any(f in t for f in fragments)])


class Moving(unittest.TestCase):
    def setUp(self):
        self.tokenizer = base.tokenizer()
        words = "The mill by the river was built for the miller and his seven sons long ago . ".split()
        generator = random.Random(3)
        around = [" ".join(generator.choice(words) for _ in range(3000)) for _ in range(2)]
        self.mover = Mover(around, self.tokenizer, WINDOW)
        self.text = "zebra " * 20

    def test_holds_every_size_and_place(self):
        moved = self.mover.moved([self.text.strip()] * 3)
        self.assertEqual(set(moved), {(0, "alone")} | {(size, place) for size in SIZES for place in STANDS})
        for (size, _), texts in moved.items():
            for text in texts:
                self.assertEqual(text.count("zebra"), 20)
                self.assertTrue(size <= len(text) <= size + len(self.text) + 2)

    def test_a_window_ends_inside_the_text_at_the_border(self):
        zebra = self.tokenizer.encode("zebra", add_special_tokens=False).ids
        for size in SIZES[1:]:  # the smallest has few more tokens than a window
            text = self.mover.moved([self.text.strip()])[size, "border"][0]
            counts = [_count(ids, zebra) for ids in windows(self.tokenizer, text, WINDOW)]
            self.assertTrue(any(7 <= count <= 13 for count in counts), (size, counts))  # ten before it, ten behind


def _count(ids, word):
    return sum(ids[i : i + len(word)] == word for i in range(len(ids)))


if __name__ == "__main__":
    unittest.main()
