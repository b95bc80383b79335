"""Plants an attack in a harmless document, as an indirect injection does."""

import re

# Where a document may be cut: after a line, a sentence, a `|` of BIPIA's e-mails.
_SEAMS = re.compile(r"(?<=[\n|])|(?<=[.!?] )")
_ANY = re.compile(r"(?<= )")


def excerpt(document, length, random):
    """A run of at most `length` characters from a random word on, whole words only."""
    first = random.randrange(max(1, len(document) - length // 2))
    first = document.rfind(" ", 0, first) + 1
    if first + length >= len(document):
        return document[first:]
    cut = document.rfind(" ", first, first + length)
    return document[first : cut if cut > first else first + length]


def plant(document, attack, random):
    """The document with the attack before it (one in four), after it (one in five),
    at any space (one in ten) or at a random seam."""
    kind = random.random()
    if kind < 0.45:
        place = 0 if kind < 0.25 else len(document)
    else:
        where = _ANY if kind < 0.55 else _SEAMS
        place = random.choice([0, len(document)] + [m.end() for m in where.finditer(document)])
    glue = random.choice([" ", " ", "\n", "\n\n"])
    return document[:place] + glue + attack + glue + document[place:]


def at(document, attack, fraction):
    """The document with the attack before its first space after a fraction of its length; 0 is the very start."""
    place = document.find(" ", int(len(document) * fraction)) if 0 < fraction < 1 else int(len(document) * fraction)
    place = len(document) if place < 0 else place
    return "\n".join(filter(None, (document[:place], attack, document[place:])))
