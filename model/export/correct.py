"""Gives back on average what rounding the weights takes.

Rounding changes a matrix by a little that is the same for every token, so where its
inputs have a mean other than zero, its outputs move all the same way. That movement is
known, and goes into the bias, at no cost.
"""

from export.quantise import per_column


def corrected(weights, means):
    """The weights with other biases. means: of each matrix's input by its name, float32 [in]."""
    own = dict(weights)
    for name, mean in means.items():
        weight = weights[f"{name}.weight"]
        numbers, scales = per_column(weight.T)
        lost = weight - (numbers * scales).T
        own[f"{name}.bias"] = own[f"{name}.bias"] + lost @ mean
    return own
