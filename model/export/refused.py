"""What an exporter does not understand it refuses, in words for the person who called it."""

import json


class Refused(Exception):
    """The message names the file or flag and says what would be accepted."""


def must(holds, message):
    if not holds:
        raise Refused(message)


def read_json(path):
    """The object in a JSON file; refuses a file that is missing or holds anything else."""
    must(path.is_file(), f"{path.parent} has no {path.name}")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise Refused(f"{path.name} is not JSON: {wrong}") from None
    must(isinstance(value, dict), f"{path.name} holds no JSON object")
    return value
