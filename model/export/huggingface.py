"""Turns a Hugging Face BERT sequence classifier into a model folder: python -m export.huggingface FOLDER --out DIR

FOLDER holds config.json, model.safetensors or pytorch_model.bin, vocab.txt and
tokenizer_config.json, as save_pretrained of transformers writes them. Nothing in it
is run. What is not understood is refused, and then DIR holds no manifest.
"""

import argparse
import re
import sys
from pathlib import Path

from export import architecture, checkpoint, labels
from export.answers import TEXTS, Answers
from export.graph import LAYOUTS, PRECISIONS, build
from export.modelfolder import ModelFolder
from export.refused import Refused, must
from export.session import Session
from export.wordpieces import WordPieces

MAX_WINDOW = 512  # tokens, the service's own bound
GRAPHS = "int8,fp16,fp32"


def main(argv=None):
    """0, or 1 after saying on stderr what was refused."""
    args = _arguments(argv)
    try:
        export(args)
    except Refused as why:
        print(f"export: {why}", file=sys.stderr)
        return 1
    return 0


def export(args):
    """args: what _arguments returns."""
    config = architecture.read(args.folder)
    outputs = labels.read(config, dict(args.category), args.activation)
    pieces = WordPieces(args.folder, args.lowercase)
    must(pieces.size <= config["vocab_size"], f"vocab.txt has {pieces.size} entries, config.json vocab_size {config['vocab_size']}")
    window = _window(args, config, pieces)
    about = _about(args)
    weights = checkpoint.read(args.folder, config, len(outputs))
    print(f"{about['name']}: {len(outputs)} labels, {outputs[0]['activation']}, windows of {window['tokens']} tokens,"
          f" {'un' if pieces.lowercase else ''}cased")  # fmt: skip

    answers = Answers(pieces.tokenizer(), window, outputs[0]["activation"], args.known or TEXTS)
    truth = answers.scores(Session(build(weights, config, "fp32").SerializeToString()))
    folder = ModelFolder(args.out)
    for precision, layout in args.graphs:
        path = folder.add_graph(_graph(weights, config, precision, layout, args.ids), precision, layout)
        answers.compare(f"{precision}-{layout}", truth, Session(path), layout)
    folder.finish(about, outputs, pieces, window, answers.manifest(outputs, truth))
    print(f"wrote {args.out}: " + ", ".join(f"{g['file']} {g['bytes'] / 1e6:.1f} MB" for g in folder.graphs))


def _graph(weights, config, precision, layout, ids):
    try:
        return build(weights, config, precision, layout, ids)
    except ValueError as wrong:
        raise Refused(str(wrong)) from None


def _window(args, config, pieces):
    longest = min(MAX_WINDOW, config["max_position_embeddings"], pieces.longest or MAX_WINDOW)
    tokens = args.window or longest
    overlap = min(64, tokens // 8) if args.overlap is None else args.overlap
    must(3 <= tokens <= longest, f"--window {tokens}: this model takes 3 to {longest} tokens")
    must(0 <= overlap <= tokens - 3, f"--overlap {overlap}: want 0 to {tokens - 3}")
    return {"tokens": tokens, "overlap": overlap}


def _about(args):
    name = args.name or re.sub(r"[^a-z0-9._-]+", "-", args.out.resolve().name.lower()).strip("-._")
    for flag, value in (("--name", name), ("--check", args.check or name)):
        must(re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", value), f"{flag} {value}: want 1 to 64 of a-z, 0-9, dot, dash, underscore")
    source = {"url": args.source} | ({"revision": args.revision} if args.revision else {})
    return {"name": name, "version": args.version, "check": args.check or name,
            "description": args.description or f"{name}, a BERT sequence classifier exported from {args.source}",
            "licence": args.licence, "source": source}  # fmt: skip


def _arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python -m export.huggingface", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the Hugging Face folder")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the model folder to write")
    parser.add_argument("--source", required=True, metavar="URL", help="where FOLDER was taken from")
    parser.add_argument("--licence", required=True, metavar="SPDX", help="licence of the weights, such as Apache-2.0")
    parser.add_argument("--revision", metavar="COMMIT", help="the commit or release it was taken from")
    parser.add_argument("--name", help="name of the model; default: that of DIR")
    parser.add_argument("--check", help="name of the check it becomes; default: the name")
    parser.add_argument("--version", default="1", help="for people; default: 1")
    parser.add_argument("--description", help="what it finds, in which languages, trained on what")
    parser.add_argument("--graphs", type=_graphs, default=_graphs(GRAPHS), metavar="LIST",
                        help=f"of int8, fp16, fp32, each also as int8-packed and so on; default: {GRAPHS}")  # fmt: skip
    parser.add_argument("--ids", choices=("int32", "int64"), default="int64", help="type of the inputs; default: int64")
    parser.add_argument("--activation", choices=("sigmoid", "softmax"), help="where config.json has no problem_type")
    parser.add_argument("--category", type=_category, action="append", default=[], metavar="LABEL=CATEGORY",
                        help=f"of a label whose name does not tell; one of {', '.join(labels.CATEGORIES)}; may be repeated")  # fmt: skip
    parser.add_argument("--lowercase", type=_yes, metavar="yes|no", help="whether the model is uncased; default: as tokenizer_config.json says")
    parser.add_argument("--window", type=int, metavar="TOKENS", help="default: the longest that the model takes, at most 512")
    parser.add_argument("--overlap", type=int, metavar="TOKENS", help="of neighbouring windows; default: an eighth, at most 64")
    parser.add_argument("--known", action="append", metavar="TEXT", help="a text for the known answers; may be repeated; default: four")
    return parser.parse_args(argv)


def _graphs(text):
    """Pairs of precision and layout, each precision once: a manifest has one graph for each provider and precision."""
    pairs = [tuple(f"{word}-padded".split("-")[:2]) for word in text.split(",")]
    if not all(p in PRECISIONS and w in LAYOUTS for p, w in pairs) or len({p for p, _ in pairs}) < len(pairs):
        raise argparse.ArgumentTypeError(f"{text}: want some of {', '.join(PRECISIONS)}, each once and perhaps with -packed")
    return pairs


def _category(text):
    label, _, category = text.partition("=")
    if category not in labels.CATEGORIES:
        raise argparse.ArgumentTypeError(f"{text}: want LABEL=C with C one of {', '.join(labels.CATEGORIES)}")
    return label, category


def _yes(text):
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"{text}: want yes or no")
    return text == "yes"


if __name__ == "__main__":
    sys.exit(main())
