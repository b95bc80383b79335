"""Writes a model folder with random weights: python -m export.sample tiny|bert-base DIR

It answers at random, but computes as much, in the same shapes and precisions, as a
trained model of that size: tests and benchmarks need no more. The same size gives the
same weights on every run.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime

from export.graph import build

MODEL = Path(__file__).parent.parent
VOCABULARY = MODEL / "bundled" / "vocab.txt"
LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")  # toxic-bert's
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
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
KNOWN_WORDS = (3, 20)  # words of each known answer
TOLERANCE = 0.05


def main():
    args = _arguments()
    config = SIZES[args.size]
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")  # what it computes: bench/gpu reads it
    words = vocabulary(config["vocab_size"])
    (args.out / "vocab.txt").write_text("".join(f"{word}\n" for word in words))
    weights = random_weights(config)
    graphs = []
    for precision, providers in (("fp32", ["cpu", "cuda", "tensorrt"]), ("int8", ["cpu"])):
        content = build(weights, config, precision).SerializeToString()
        path = args.out / f"model.{precision}.onnx"
        path.write_bytes(content)
        graphs.append({
            "file": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
            "precision": precision, "providers": providers,
        })  # fmt: skip
    answers = known_answers(args.out / "model.fp32.onnx", words)
    (args.out / "manifest.json").write_text(json.dumps(manifest(args, config, graphs, answers), indent=2) + "\n")


def vocabulary(size):
    """The bundled one, or of that the special entries and the first plain words."""
    lines = VOCABULARY.read_text().splitlines()
    if size == len(lines):
        return lines
    return SPECIAL + list(filter(plain, lines))[: size - len(SPECIAL)]


def plain(word):
    """Is it a word that every tokenizer leaves as it is?"""
    return word.isascii() and word.isalpha() and word.islower() and len(word) > 2


def random_weights(config):
    """Arrays named as in train.bert. The head is large, so that texts score differently."""
    random, width, inner = np.random.default_rng(7), config["hidden_size"], config["intermediate_size"]

    def normal(*shape, scale=0.02):
        return (random.standard_normal(shape, np.float32) * scale).astype(np.float32)

    def linear(name, out, into):
        return {f"{name}.weight": normal(out, into, scale=into**-0.5), f"{name}.bias": normal(out)}

    def norm(name):
        return {f"{name}.weight": 1 + normal(width), f"{name}.bias": normal(width)}

    made = {"words.weight": normal(config["vocab_size"], width), "positions.weight": normal(config["max_position_embeddings"], width)}
    made |= norm("norm")
    for i in range(config["num_hidden_layers"]):
        name = f"layers.{i}"
        made |= linear(f"{name}.qkv", 3 * width, width) | linear(f"{name}.out", width, width) | norm(f"{name}.norm1")
        made |= linear(f"{name}.up", inner, width) | linear(f"{name}.down", width, inner) | norm(f"{name}.norm2")
    made |= {"head.weight": normal(len(LABELS), 2 * width, scale=width**-0.5), "head.bias": normal(len(LABELS))}
    return made


def known_answers(graph, words):
    """Texts of whole words, each one token, and what the fp32 graph says of them."""
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    random, usable = np.random.default_rng(8), [i for i, word in enumerate(words) if plain(word)]
    first, last = words.index("[CLS]"), words.index("[SEP]")
    out = []
    for count in KNOWN_WORDS:
        chosen = random.choice(usable, count).tolist()
        ids = np.array([[first, *chosen, last]])
        logits = session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        out.append({
            "text": " ".join(words[i] for i in chosen),
            "scores": {label: round(float(score), 4) for label, score in zip(LABELS, 1 / (1 + np.exp(-logits)))},
            "tolerance": TOLERANCE,
        })  # fmt: skip
    return out


def manifest(args, config, graphs, answers):
    content = (args.out / "vocab.txt").read_bytes()
    return {
        "format": 1,
        "name": f"sample-{args.size}",
        "version": "1",
        "check": f"sample-{args.size}",
        "description": "random weights, for tests and benchmarks: its answers mean nothing",
        "licence": "Apache-2.0",
        "source": {"url": "https://github.com/portcullis-ai/portcullis"},
        "labels": [{"name": name, "category": "toxicity", "activation": "sigmoid"} for name in LABELS],
        "tokenizer": {"kind": "wordpiece", "vocab": "vocab.txt", "sha256": hashlib.sha256(content).hexdigest(), "lowercase": True},
        "window": {"tokens": config["max_position_embeddings"], "overlap": config["max_position_embeddings"] // 8},
        "graphs": graphs,
        "known_answers": answers,
    }


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("out", type=Path, metavar="DIR")
    return parser.parse_args()


if __name__ == "__main__":
    main()
