"""Plants an attack in a harmless document, as an indirect injection does."""

import re

# Where a document may be cut: after a line, a sentence, a `|` of BIPIA's e-mails.
_SEAMS = re.compile(r"(?<=[\n|])|(?<=[.!?] )")
_ANY = re.compile(r"(?<= )")


def excerpt(document, length, random):
    """A run of at most `length` characters from a random word of the document on, whole words only."""
    starts = [0] + [m.end() for m in re.finditer(r"\s+", document) if m.end() < len(document) - length // 2]
    first = random.choice(starts)
    if first + length >= len(document):
        return document[first:]
    cut = document.rfind(" ", first, first + length)
    return document[first : cut if cut > first else first + length]


def plant(document, attack, random):
    """The document with the attack at a random seam, or for one in five at any space."""
    where = _ANY if random.random() < 0.2 else _SEAMS
    places = [0, len(document)] + [m.end() for m in where.finditer(document)]
    place = random.choice(places)
    glue = random.choice([" ", " ", "\n", "\n\n"])
    return document[:place] + glue + attack + glue + document[place:]


def at(document, attack, fraction):
    """The document with the attack at the word border nearest to a fraction of its length."""
    place = int(len(document) * fraction)
    space = document.find(" ", place)
    place = len(document) if space < 0 or fraction >= 1 else space
    return (document[:place] + "\n" + attack + "\n" + document[place:]) if place else attack + "\n" + document
