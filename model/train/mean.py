"""The mean of the weights of several runs.

Runs that start from the same weights end in the same valley, and the mean of their
ends often judges better than each of them, at the cost of one ("model soups",
Wortsman et al. 2022).
"""


def mean(runs):
    """A state dict from several of the same tensors; the mean is taken in float32."""
    first, *others = runs
    for other in others:
        if other.keys() != first.keys() or any(other[name].shape != first[name].shape for name in first):
            raise ValueError("the runs are not of one network")
    return {name: sum(run[name].float() for run in runs) / len(runs) for name in first}
