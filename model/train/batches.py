"""Rows as tensors, grouped by length so that little of a batch is padding."""

import torch

CHUNK = 2048  # rows sorted together: large enough for even lengths, small enough to stay mixed


def encode(tokenizer, texts, tokens):
    """Token ids per text, [CLS] … [SEP], at most `tokens` of them (the head of the text)."""
    tokenizer.enable_truncation(tokens)
    return [e.ids for e in tokenizer.encode_batch(texts)]


def windows(tokenizer, text, window):
    """Every window of a text as the service cuts it: anchored to the start, overlapping."""
    tokenizer.no_truncation()
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    size = window["tokens"] - 2
    stride = size - window["overlap"]
    last = max(0, len(ids) - window["overlap"] - 1) // stride
    first, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return [[first, *ids[k * stride : k * stride + size], end] for k in range(last + 1)]


def pad(sequences):
    """ids and mask, int64 [batch, longest], padded with 0 on the right."""
    longest = max(map(len, sequences))
    ids = torch.zeros(len(sequences), longest, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for i, sequence in enumerate(sequences):
        ids[i, : len(sequence)] = torch.tensor(sequence)
        mask[i, : len(sequence)] = 1
    return ids, mask


def group(lengths, tokens, random):
    """Lists of row numbers; a batch holds at most `tokens` padded tokens. Order is random."""
    out = []
    for start in range(0, len(lengths), CHUNK):
        chunk = sorted(range(start, min(start + CHUNK, len(lengths))), key=lambda i: lengths[i])
        batches, batch = [], []
        for i in chunk:
            if batch and lengths[i] * (len(batch) + 1) > tokens:
                batches.append(batch)
                batch = []
            batch.append(i)
        batches.append(batch)
        random.shuffle(batches)
        out += batches
    return out
