"""Writes golden.jsonl.gz: texts, and how many tokens the reference makes of each in
both encodings. A text is "text", "times" over if that is there.

    python golden.py "$(go list -m -f '{{.Dir}}/assets' github.com/pkoukk/tiktoken-go-loader)"

The seed is fixed, so a second run writes the same file.
"""

import gzip
import itertools
import json
import random
import sys

from reference import encoding

rng = random.Random(20261122)

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.", "It's what they'll say, isn't it? I'VE HAD ENOUGH, YOU'RE LATE.",
    "Größe, Straße und Übermut tun selten gut.", "L'été dernier, j'ai vu un œuvre à Genève.", "¿Qué pasó con el señor Núñez?",
    "Съешь же ещё этих мягких французских булок.", "Η γρήγορη αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
    "今天天气怎么样?我想去北京。", "吾輩は猫である。名前はまだ無い。カタカナも。", "나는 오늘 학교에 갔다가 집에 왔다.",
    "مرحبا بالعالم، كيف حالك اليوم؟", "שלום עולם, מה שלומך היום?", "नमस्ते दुनिया, आप कैसे हैं?", "สวัสดีชาวโลก สบายดีไหม",
    "Xin chào thế giới, bạn khỏe không?", "გამარჯობა მსოფლიო", "Բարեւ աշխարհ", "ሰላም ዓለም", "வணக்கம் உலகம்", "ഹലോ വേൾഡ്",
    "func (c *Counter) Count(text string) int {\n\treturn 0\n}\n", "SELECT * FROM users WHERE id = 1; -- drop\r\n",
    '<div class="a b">\n    <p>Hi&nbsp;there</p>\n</div>', "def f(x):\n    return x ** 2  # square\n\n\n", '{"a": [1, 2.50, -3e10], "b": null}',
    "camelCaseAndPascalCase XMLHttpRequest getURLFor2ndItem snake_case SCREAMING_CASE", "/usr/local/bin/\n//\n/* a */\n///",
    "https://example.com/a/b?c=d&e=%20f#g", "user.name+tag@example.co.uk", "2026-11-21T23:48:00.123456789Z", "3.14159265358979",
    "<|endoftext|>", "<|fim_prefix|><|fim_middle|>", "<|endofprompt|>", "<|im_start|>system<|im_end|>", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪",
    "e\u0301a\u0308 n\u0303", "ﷺ ﬁ ﬀ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙𝟚",
]
SPACES = list(" \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\u001c\u001f\u180e\u200b\u200d\u2060\ufeff") + ["  ", "\r\n"]
CONTRACTIONS = ["'s", "'S", "'ſ", "'t", "'re", "'RE", "'rE", "'ve", "'m", "'LL", "'lL", "'d", "'x", "'", "''", "’s", "'ſt", "'\u212a", "'r", "'v", "'l"]
NUMERALS = ["0", "7", "12", "123", "1234", "½", "²", "Ⅷ", "٣", "४", "๕", "〇", "一", "𝟛", "①", "༳", "৴", "\U00010d41", "\U0001ccf3"]
LETTERS = ["a", "B", "the", " the", "THE", "The", "tHE", "ſ", "ß", "é", "É", "я", "Я", "ا", "ก", "中", "あ", "한", "ʰ", "ª", "ᾳ", "ǅ", "\U000105c1", "\U0002ebf1", "\U00013461"]
MARKS = list(".!-=/#$€°…—©\u0301\u20e3\u093e\ufe0f😀\U0001f1e9\0\x7f\U000e0041\U0010ffff") + ["...", "--", "//", "/\n/"]
MIXED = [SPACES, CONTRACTIONS, NUMERALS, LETTERS, MARKS]
SCRIPTS = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x530, 0x5FF), (0x600, 0x6FF), (0x700, 0x8FF),
    (0x900, 0xDFF), (0xE00, 0xFFF), (0x1000, 0x137F), (0x1380, 0x17FF), (0x1800, 0x1CFF), (0x1D00, 0x1FFF), (0x2000, 0x206F),
    (0x2070, 0x2BFF), (0x2C00, 0x2FFF), (0x3000, 0x30FF), (0x3100, 0x33FF), (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7FF),
    (0xE000, 0xF8FF), (0xF900, 0xFFFF), (0x10000, 0x10FFF), (0x11000, 0x12FFF), (0x13000, 0x18FFF), (0x1B000, 0x1CFFF),
    (0x1D000, 0x1EFFF), (0x1F000, 0x1FFFF), (0x20000, 0x32FFF), (0xE0000, 0xE01FF), (0, 0x10FFFF),
]

