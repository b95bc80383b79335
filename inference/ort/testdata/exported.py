"""Makes the BERT graphs of this folder with the project's exporter, the same on every run.

    model/train/setup.sh    # once, for the virtual environment
    cd model && PYTHONPATH=. train/.venv/bin/python ../inference/ort/testdata/exported.py

bert-mean has the project's own head, which reads all tokens of a text; bert-first has BERT's,
which reads the first. Each is there padded and packed, on the same random weights, with two
layers, so that a token that sees another text's changes the scores of both.
"""

from pathlib import Path

import numpy as np

from export.graph import build
from export.sample import random_weights

HERE = Path(__file__).parent
CONFIG = {
    "vocab_size": 32, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 2, "max_position_embeddings": 24, "layer_norm_eps": 1e-12,
}  # fmt: skip


def main():
    mean = random_weights(CONFIG)
    save("bert-mean", mean, "int64")
    first = {name: value for name, value in mean.items() if not name.startswith("head.")}
    random, width = np.random.default_rng(9), CONFIG["hidden_size"]
    for name, out in (("pooler", width), ("classifier", 3)):
        first[f"{name}.weight"] = random.standard_normal((out, width), np.float32)
        first[f"{name}.bias"] = random.standard_normal(out, np.float32)
    save("bert-first", first, "int32")


def save(name, weights, ids):
    for layout in ("padded", "packed"):
        content = build(weights, CONFIG, "fp32", layout, ids).SerializeToString(deterministic=True)
        (HERE / f"{name}.{layout}.onnx").write_bytes(content)


if __name__ == "__main__":
    main()
