"""Texts at chosen places of harmless surroundings, window borders among them."""

from train.plant import at

SIZES = (500, 2000, 8000)  # characters of harmless text around
STANDS = ("start", "middle", "border", "end")


class Mover:
    """around: surroundings of at least the largest size; tokenizer and window as the scorer has them.

    A smaller surrounding is the beginning of a larger one.
    """

    def __init__(self, around, tokenizer, window):
        self.around, self.tokenizer = around, tokenizer
        self.size = window["tokens"] - 2
        self.stride = self.size - window["overlap"]

    def alone(self):
        """The surroundings with nothing in them, in every size."""
        return [around[:size] for size in SIZES for around in self.around]

    def moved(self, texts):
        """(size, place) -> the texts, each in one of the surroundings; (0, 'alone'): the texts themselves."""
        out = {(0, "alone"): texts}
        for size in SIZES:
            for place in STANDS:
                out[size, place] = [self._put(i, text, size, place) for i, text in enumerate(texts)]
        return out

    def _put(self, number, text, size, place):
        around = self.around[number % len(self.around)][:size]
        if place != "border":
            return at(around, text, {"start": 0.0, "middle": 0.5, "end": 1.0}[place])
        cut = self._border(around, text)
        return "\n".join(filter(None, (around[:cut], text, around[cut:])))

    def _border(self, around, text):
        """Where in the surroundings the text must begin for its middle to fall on the window's end that is nearest
        to the middle; as near to it as a surrounding no longer than a window allows."""
        starts = [first for first, _ in self._encode(around).offsets]
        half = len(self._encode(text).ids) // 2
        ends = range(self.size, len(starts) + half, self.stride)
        end = min(ends, key=lambda e: abs(e - half - len(starts) // 2), default=self.size)
        return starts[min(max(0, end - half), len(starts) - 1)]

    def _encode(self, text):
        self.tokenizer.no_truncation()
        return self.tokenizer.encode(text, add_special_tokens=False)
