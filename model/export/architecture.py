"""Reads config.json of a Hugging Face folder: which network it is, and how large.

Whatever would change what the network computes and is not built by export.graph is
refused by name. Keys that only matter for training or generating are ignored.
"""

from export.layers import ACTIVATIONS
from export.refused import must, read_json

ARCHITECTURE = "BertForSequenceClassification"
# Keys that make another network of it, and the values with which they do not.
PLAIN = {
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "is_encoder_decoder": False,
    "add_cross_attention": False,
    "pruned_heads": {},
    "quantization_config": None,
    "auto_map": None,
}
SIZES = (
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
    "intermediate_size", "max_position_embeddings", "type_vocab_size",
)  # fmt: skip


def read(folder):
    """config.json as it is, after everything that matters was found to be understood."""
    config = read_json(folder / "config.json")
    names = config.get("architectures")
    must(
        names == [ARCHITECTURE] and config.get("model_type") == "bert",
        f"config.json: architectures is {names} and model_type {config.get('model_type')!r};"
        f" only ['{ARCHITECTURE}'] of model_type 'bert' can be exported",
    )
    for key, plain in PLAIN.items():
        value = config.get(key, plain)
        must(value == plain, f"config.json: {key} is {value!r}; only {plain!r} can be exported")
    _sizes(config)
    act = config.get("hidden_act")
    must(act in ACTIVATIONS, f"config.json: hidden_act is {act!r}, want one of {', '.join(ACTIVATIONS)}")
    return config


def _sizes(config):
    for key in SIZES:
        value = config.get(key)
        must(type(value) is int and value > 0, f"config.json: {key} is {value!r}, want a whole number above 0")
    width, heads = config["hidden_size"], config["num_attention_heads"]
    must(width % heads == 0, f"config.json: hidden_size {width} is no multiple of num_attention_heads {heads}")
    epsilon = config.get("layer_norm_eps")
    must(isinstance(epsilon, float) and 0 < epsilon < 1, f"config.json: layer_norm_eps is {epsilon!r}, want a small number")
