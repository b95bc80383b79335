"""Writes a model folder with random weights: python -m export.sample tiny|bert-base padded|packed DIR

It answers at random, but computes as much as a trained model of that size, in the same
shapes and precisions: the tests and benchmarks of a card need no more. bert-base has the
configuration of unitary/toxic-bert. The same size gives the same weights on every run.
It needs numpy, onnx and onnxruntime, no PyTorch.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np

from export.graph import LAYOUTS, build
from export.session import Session

BUNDLED = Path(__file__).parent.parent / "bundled" / "vocab.txt"
LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SIZES = {
    "tiny": {
        "vocab_size": 300, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 64, "layer_norm_eps": 1e-12,
    },
    "bert-base": {
        "vocab_size": 30522, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
        "num_attention_heads": 12, "max_position_embeddings": 512, "layer_norm_eps": 1e-12,
    },
}  # fmt: skip
# A manifest has one graph for each provider and precision. Packed rows gain nothing on a
# CPU; its fp32 graph is there so that a machine without a card can try them.
GRAPHS = {
    "padded": {"fp16": ["cuda", "tensorrt"], "fp32": ["cpu", "cuda", "tensorrt"], "int8": ["cpu"]},
    "packed": {"fp16": ["cuda", "tensorrt"], "fp32": ["cpu", "cuda", "tensorrt"]},
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
SPREAD, CENTRE = 1.0, -1.0  # of a label's logits over texts: more would make int8 look worse than it is
KNOWN = (3, 20)  # words of each known answer
TOLERANCE = 0.1  # int8 included


def main():
    args = _arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    config = SIZES[args.size]
    words = vocabulary(config["vocab_size"])
    weights = spread(random_weights(config), config)
    graphs = [write(args, config, weights, *graph) for graph in GRAPHS[args.layout].items()]
    (args.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")  # bench/gpu reads what it computes
    (args.out / "vocab.txt").write_text("".join(f"{word}\n" for word in words))
    answers = known_answers(Session(build(weights, config, "fp32").SerializeToString()), words)
    (args.out / "manifest.json").write_text(json.dumps(manifest(args, config, graphs, answers), indent=2) + "\n")


def vocabulary(size):
    """The bundled one, or of that the special entries and the first plain words."""
    lines = BUNDLED.read_text().splitlines()
    return lines if size == len(lines) else SPECIAL + list(filter(plain, lines))[: size - len(SPECIAL)]


def plain(word):
    """Is it a word that every tokenizer leaves as it is?"""
    return word.isascii() and word.isalpha() and word.islower() and len(word) > 2


def random_weights(config):
    """Arrays named as in train.bert, with BERT's own head, of scales as trained BERTs have them."""
    random, width, inner = np.random.default_rng(7), config["hidden_size"], config["intermediate_size"]

    def normal(*shape, scale, centre=0.0):
        return (random.standard_normal(shape, np.float32) * scale + centre).astype(np.float32)

    def linear(name, out, into):
        return {f"{name}.weight": normal(out, into, scale=into**-0.5), f"{name}.bias": normal(out, scale=0.05)}

    def norm(name):
        scales = normal(width, scale=0.12, centre=0.85)
        scales[: width // 192 + 1] *= 4  # a few channels are far larger than the rest
        return {f"{name}.weight": scales, f"{name}.bias": normal(width, scale=0.12)}

    made = {
        "words.weight": normal(config["vocab_size"], width, scale=0.04),
        "positions.weight": normal(config["max_position_embeddings"], width, scale=0.04),
    } | norm("norm")
    for i in range(config["num_hidden_layers"]):
        name = f"layers.{i}"
        made |= linear(f"{name}.qkv", 3 * width, width) | linear(f"{name}.out", width, width) | norm(f"{name}.norm1")
        made |= linear(f"{name}.up", inner, width) | linear(f"{name}.down", width, inner) | norm(f"{name}.norm2")
    return made | linear("pooler", width, width) | linear("classifier", len(LABELS), width)


def spread(weights, config):
    """The weights with the classifier scaled so that texts score differently."""
    random, session = np.random.default_rng(9), Session(build(weights, config, "fp32").SerializeToString())
    raw = np.array([session.logits([random.integers(0, config["vocab_size"], n)])[0] for n in range(4, 60)])
    scale = (SPREAD / raw.std(0)).astype(np.float32)
    bias = (weights["classifier.bias"] - raw.mean(0)) * scale + CENTRE
    return weights | {"classifier.weight": weights["classifier.weight"] * scale[:, None], "classifier.bias": bias.astype(np.float32)}


def known_answers(session, words):
    """Texts of whole words, each one token, and what the fp32 graph says of them."""
    random, usable = np.random.default_rng(8), [i for i, word in enumerate(words) if plain(word)]
    out = []
    for count in KNOWN:
        chosen = random.choice(usable, count).tolist()
        logits = session.logits([[words.index("[CLS]"), *chosen, words.index("[SEP]")]])[0]
        scores = zip(LABELS, (1 / (1 + np.exp(-logits))).tolist())
        text = " ".join(words[i] for i in chosen)
        out.append({"text": text, "scores": {label: round(score, 4) for label, score in scores}, "tolerance": TOLERANCE})
    return out


def write(args, config, weights, precision, providers):
    """Writes a graph and returns its entry in the manifest."""
    content = build(weights, config, precision, args.layout).SerializeToString()
    path = args.out / f"model.{precision}.onnx"
    path.write_bytes(content)
    return {
        "file": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
        "precision": precision, "providers": providers, "layout": args.layout,
    }  # fmt: skip


def manifest(args, config, graphs, answers):
    name, longest = f"sample-{args.size}-{args.layout}", config["max_position_embeddings"]
    vocabulary_digest = hashlib.sha256((args.out / "vocab.txt").read_bytes()).hexdigest()
    return {
        "format": 1, "name": name, "version": "1", "check": name,
        "description": "random weights, for tests and benchmarks: its answers mean nothing",
        "licence": "Apache-2.0", "source": {"url": "https://github.com/portcullis-ai/portcullis"},
        "labels": [{"name": name, "category": "toxicity", "activation": "sigmoid"} for name in LABELS],
        "tokenizer": {"kind": "wordpiece", "vocab": "vocab.txt", "sha256": vocabulary_digest, "lowercase": True},
        "window": {"tokens": longest, "overlap": longest // 8},
        "graphs": graphs,
        "known_answers": answers,
    }  # fmt: skip


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("layout", choices=LAYOUTS)
    parser.add_argument("out", type=Path, metavar="DIR")
    return parser.parse_args()


if __name__ == "__main__":
    main()
