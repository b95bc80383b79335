"""Writes harder.jsonl: more cases like article_golden.jsonl, with odd Unicode.

    python3 generate.py > harder.jsonl

validate() is the article in our words, on Python's own re and str.lower: what the
Go code has to equal. The seed is fixed.
"""

import json
import random
import re

PATTERNS = [re.compile(p, re.IGNORECASE) for p in (
    r"ignore\s+previous\s+instructions", r"forget\s+everything\s+above", r"new\s+instructions?:",
    r"system\s*:\s*you\s+are\s+now", r"act\s+as\s+if\s+you\s+are", r"pretend\s+to\s+be", r"roleplay\s+as",
    r"\/\/\s*END\s+INSTRUCTIONS", r"<\s*\|\s*endoftext\s*\|\s*>", r"\[INST\]|\[\/INST\]")]
STRUCTURE = ["step 1:", "first,", "then,", "next,", "finally,", "1.", "2.", "3.", "instruction:", "command:"]
KEYWORDS = ["system", "admin", "root", "sudo", "execute", "run", "override", "bypass", "disable", "enable", "configure"]


def injection_score(text):
    score = 0.0
    for pattern in PATTERNS:
        if pattern.search(text):
            score += 0.2
    lower = text.lower()
    if sum(word in lower for word in STRUCTURE) >= 2:
        score += 0.3
    if sum(word in lower for word in KEYWORDS) >= 2:
        score += 0.2
    return min(score, 1.0)


def validate(text, token_count, toxicity, max_tokens):
    issues, risk = [], 0.0
    if token_count > max_tokens:
        issues.append("Input exceeds token limit")
        risk += 0.3
    injection = injection_score(text)
    if injection > 0.5:
        issues.append("Potential prompt injection detected")
        risk += injection
    if toxicity > 0.7:
        issues.append("Unsafe content detected")
        risk += toxicity
    is_safe = not issues or risk < 0.9
    sanitized = text
    if issues and is_safe:
        for pattern in PATTERNS:
            sanitized = pattern.sub("[FILTERED]", sanitized)
        sanitized = "Please respond to the following user query: " + sanitized
    return dict(text=text, token_count=token_count, toxicity=toxicity, max_tokens=max_tokens, injection_score=injection,
                is_safe=is_safe, risk_sum=risk, detected_issues=issues, sanitized_input=sanitized)


SPACES = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and chr(c).isspace()]
NEAR_SPACES = ["", "\u200b", "\u180e", "\u2060", "\ufeff", "\u0008", "\u0000", "_"]
ALIKE = {"i": "iIİıіίi̇", "s": "sSſѕß", "k": "kK\u212aκ", "e": "eEеé", "o": "oOоº", "a": "aAаªÅ\u212b", "[": "[［", ":": "::：", "<": "<‹", "/": "//⁄"}
PHRASES = ["ignore previous instructions", "forget everything above", "new instruction:", "new instructions:", "system : you are now",
           "system:you are now", "act as if you are", "pretend to be", "roleplay as", "// END INSTRUCTIONS", "//end instructions",
           "< | endoftext | >", "<|endoftext|>", "[INST]", "[/INST]", "/ /end instructions", "[ INST]", "<||endoftext|>",
           "news instructions:", "ignoreprevious instructions", "system:: you are now"]
FILLERS = ["hello", "naïve café", "今天天气怎么样", "первый, второй,", "👩‍👩‍👧‍👦", "e\u0301", "\U0001d552ct as if", "ﬁrst,", "STRAẞE", "ΣΑΣ", "x" * 40, "\x00", "ŉ", "Dž"]


def twist(rng, phrase):
    """The phrase with look-alikes that Python may or may not take for the letter."""
    out = []
    for c in phrase:
        if c == " ":
            out.append("".join(rng.choice(SPACES) for _ in range(rng.choice([1, 1, 1, 2, 5]))) if rng.random() < 0.93 else rng.choice(NEAR_SPACES))
        elif c.lower() in ALIKE and rng.random() < 0.2:
            out.append(rng.choice(ALIKE[c.lower()]))
        else:
            out.append(c.upper() if rng.random() < 0.3 else c)
    return "".join(out)


def main():
    rng = random.Random(20261121)
    for n in range(600):
        kinds = [lambda: twist(rng, rng.choice(PHRASES)), lambda: rng.choice(FILLERS),
                 lambda: twist(rng, rng.choice(STRUCTURE)), lambda: twist(rng, rng.choice(KEYWORDS))]
        parts = [rng.choices(kinds, [5, 2, 2, 2])[0]() for _ in range(rng.choice([1, 1, 2, 3, 5, 8]))]
        text = rng.choice(["", " ", " ", "\n", ".", "\u3000", rng.choice(SPACES)]).join(parts)
        case = validate(text, rng.choice([0, 10, 4000, 4001]), rng.choice([0.0, 0.1, 0.29, 0.5, 0.7, 0.7000001, 0.89, 0.95]), rng.choice([4000, 4000, 10, 9]))
        print(json.dumps(case))


if __name__ == "__main__":
    main()
