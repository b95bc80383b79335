"""The reference: PyTorch and Hugging Face transformers, in an environment of their own.

    python reference.py make FOLDER --vocab FILE --size toxic-bert|hard|tiny|golden
    python reference.py score FOLDER TEXTS.json OUT.npz

It imports nothing of ours, so that what it says is not what we believe. make writes a
BertForSequenceClassification with random weights, as save_pretrained does; score runs a
folder's model over texts, one by one. A folder with head.safetensors is a BertModel under
that linear layer, over the mean and the maximum of its token vectors: our own network.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizer

SEED = 20
LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SIZES = {
    # unitary/toxic-bert: BERT-base, uncased, six labels; its weights as transformers draws them.
    "toxic-bert": {},
    # The same with weights that are hard to round, as those of all sizes below.
    "hard": {},
    "tiny": {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128},
    # For tests/golden, which is checked in.
    "golden": {
        "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
        "max_position_embeddings": 64,
    },
}
SPREAD, CENTRE = 2.5, -2.0  # of a label's logits, as a trained classifier's


def make(args):
    torch.manual_seed(SEED)
    tokenizer = BertTokenizer(args.vocab)
    config = BertConfig(
        vocab_size=len(tokenizer),
        id2label=dict(enumerate(LABELS)), label2id={name: i for i, name in enumerate(LABELS)},
        problem_type="multi_label_classification", hidden_act=args.act, **SIZES[args.size],
    )  # fmt: skip
    model = BertForSequenceClassification(config).eval()
    with torch.no_grad():
        if args.size != "toxic-bert":
            for name, value in model.named_parameters():
                draw(name, value)
        spread(model)
    model.save_pretrained(args.folder, safe_serialization=not args.bin)
    tokenizer.save_pretrained(args.folder)
    print(f"{args.folder}: {sum(p.numel() for p in model.parameters())} random weights, seed {SEED}")


def draw(name, value):
    """Scales as trained BERTs have at the worst: twice those of fresh ones, uneven norms, a few channels far larger than the rest."""
    width = value.shape[-1]
    if "LayerNorm" in name:
        centre = 0.85 if name.endswith("weight") else 0.0
        value.normal_(centre, 0.12)
        value[torch.randperm(width)[: width // 192 + 1]] *= 4
    elif name.endswith("bias"):
        value.normal_(0, 0.05)
    else:
        value.normal_(0, 0.04 if width >= 256 else 0.64 / width**0.5)


def spread(model):
    """A classifier that reads what varies from text to text, as a trained one does, and spreads as far."""
    size, longest = model.config.vocab_size, model.config.max_position_embeddings
    lengths = list(range(4, min(68, longest))) * 2
    texts = [torch.randint(size // 30, size, (1, n)) for n in lengths]  # the first ids are special and unused
    vectors = torch.cat([model.bert(ids).pooler_output for ids in texts])
    mean, apart = vectors.mean(0), vectors - vectors.mean(0)
    rows = torch.randn(len(LABELS), len(apart)) @ apart  # drawn from the vectors' own distribution
    rows *= (SPREAD / (apart @ rows.T).std(0))[:, None]
    model.classifier.weight.copy_(rows)
    model.classifier.bias.copy_(CENTRE - rows @ mean)


def score(args):
    """Writes logits [texts, labels], and the token ids laid end to end with their lengths."""
    texts = json.loads(args.texts.read_text())
    tokenizer = BertTokenizer.from_pretrained(args.folder)
    longest = BertConfig.from_pretrained(args.folder).max_position_embeddings
    model, began, told = load(args.folder), time.monotonic(), 0.0
    ids, logits = [], []
    for i, text in enumerate(texts, 1):
        ids.append(tokenizer(text, truncation=True, max_length=longest)["input_ids"])
        with torch.no_grad():
            logits.append(model(torch.tensor([ids[-1]]))[0].numpy())
        if time.monotonic() - told > 10 or i == len(texts):
            told = time.monotonic()
            print(f"PyTorch: {i} of {len(texts)} texts, {told - began:.0f} s", file=sys.stderr, flush=True)
    np.savez(args.out, logits=np.stack(logits), ids=np.concatenate(ids), lengths=[len(row) for row in ids])


def load(folder):
    """ids [1, tokens] to logits [1, labels]"""
    head = folder / "head.safetensors"
    if not head.is_file():
        model = BertForSequenceClassification.from_pretrained(folder).eval()
        return lambda ids: model(ids).logits
    encoder, linear = BertModel.from_pretrained(folder, add_pooling_layer=False).eval(), load_file(str(head))

    def run(ids):
        x = encoder(ids).last_hidden_state
        return torch.nn.functional.linear(torch.cat([x.mean(1), x.amax(1)], 1), linear["weight"], linear["bias"])

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("make")
    command.add_argument("folder", type=Path)
    command.add_argument("--vocab", required=True)
    command.add_argument("--size", choices=SIZES, default="toxic-bert")
    command.add_argument("--act", choices=("gelu", "gelu_new"), default="gelu")
    command.add_argument("--bin", action="store_true", help="write pytorch_model.bin")
    command.set_defaults(run=make)
    command = commands.add_parser("score")
    command.add_argument("folder", type=Path)
    command.add_argument("texts", type=Path)
    command.add_argument("out", type=Path)
    command.set_defaults(run=score)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
