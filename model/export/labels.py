"""The outputs of a classifier: their names, categories and activation for the manifest."""

import re

from export.refused import must

CATEGORIES = ("toxicity", "prompt_injection", "sensitive_data", "secret", "obfuscation", "neutral", "other")
# Names that leave no doubt. Anything else is for the person who exports to say.
KNOWN = {
    "toxicity": """toxic toxicity severe_toxic severe_toxicity obscene obscenity threat insult identity_hate
        identity_attack sexual_explicit hate hateful hate_speech offensive abusive profanity harassment""",
    "prompt_injection": "injection prompt_injection injected jailbreak jailbroken",
    "neutral": "safe benign neutral harmless legit clean normal non_toxic not_toxic nontoxic not_hate no_hate non_hate",
}
ACTIVATIONS = {"multi_label_classification": "sigmoid", "single_label_classification": "softmax"}


def read(config, categories, activation):
    """The labels of the manifest, in the order of the outputs.

    categories: what the caller said, by label name; activation: what the caller said, or None.
    """
    names = [_plain(name) for name in _names(config)]
    for name in categories:
        must(name in names, f"--category {name}: there is no such label, only {', '.join(names)}")
    activation = _activation(config, activation, len(names))
    labels = [{"name": name, "category": _category(name, categories), "activation": activation} for name in names]
    must(len(set(names)) == len(names), f"config.json: two labels of id2label have one name: {', '.join(names)}")
    must(any(label["category"] != "neutral" for label in labels), "all labels are neutral, so the model could find nothing")
    return labels


def _names(config):
    by_id = config.get("id2label") or {str(i): f"LABEL_{i}" for i in range(config.get("num_labels", 2))}
    must(
        isinstance(by_id, dict) and sorted(by_id) == sorted(str(i) for i in range(len(by_id))),
        f"config.json: id2label has the keys {', '.join(by_id)}, want 0 to {len(by_id) - 1}",
    )
    return [str(by_id[str(i)]) for i in range(len(by_id))]


def _plain(name):
    """As manifests write it: letters, digits, dot, dash and underscore."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_.-")
    must(0 < len(plain) <= 64, f"config.json: the label {name!r} of id2label cannot be written as 64 letters and digits")
    return plain


def _category(name, said):
    if name in said:
        return said[name]
    key = re.sub(r"[.-]", "_", name.lower())
    for category, names in KNOWN.items():
        if key in names.split():
            return category
    must(False, f"the label {name} may mean anything: say --category {name}=C with C one of {', '.join(CATEGORIES)}")


def _activation(config, said, count):
    kind = config.get("problem_type")
    must(
        said or kind in ACTIVATIONS,
        f"config.json: problem_type is {kind!r}, which does not tell sigmoid from softmax: say --activation sigmoid"
        " if several labels may be true at once, --activation softmax if exactly one is",
    )
    must(not said or kind not in ACTIVATIONS or ACTIVATIONS[kind] == said,
         f"--activation {said} contradicts config.json: problem_type is {kind!r}")  # fmt: skip
    activation = said or ACTIVATIONS[kind]
    must(activation == "sigmoid" or count > 1, "a softmax over one label is always 1: say --activation sigmoid, or export another model")
    return activation