# One of each general category and of each script's habits, and pairs and clusters, for
# texts that are one long run.
UNITS = (
    list("aAʰªǅ的あ7Ⅷ½=/_([»+^$©\u0301\u0903\u20dd \u3000\n\r\t\0\u00ad\u200b\u200d\ue000\ufffd\ufdd0\u0378😀\U000e0041\U00100000ßяЯاก한")
    + ["ab", "a ", " a", "a'", "'s", "A'S", "aB", "あA", "\u0301A", "a\u0301", "A\u0301", "=\n", " \n", "\n ", "\r\n", "/\n", "1a", "12 ", "a1", "的A"]
    + ["👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "नि", "ไม่", "각", "<|endoftext|>", "\u200ba", "\u202e\u202c", "ſ'ſ", "''", "--", "Aa1 "]
)


def scalar(low, high):
    """A character between two; no surrogates, which are no text."""
    c = rng.randint(low, high)
    return "\ufffd" if 0xD800 <= c < 0xE000 else chr(c)


def chars(n, script):
    return "".join(scalar(*script) for _ in range(n))


def several(most, make, least=1):
    return [make() for _ in range(rng.randint(least, most))]


def any_mixed():
    return rng.choice(rng.choice(MIXED))


KINDS = [
    lambda: rng.choice(SPACES).join(several(4, lambda: rng.choice(SENTENCES))),
    lambda: "".join(several(24, any_mixed)),
    lambda: "".join(several(12, lambda: rng.choice(SPACES)) + [any_mixed()] + several(5, lambda: rng.choice(SPACES), 0)),
    lambda: rng.choice(["", " ", "\n"]).join(several(8, lambda: rng.choice(LETTERS) + rng.choice(CONTRACTIONS))),
    lambda: "".join(several(10, lambda: rng.choice(LETTERS + MARKS))),
    lambda: chars(rng.randint(1, 40), rng.choice(SCRIPTS)),
    lambda: rng.choice(SPACES).join(several(6, lambda: chars(rng.randint(1, 8), rng.choice(SCRIPTS)))),
    lambda: any_mixed() * rng.randint(1, rng.choice([4, 40, 400])) + any_mixed(),
    lambda: "".join(c if rng.randrange(9) else any_mixed() for c in rng.choice(SENTENCES)),
    lambda: "".join(several(120, lambda: rng.choice("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789+/"), 0)),
]


def texts():
    """Pairs of a text and how often it stands."""
    single = ["", *SENTENCES, *itertools.chain(*MIXED)]
    single += [KINDS[i % len(KINDS)]() for i in range(4000)]
    for n in (49, 200, 1000, 3000):
        single += [chars(n, s) for s in [(0x61, 0x7A), (0x41, 0x5A), (0x4E00, 0x4E7F), (0x21, 0x2F), (0x1F600, 0x1F64F)]]
    yield from ((text, 1) for text in single)
    for unit in UNITS:
        for n in (47, 48, 49, 129, 1000, 5000):
            yield unit, n
        yield unit, 2**14 // len(unit.encode())
    for unit in UNITS[::8]:
        yield unit, 2**20 // len(unit.encode())


def count(encoding, text):
    """None where the reference fails: its regex engine overflows its stack in some
    runs of a mebibyte."""
    try:
        return len(encoding.encode_ordinary(text))
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        return None


def main():
    both = [encoding(name, sys.argv[1]) for name in ("cl100k_base", "o200k_base")]
    with gzip.GzipFile("golden.jsonl.gz", "w", compresslevel=9, mtime=0) as out:
        for text, times in texts():
            line = {"text": text, "times": times}
            line |= {e.name: count(e, text * times) for e in both}
            out.write((json.dumps(line) + "\n").encode())


main()
