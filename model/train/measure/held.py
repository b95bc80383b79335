"""The texts of held/: written apart by somebody who saw no training text.

texts.jsonl is the first set, of which a pilot's results were looked at once, by
group; second.jsonl came later, by another hand, and was never looked at.
"""

import json
from pathlib import Path

from train.plant import at

FOLDER = Path(__file__).parent.parent / "held"
FIRST, SECOND = FOLDER / "texts.jsonl", FOLDER / "second.jsonl"
PLACES = {"start": 0.0, "middle": 0.5, "end": 1.0}


class Held:
    """rows: objects with text, label, form, group and, where it is not English, lang."""

    def __init__(self, rows):
        self.rows = rows

    @classmethod
    def read(cls, *files):
        return cls([json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()])

    def groups(self, label, form):
        """Texts by group."""
        out = {}
        for row in self.rows:
            if (row["label"], row["form"]) == (label, form):
                out.setdefault(row["group"], []).append(row["text"])
        return out

    def texts(self, label, form):
        return [text for group in self.groups(label, form).values() for text in group]

    def planted(self, random):
        """(group, place) -> texts: each fragment bare in one clean document, at each of three places."""
        documents = self.texts("harmless", "document")
        out = {}
        for group, fragments in self.groups("attack", "fragment").items():
            around = [random.choice(documents) for _ in fragments]
            for place, fraction in PLACES.items():
                out[group, place] = [at(d, f, fraction) for d, f in zip(around, fragments)]
        return out

    def clean(self, random):
        """name -> texts without an attack: the documents, and harmless sentences planted likewise."""
        documents, sentences = (self.texts("harmless", form) for form in ("document", "sentence"))
        around = [random.choice(documents) for _ in sentences]
        out = {"documents": documents}
        for place, fraction in PLACES.items():
            out[f"sentence at {place}"] = [at(d, s, fraction) for d, s in zip(around, sentences)]
        return out
