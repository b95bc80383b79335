"""Sentences made from the templates of phrases.json: injections, the carriers
around a planted one ({} is the payload), and harmless sentences that use the
same words. All of them are written for this project.

A template holds slots such as {verb}, filled at random from "words", whose
entries may hold slots themselves.
"""

import json
import re
from pathlib import Path

_TEMPLATES = json.loads((Path(__file__).parent / "phrases.json").read_text())
_SLOT = re.compile(r"\{(\w+)\}")

WORDS = _TEMPLATES["words"]
INJECTIONS = _TEMPLATES["injections"]
CARRIERS = _TEMPLATES["carriers"]
HARMLESS = _TEMPLATES["harmless"]


def fill(template, random):
    """The template with every slot filled; seven in ten get an upper-case first letter."""
    while True:
        text = _SLOT.sub(lambda slot: random.choice(WORDS[slot[1]]), template)
        if text == template:
            break
        template = text
    text = re.sub(r" +([.?!;,](?!=)|$)", r"\1", text)
    return text[:1].upper() + text[1:] if random.random() < 0.7 else text


def injection(random):
    return fill(random.choice(INJECTIONS), random)


def payload(random):
    return fill("{payload}", random)


def harmless(random):
    return fill(random.choice(HARMLESS), random)
