"""Reads the tokenizer of a Hugging Face folder: vocab.txt and tokenizer_config.json."""

import shutil

from tokenizers import BertWordPieceTokenizer
from tokenizers.models import WordPiece

from export.refused import must, read_json

SPECIAL = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "mask_token": "[MASK]"}
CLASSES = ("BertTokenizer", "BertTokenizerFast")
PLAIN = {"do_basic_tokenize": True, "tokenize_chinese_chars": True, "never_split": None}
UNBOUNDED = 10**9  # transformers writes 1e30 for "no limit"


class WordPieces:
    """What the service needs to know of the tokenizer, and the tokenizer itself.

    lowercase, strip_accents: as in the manifest, strip_accents None where it follows lowercase;
    longest: tokens that the tokenizer says the model takes, None where it does not say.
    """

    def __init__(self, folder, lowercase=None):
        """lowercase: what the caller said, or None to read it."""
        self.path = folder / "vocab.txt"
        must(self.path.is_file(), f"{folder} has no vocab.txt: save_pretrained of transformers' BertTokenizer writes it")
        self.size = _vocabulary(self.path)
        config = _config(folder, lowercase)
        self.lowercase = config.get("do_lower_case", True) if lowercase is None else lowercase
        self.strip_accents = config.get("strip_accents")
        longest = config.get("model_max_length", UNBOUNDED)
        self.longest = None if longest >= UNBOUNDED else int(longest)

    def tokenizer(self):
        entries = WordPiece.read_file(str(self.path))
        return BertWordPieceTokenizer(entries, lowercase=self.lowercase, strip_accents=self.strip_accents)

    def manifest(self, digest):
        entry = {"kind": "wordpiece", "vocab": "vocab.txt", "sha256": digest, "lowercase": self.lowercase}
        return entry if self.strip_accents is None else entry | {"strip_accents": self.strip_accents}

    def copy(self, folder):
        shutil.copyfile(self.path, folder / "vocab.txt")


def _vocabulary(path):
    """The number of entries, all that the service asks for among them."""
    entries = [line.rstrip() for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
    for entry in ("[UNK]", "[CLS]", "[SEP]"):
        must(entry in entries, f"vocab.txt has no entry {entry}")
    return len(entries)


def _config(folder, lowercase):
    """tokenizer_config.json after the checks; {} where there is none and the caller said what it would say."""
    path = folder / "tokenizer_config.json"
    must(
        path.is_file() or lowercase is not None,
        f"{folder} has no tokenizer_config.json: say --lowercase yes for an uncased model, --lowercase no for a cased one",
    )
    config = read_json(path) if path.is_file() else {}
    kind = config.get("tokenizer_class", CLASSES[0])
    must(kind in CLASSES, f"tokenizer_config.json: tokenizer_class is {kind!r}, want one of {', '.join(CLASSES)}")
    for key, plain in PLAIN.items():
        value = config.get(key, plain)
        must(value == plain, f"tokenizer_config.json: {key} is {value!r}; only {plain!r} can be exported")
    for key, usual in SPECIAL.items():
        token = _content(config.get(key, usual))
        must(token == usual, f"tokenizer_config.json: {key} is {token!r}, want {usual!r}")
    _no_additions(folder, config)
    return config


def _no_additions(folder, config):
    """Tokens that were added behind the vocabulary match before WordPiece does, which the service does not know."""
    added = {_content(token) for token in config.get("added_tokens_decoder", {}).values()}
    added |= {_content(token) for token in config.get("additional_special_tokens") or []}
    if (folder / "added_tokens.json").is_file():
        added |= set(read_json(folder / "added_tokens.json"))
    extra = sorted(added - set(SPECIAL.values()))
    must(not extra, f"the tokenizer has added tokens, which the service would not match: {', '.join(extra)}")


def _content(token):
    return token.get("content") if isinstance(token, dict) else token
