"""Texts written for this project: corpus/*.jsonl, one object a row.

text; label 'attack' or 'harmless'; form 'direct', 'fragment' or 'document' of an
attack, 'prompt', 'sentence' or 'document' of a harmless text; toxic 0 or 1 and
labels, the finer ones that are true, where the row says something of toxicity.
An attack of form 'document' has a passage, the part of the text that is the
attack, and may have others under also.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from train import data
from train.bert import LABELS
from train.data import ATTACK, CLEAN, NAN, PLANTED, PROMPT, Row

FOLDER = Path(__file__).parent / "corpus"
FORMS = {"attack": ("direct", "fragment", "document"), "harmless": ("prompt", "sentence", "document")}


@dataclass(frozen=True)
class Infected(Row):
    """A document with an attack in it. spans: where, in characters; each alone makes it one."""

    spans: tuple

    @classmethod
    def of(cls, entry, source):
        spans = []
        for passage in (entry["passage"], *entry.get("also", [])):
            start = entry["text"].index(passage)
            spans.append((start, start + len(passage)))
        return cls(entry["text"], PLANTED, source, tuple(spans))

    def rest(self):
        """The stretches between the attacks, which are clean."""
        ends = [0, *(end for _, end in sorted(self.spans))]
        starts = [*(start for start, _ in sorted(self.spans)), len(self.text)]
        return [self.text[end:start] for end, start in zip(ends, starts)]


def read(want, folder=FOLDER):
    """Rows of one part by (label, form). A twentieth is kept for validation, nothing for the test:
    who is measured by texts of the hand that taught it learns little."""
    out = {(label, form): [] for label, forms in FORMS.items() for form in forms}
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            entry = json.loads(line)
            if entry["form"] not in FORMS[entry["label"]]:
                raise ValueError(f"{file.name}:{number}: {entry['label']} has no form {entry['form']!r}")
            validation = data.part(entry["text"]) == "validation"
            if validation == (want == "validation"):
                out[entry["label"], entry["form"]].append(_row(entry, f"corpus-{file.stem}"))
    return out


def _row(entry, source):
    if (entry["label"], entry["form"]) == ("attack", "document"):
        return Infected.of(entry, source)
    return Row(entry["text"], _targets(entry), source)


def _targets(entry):
    if entry["label"] == "attack":
        return ATTACK
    if not entry.get("toxic"):
        return PROMPT if entry["form"] == "prompt" else CLEAN
    finer = entry.get("labels", [])
    # What the writer did not name is not denied: an insult may be obscene to somebody else.
    return (1.0, *(1.0 if label in finer else NAN for label in LABELS[1:6]), 0.0, NAN)
