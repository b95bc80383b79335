"""Moves what is hard to quantise from activations to weights, without changing the network.

Activations have one scale for a whole tensor, so one channel that reaches far costs all
others their resolution. Each channel is scaled down, and the matrix's column that reads
it scaled up, by a balance of how far the two reach (SmoothQuant, Xiao et al. 2023).
"""

import numpy as np

BALANCE = 0.65  # 1 would make all channels of the activations reach equally far, 0 those of the weights
LEAST = 1e-5


def equalised(weights, reaches):
    """The weights with scaled matrices, and for qkv and up a factor "NAME.even" for their input; and the new means.

    reaches: a Reach of each matrix's input by its name; the means returned are of what
    the scaled matrix reads. The input of out is a mean of v, so its factor goes into v's
    rows and bias. That of down stays, it gets units of its own for each token.
    """
    own, means = dict(weights), {}
    for name, reach in reaches.items():
        kind = name.rsplit(".", 1)[1]
        factor = np.float32(1) if kind == "down" else _factor(reach.top, own[f"{name}.weight"])
        own[f"{name}.weight"], means[name] = own[f"{name}.weight"] * factor, reach.mean / factor
        if kind == "out":
            _scale_values(own, name.replace(".out", ".qkv"), factor)
        elif kind != "down":
            own[f"{name}.even"] = 1 / factor
    return own, means


def _factor(reach, weight):
    columns = np.maximum(np.abs(weight).max(0), LEAST)
    factor = np.maximum(reach, LEAST) ** BALANCE / columns ** (1 - BALANCE)
    return (factor / np.exp(np.log(factor).mean())).astype(np.float32)


def _scale_values(own, name, factor):
    """Divides v, the last third of qkv's rows."""
    for part in ("weight", "bias"):
        value = own[f"{name}.{part}"].copy()
        third = value[-len(factor) :]
        third /= factor[:, None] if part == "weight" else factor
        own[f"{name}.{part}"] = value
