"""Proves the exporter against PyTorch and transformers: python -m export.prove

A BERT-base of toxic-bert's configuration with random weights, saved by transformers
and read back from its folder, and our own trained weights where they are, over a
thousand made texts. Ids, logits of every graph and, with --portcullis, the scores of
the served model are compared. Exits 1 if anything misses its bound. On two cores it
takes about half an hour; --size tiny --texts 200 takes one minute. --size hard draws
weights that amplify every rounding: fp32 keeps its bound there, fp16 and int8 need not.
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from export import architecture, checkpoint, huggingface, texts
from export.proof import Proof, served
from export.wordpieces import WordPieces
from train import base

HERE = Path(__file__).parent
SEED = 11
SERVED = slice(2, 600, 100)  # few texts through the binary, which loads the model for each
HEAD = (
    "| model | graph | logits apart, worst | probabilities apart, mean | 99 % | worst | rank correlation, worst label |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)


def main():
    args = _arguments()
    args.work.mkdir(parents=True, exist_ok=True)
    made = texts.make(args.texts, base.vocabulary(), random.Random(SEED))
    (args.work / "texts.json").write_text(json.dumps(made))
    proofs, missed = [random_bert(args, made)], []
    if args.weights.is_file():
        proofs.append(own_model(args))
    else:
        print(f"own model: skipped, {args.weights} is not there")
    for proof in proofs:
        proof.run()
        missed += proof.missed
    if args.portcullis:
        missed += served(args.portcullis, args.work / "model", made[SERVED], proofs[0].truth[SERVED])
    print("\n".join(["", HEAD, *(line for proof in proofs for line in proof.lines), ""]))
    print("\n".join(["missed:", *missed]) if missed else "everything within its bounds")
    return 1 if missed else 0


def random_bert(args, made):
    """The random model: made by transformers, read and exported from its folder."""
    folder = args.work / args.size
    reference(args, "make", folder, "--vocab", base.vocabulary(), "--size", args.size)
    truth, ids = score(args, folder)
    ours = [e.ids for e in tokenizer(folder).encode_batch(made)]
    if ours != ids:
        raise SystemExit(f"{sum(a != b for a, b in zip(ours, ids))} texts have other ids than transformers gives them")
    print(f"ids of {len(ids)} texts, {sum(map(len, ids))} tokens, are those of transformers' BertTokenizer")
    command = [str(folder), "--out", str(args.work / "model"), "--source", "https://example.org/random", "--licence", "CC0-1.0"]
    if huggingface.main(command) != 0:
        raise SystemExit("the export was refused")
    config = architecture.read(folder)
    return Proof(args.size, checkpoint.read(folder, config, truth.shape[1]), config, truth, ids)


def own_model(args):
    """Our trained weights; the reference runs them in transformers' BertModel."""
    from export.bundle import load

    weights, _ = load(args.weights)
    folder = args.work / "own"
    folder.mkdir(exist_ok=True)
    save_file(_renamed(weights), folder / "model.safetensors", {"format": "pt"})  # or transformers refuses it
    head = {part: weights[f"head.{part}"] for part in ("weight", "bias")}
    save_file(head, folder / "head.safetensors")
    (folder / "config.json").write_text(json.dumps(base.config()))
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    (folder / "vocab.txt").write_bytes(base.vocabulary().read_bytes())
    return Proof("own", weights, base.config(), *score(args, folder))


def _renamed(weights):
    """Our tensors under the names of transformers' BertModel."""
    own = {"embeddings.word_embeddings.weight": weights["words.weight"],
           "embeddings.position_embeddings.weight": weights["positions.weight"],
           "embeddings.token_type_embeddings.weight": np.zeros((2, weights["words.weight"].shape[1]), np.float32)}  # fmt: skip
    for kind in ("weight", "bias"):
        own[f"embeddings.LayerNorm.{kind}"] = weights[f"norm.{kind}"]
        for i in range(base.config()["num_hidden_layers"]):
            theirs, ours = f"encoder.layer.{i}", f"layers.{i}"
            parts = np.split(weights[f"{ours}.qkv.{kind}"], 3)
            own |= {f"{theirs}.attention.self.{p}.{kind}": v.copy() for p, v in zip(("query", "key", "value"), parts)}
            own |= {f"{theirs}.{name}.{kind}": weights[f"{ours}.{part}.{kind}"] for part, name in checkpoint.PARTS.items()}
    return own


def tokenizer(folder):
    out = WordPieces(folder).tokenizer()
    out.enable_truncation(512)
    return out


def score(args, folder):
    """PyTorch's logits, and transformers' ids, for all texts."""
    out = args.work / f"{folder.name}.npz"
    reference(args, "score", folder, args.work / "texts.json", out)
    found = np.load(out)
    ends = np.cumsum(found["lengths"])
    return found["logits"], [row.tolist() for row in np.split(found["ids"], ends[:-1])]


def reference(args, *command):
    subprocess.run([args.python, str(HERE / "reference.py"), *map(str, command)], check=True)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    build = HERE.parent / "train" / "build"
    parser.add_argument("--python", default=str(HERE / ".venv" / "bin" / "python"), help="that has transformers")
    parser.add_argument("--work", type=Path, default=build / "prove", help="where models and logits are put")
    parser.add_argument("--size", choices=("toxic-bert", "hard", "tiny"), default="toxic-bert")
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--weights", type=Path, default=build / "model.pt", help="our own, from make train")
    parser.add_argument("--portcullis", metavar="BINARY", help="verify, load and serve the exported model with it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
