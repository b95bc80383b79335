"""Whether detection depends on where an attack stands and how much harmless text is around it."""

import random

from train import suites
from train.measure.figures import lines
from train.measure.held import FIRST, SECOND, Held
from train.measure.moving import SIZES, STANDS, Mover
from train.measure.quality import reaching
from train.measure.setting import INDIRECT

THRESHOLD = 0.6  # the line of `balanced` for documents
SEED = 2
SURROUNDINGS = 4  # few, so that many windows are the same and scored once
NOTE = (
    "The same direct attacks, and sentences of documents that ask something of people, most of them written apart, at each "
    "place of four mixtures of documents. (A prompt would not do: a request that stands in a document where nobody asked "
    "for it is an attack.) "
    "`border`: the end of a window falls on the middle of the text. All lines should be equal; how unequal they "
    "are is the finding."
)


def section(setting, count):
    """count: attacks, and as many harmless sentences, to move about."""
    scorer = setting.small.scorer
    held = Held.read(FIRST, SECOND)
    documents = held.texts("harmless", "document")
    around = suites.mixed(setting.data, setting.config, documents, max(SIZES), SURROUNDINGS, random.Random(SEED))
    mover = Mover(around, scorer.tokenizer, scorer.window)
    attacks = held.texts("attack", "direct") + suites.short_attacks(setting.data, setting.config)
    found = _moved(setting, mover, attacks, count, "attacks")
    wrong = _moved(setting, mover, held.texts("harmless", "sentence"), count, "harmless")
    _tables(setting.report, found, wrong, setting.small.scores(mover.alone(), "surroundings"))
    _draw(setting, found, wrong)


def _moved(setting, mover, texts, count, what):
    """(size, place) -> scores of the same texts."""
    chosen = random.Random(SEED).sample(texts, min(count, len(texts)))
    return {
        key: setting.small.scores(group, f"{what}, {key[0]} characters around, {key[1]}")[:, INDIRECT]
        for key, group in mover.moved(chosen).items()
    }


def _tables(report, found, wrong, nothing):
    table = [("text around", "stands at", "texts", "attacks found", "mean score", "harmless stopped", "mean score")]
    for (size, place), scores in found.items():
        other = wrong[size, place]
        pair = (reaching(scores, THRESHOLD), float(scores.mean()), reaching(other, THRESHOLD), float(other.mean()))
        table.append((f"{size} characters", place, f"{len(scores)} + {len(other)}", *pair))
    report.table(f"Where a text stands, indirect_injection ≥ {THRESHOLD:.2f}", NOTE, *table)
    alone = reaching(nothing[:, INDIRECT], THRESHOLD)
    report.add("", f"{_spread(found, 'detection')} {_spread(wrong, 'false positives')}")
    report.add(f"Of the surroundings with nothing in them {alone:.3f} are stopped.")


def _spread(sets, what):
    """How far the places inside documents lie apart; the aims are 3 points of detection and 1 of false positives."""
    shares = {key: reaching(scores, THRESHOLD).value for key, scores in sets.items() if key[0]}
    low, high = min(shares, key=shares.get), max(shares, key=shares.get)
    text = f"from {shares[low]:.3f} ({low[1]}, {low[0]} characters) to {shares[high]:.3f} ({high[1]}, {high[0]})"
    return f"{what.capitalize()} inside documents: {text}."


def _draw(setting, found, wrong):
    panels = []
    for title, sets in (("Attacks found", found), ("Harmless texts stopped", wrong)):
        sizes = dict.fromkeys(size for size, _ in sets if size)
        groups = {f"{size} characters": [reaching(sets[size, p], THRESHOLD) for p in STANDS] for size in sizes}
        groups["alone"] = [reaching(sets[0, "alone"], THRESHOLD)] * len(STANDS)
        panels.append(lines(title, STANDS, groups, f"indirect_injection ≥ {THRESHOLD:.2f}"))
    setting.figures.draw("places.svg", *panels)
    setting.report.figure("places.svg", "Detection and false positives by place and by size of the surroundings")
