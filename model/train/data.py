"""Reads DATA and splits it; nothing here is random.

A row is a text and eight targets in the order of bert.LABELS: a probability, or
NaN where the source says nothing about that label.
"""

import gzip
import hashlib
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

from train.bert import LABELS

NAN = math.nan
TOXICITY = LABELS[:6]
DOCUMENTS = "bipia-context"  # the source of e-mails, tables and articles; the others hold prompts


@dataclass(frozen=True)
class Row:
    text: str
    targets: tuple
    source: str


def targets(toxic=NAN, others=NAN, injection=NAN, indirect=NAN):
    """Targets where the five finer toxicity labels share one value."""
    return (toxic, others, others, others, others, others, injection, indirect)


CLEAN = targets(toxic=0.0, others=0.0, injection=0.0, indirect=0.0)
# What somebody may ask of a model; nothing is said of it in a document, where most of it has no place.
PROMPT = targets(toxic=0.0, others=0.0, injection=0.0)
ATTACK = targets(injection=1.0, indirect=1.0)
# An attack in a document; nothing is said of it in a prompt, where some of it is an honest task.
PLANTED = targets(indirect=1.0)


def read(data, name):
    """The JSON rows of one gzipped file under the DATA folder."""
    with gzip.open(Path(data) / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def bucket(text, count=20):
    """A number below count, the same for a raw row and its lower-cased, unpunctuated twin."""
    words = "".join(re.findall(r"[^\W_]+", text.lower()))
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big") % count


def part(text):
    """'test' (10 %), 'validation' (5 %) or 'train', by the normalised text."""
    return {0: "test", 1: "test", 2: "validation"}.get(bucket(text), "train")


def jigsaw(data, want):
    """Jigsaw rows of one part. No comment of it is an injection."""
    return [
        Row(r["text"], tuple(float(r[label]) for label in TOXICITY) + (0.0, 0.0), r["source"])
        for r in read(data, "toxicity/jigsaw")
        if part(r["text"]) == want
    ]


def toxic_spans(data):
    """Civil Comments: `toxic` is the share of annotators who did not vote against it."""
    return [
        Row(r["text"], targets(toxic=1 - r["not_toxic_votes"] / r["annotators"]), r["source"])
        for r in read(data, "toxicity/toxic_spans")
    ]


def paradetox(data):
    """Toxic sentences and their neutral rewrites; the finer labels are unknown for the toxic ones."""
    return [
        Row(r["text"], targets(toxic=0.95, injection=0.0, indirect=0.0) if r["toxic"] else CLEAN, r["source"])
        for r in read(data, "toxicity/paradetox")
    ]


def convabuse(data):
    """What people write to assistants. Only ever measured, never trained on."""
    return [Row(r["text"], targets(toxic=float(r["toxic"])), r["source"]) for r in read(data, "toxicity/convabuse")]


def attacks(data, config, want):
    """Attack texts of one part. 'held-out' means the sources that training never sees."""
    return _by_source(read(data, "injection/attacks"), config, "attacks", ATTACK, want)


def benign(data, config, want):
    """Harmless prompts and documents of one part, as attacks() splits them."""
    rows = _by_source(read(data, "injection/benign"), config, "benign", PROMPT, want)
    return [Row(row.text, CLEAN, row.source) if row.source == DOCUMENTS else row for row in rows]


def _by_source(rows, config, kind, values, want):
    held_out = config["held_out"][kind]
    return [
        Row(r["text"], values, r["source"])
        for r in rows
        if r["source"] not in config["dropped"]
        and want == ("held-out" if r["source"] in held_out else part(r["text"]))
    ]


def distinct(rows, limit=0.5):
    """The rows without near-copies of earlier ones: jailbreaks travel from collection to collection."""
    kept, seen = [], []
    for row in rows:
        runs = word_runs(row.text)
        if not copied(runs, seen, limit):
            kept.append(row)
            seen.append(runs)
    return kept


def word_runs(text, length=5):
    """The text's runs of five words, lower case; a shorter text is one run."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))}


def copied(runs, seen, limit):
    """Whether one of the seen texts holds this share of the runs."""
    return any(len(runs & other) >= limit * len(runs) for other in seen)
