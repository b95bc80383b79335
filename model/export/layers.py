"""Embeddings and transformer layers of a BERT, in any arithmetic and layout."""

from export.emit import FUSED

ACTIVATIONS = {"gelu": "BiasGelu", "gelu_new": "FastGelu", "gelu_pytorch_tanh": "FastGelu"}


class Layers:
    """Methods emit nodes into g and return the name of the tensor they made."""

    def __init__(self, g, arithmetic, config):
        self.g, self.arithmetic = g, arithmetic
        self.heads, self.depth = config["num_attention_heads"], config["num_hidden_layers"]
        self.epsilon = arithmetic.epsilon(config["layer_norm_eps"])
        self.activation = ACTIVATIONS[config.get("hidden_act", "gelu")]

    def run(self, layout):
        """The last layer's vectors, [rows, tokens, width]."""
        mask = self.arithmetic.mask(self.g, layout)
        x = self.embeddings(layout)
        for i in range(self.depth):
            x = self.layer(x, mask, f"layers.{i}")
        return x

    def embeddings(self, layout):
        where = layout.positions(self.g, self.tensor("positions.weight"))
        total = self.g.op("Add", [self.arithmetic.words(self.g), where])
        scale, bias = self.tensor("norm.weight"), self.tensor("norm.bias")
        return self.g.op("LayerNormalization", [total, scale, bias], axis=-1, epsilon=self.epsilon)

    def layer(self, x, mask, name):
        mixed = self.arithmetic.attention(self.g, x, mask, f"{name}.qkv", self.heads)
        x = self.residual(self.matmul(mixed, f"{name}.out"), x, f"{name}.out.bias", f"{name}.norm1")
        up = self.g.op(self.activation, [self.matmul(x, f"{name}.up"), self.tensor(f"{name}.up.bias")], FUSED)
        return self.residual(self.matmul(up, f"{name}.down"), x, f"{name}.down.bias", f"{name}.norm2")

    def residual(self, x, skip, bias, norm):
        inputs = [x, skip, self.tensor(f"{norm}.weight"), self.tensor(f"{norm}.bias"), self.tensor(bias)]
        return self.g.op("SkipLayerNormalization", inputs, FUSED, epsilon=self.epsilon)

    def matmul(self, x, name):
        return self.arithmetic.matmul(self.g, x, name)

    def tensor(self, name):
        return self.arithmetic.tensor(self.g, name)
