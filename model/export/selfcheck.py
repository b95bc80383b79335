"""Compares torch with the exported graphs on random weights: python -m export.selfcheck

Fails loudly where the hand-made graph and the network have come apart, where
padding leaks into a score, or where int8 strays. Takes seconds, needs no DATA.
"""

import numpy as np
import torch

from export.graph import build
from export.session import Session
from train.batches import pad
from train.bert import Classifier

CONFIG = {
    "vocab_size": 300, "hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 3,
    "num_attention_heads": 4, "max_position_embeddings": 96, "layer_norm_eps": 1e-12,
}  # fmt: skip
LENGTHS = ([1], [2, 2], [7, 31, 12], [96, 3], [64] * 8)
FP32_LIMIT, PADDING_LIMIT, INT8_LIMIT = 1e-3, 1e-4, 0.25


def main():
    torch.manual_seed(7)
    model = Classifier(CONFIG).eval()
    for name, value in model.named_parameters():
        torch.nn.init.normal_(value, 1.0 if "norm" in name and "weight" in name else 0.0, 0.15)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    fp32, int8 = (Session(build(weights, CONFIG, p).SerializeToString()) for p in ("fp32", "int8"))
    for lengths in LENGTHS:
        sequences = [torch.randint(1, CONFIG["vocab_size"], (n,)).tolist() for n in lengths]
        with torch.no_grad():
            truth = model(*pad(sequences)).numpy()
        check("torch and fp32", lengths, truth, fp32.logits(sequences), FP32_LIMIT)
        check("fp32 padded and alone", lengths, fp32.each(sequences), fp32.logits(sequences), PADDING_LIMIT)
        check("fp32 and int8", lengths, fp32.each(sequences), int8.each(sequences), INT8_LIMIT)


def check(what, lengths, a, b, limit):
    worst = float(np.abs(a - b).max())
    print(f"{what:22} lengths {str(lengths):28.28} worst {worst:.2e}, allowed {limit:.0e}")
    if not worst <= limit:
        raise SystemExit(f"{what}: logits differ by {worst}")


if __name__ == "__main__":
    main()
