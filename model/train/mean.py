"""The mean of the weights of several runs: python -m train.mean RUN.pt RUN.pt ... --out MEAN.pt

Runs that start from the same weights end in the same valley, and the mean of their
ends often judges better than each of them, at the cost of one ("model soups",
Wortsman et al. 2022).
"""

import argparse
from pathlib import Path

import torch


def mean(runs):
    """A state dict from several of the same tensors; the mean is taken in float32."""
    first, *others = runs
    for other in others:
        if other.keys() != first.keys() or any(other[name].shape != first[name].shape for name in first):
            raise ValueError("the runs are not of one network")
    return {name: sum(run[name].float() for run in runs) / len(runs) for name in first}


def main():
    args = _arguments()
    torch.save(mean([torch.load(file, map_location="cpu") for file in args.runs]), args.out)
    print(f"the mean of {len(args.runs)} runs is in {args.out}")


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="model.pt as train.fit leaves it")
    parser.add_argument("--out", type=Path, required=True, help="where the mean goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
