"""The reference: tiktoken's own encodings, over ranks that lie on this disk.

    pip install tiktoken==0.14.0

tiktoken fetches its ranks; here they come from the folder that tiktoken-go-loader
embeds, which `go list -m -f '{{.Dir}}/assets' github.com/pkoukk/tiktoken-go-loader`
names. tiktoken's digests of the files still hold.
"""

import base64
import hashlib
import pathlib

import tiktoken
import tiktoken_ext.openai_public as published


def encoding(name, ranks):
    """The encoding called name, over the rank files in the folder ranks."""
    published.load_tiktoken_bpe = lambda url, expected_hash: read(ranks, url, expected_hash)
    return tiktoken.Encoding(**published.ENCODING_CONSTRUCTORS[name]())


def read(ranks, url, expected_hash):
    data = (pathlib.Path(ranks) / url.rsplit("/", 1)[1]).read_bytes()
    if hashlib.sha256(data).hexdigest() != expected_hash:
        raise ValueError(f"the ranks of {url} are not the published ones")
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, data.splitlines())}


def matches(pattern, text):
    """The parts of text that the reference's regex engine matches, joined."""
    ranks = {bytes([b]): b for b in range(256)}
    only = tiktoken.Encoding(name=pattern, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return bytes(only.encode_ordinary(text)).decode()
