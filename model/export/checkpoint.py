"""Reads the weights of a Hugging Face folder, under the names of train.bert."""

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file

from export import unpickle
from export.refused import Refused, must

FILES = ("model.safetensors", "pytorch_model.bin")
# Buffers that older versions of transformers saved: 0, 1, 2, … and zeros.
IGNORED = ("bert.embeddings.position_ids", "bert.embeddings.token_type_ids")
PARTS = {"out": "attention.output.dense", "norm1": "attention.output.LayerNorm", "up": "intermediate.dense",
         "down": "output.dense", "norm2": "output.LayerNorm"}  # fmt: skip


def read(folder, config, labels):
    """float32 arrays for export.graph.build. Refuses missing, unknown, misshapen and non-finite tensors by name."""
    state = _Taken(_state(folder))
    width, inner = config["hidden_size"], config["intermediate_size"]
    own = _embeddings(state, config)
    shapes = {"out": (width, width), "up": (inner, width), "down": (width, inner), "norm1": (width,), "norm2": (width,)}
    for i in range(config["num_hidden_layers"]):
        theirs, ours = f"bert.encoder.layer.{i}", f"layers.{i}"
        for kind, shape in (("weight", (width, width)), ("bias", (width,))):
            parts = [state.take(f"{theirs}.attention.self.{p}.{kind}", shape) for p in ("query", "key", "value")]
            own[f"{ours}.qkv.{kind}"] = np.concatenate(parts)
        for part, name in PARTS.items():
            own |= state.layer(f"{ours}.{part}", f"{theirs}.{name}", shapes[part])
    own |= state.layer("pooler", "bert.pooler.dense", (width, width))
    own |= state.layer("classifier", "classifier", (labels, width))
    state.finish()
    return own


def _embeddings(state, config):
    width, prefix = config["hidden_size"], "bert.embeddings"
    types = state.take(f"{prefix}.token_type_embeddings.weight", (config["type_vocab_size"], width))
    places = state.take(f"{prefix}.position_embeddings.weight", (config["max_position_embeddings"], width))
    words = state.take(f"{prefix}.word_embeddings.weight", (config["vocab_size"], width))
    own = {"words.weight": words, "positions.weight": places + types[0]}  # a text is one segment: type 0
    return own | state.layer("norm", f"{prefix}.LayerNorm", (width,))


def _state(folder):
    for name in FILES:
        if (folder / name).is_file():
            return _safetensors(folder / name) if name == FILES[0] else unpickle.read(folder / name)
    shards = [path.name for path in folder.glob("*.index.json")]
    hint = f"; it has {shards[0]}: save it in one file (save_pretrained(..., max_shard_size='10GB'))" if shards else ""
    raise Refused(f"{folder} has neither {' nor '.join(FILES)}{hint}")


def _safetensors(path):
    try:
        return {name: value.float().numpy() for name, value in load_file(str(path)).items()}
    except (SafetensorError, OSError) as wrong:
        raise Refused(f"{path.name} cannot be read: {wrong}") from None


class _Taken:
    """A state dict from which each tensor is taken once, so that what is left over is noticed."""

    def __init__(self, state):
        # Checkpoints converted from TensorFlow call a norm's weight gamma and its bias beta.
        renamed = {name.replace(".gamma", ".weight").replace(".beta", ".bias"): value for name, value in state.items()}
        self.state = {name: value for name, value in renamed.items() if name not in IGNORED}

    def take(self, name, shape):
        must(name in self.state, f"the weights have no tensor {name}")
        value = self.state.pop(name)
        must(value.shape == shape, f"the tensor {name} has the shape {value.shape}, config.json wants {shape}")
        must(value.dtype == np.float32 and np.isfinite(value).all(), f"the tensor {name} holds something else than finite floats")
        return value

    def layer(self, ours, theirs, shape):
        """weight and bias; the bias is as long as the weight has rows."""
        return {
            f"{ours}.weight": self.take(f"{theirs}.weight", shape),
            f"{ours}.bias": self.take(f"{theirs}.bias", shape[:1]),
        }

    def finish(self):
        left = sorted(self.state)
        must(not left, f"the weights have tensors that this network has no place for: {', '.join(left[:5])}"
             + (" and more" if len(left) > 5 else ""))  # fmt: skip
