"""How a customer feels, read from words: -100 (very bad) to 100 (very good), 0 where nothing says.

Deterministic and explainable, no model: weighted words, turned by negation, raised and lowered by their neighbours.
It serves routing ("getting worse") and a supervisor's glance; it is not a measurement of a person.
"""

import re
from collections.abc import Sequence

from journeyman.conversation.lexicon import EMOJI, EMOTICONS, EXACT, NEGATIONS, PHRASES, STEMS, STRONGER, WEAKER
from journeyman.conversation.normal import normal

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[.!?;,\n]+")
_PHRASE = re.compile(
    r"(?<![a-z'])(?:" + "|".join(sorted(map(re.escape, PHRASES), key=len, reverse=True)) + r")(?![a-z'])"
)
_EMOTICON = re.compile("|".join(sorted(map(re.escape, EMOTICONS), key=len, reverse=True)))
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_REACH = 3  # words that a negation turns
_STEM_LENGTHS = sorted({len(stem) for stem in STEMS}, reverse=True)


def sentiment(text: str) -> int:
    """The feeling in `text`, -100 to 100."""
    folded = normal(text).text
    lowered = folded.lower()
    total = float(sum(EMOJI.get(char, 0) for char in text))
    total += sum(EMOTICONS[match.group()] for match in _EMOTICON.finditer(folded))
    phrases = [match.group() for match in _PHRASE.finditer(lowered)]
    total += sum(PHRASES[phrase] for phrase in phrases)
    total += _words(_PHRASE.sub(" . ", lowered) if phrases else lowered)
    loudness = 1.0 + 0.1 * min(3, folded.count("!"))
    letters = [char for char in folded if char.isalpha()]
    if len(letters) >= 8 and sum(char.isupper() for char in letters) > 0.7 * len(letters):
        loudness += 0.25
    total *= loudness
    # a long complaint is not proportionally worse than a short one
    return round(100 * total / (abs(total) + 4))


def falling(scores: Sequence[int]) -> bool:
    """Whether a conversation is getting worse: `scores` are those of the customer's messages, oldest first.

    True when, of at least three, the last two are on average 25 below the ones before them (at most four) and below 0.
    """
    if len(scores) < 3:
        return False
    recent, earlier = scores[-2:], scores[-6:-2]
    # integers only: multiplied out instead of divided
    return sum(recent) < 0 and sum(recent) * len(earlier) <= (sum(earlier) - 25 * len(earlier)) * 2


def _words(lowered: str) -> float:
    total, factor = 0.0, 1.0
    negated = 0
    for match in _WORD.finditer(lowered):
        word = match.group()
        if not word[0].isalpha():
            negated, factor = 0, 1.0
            continue
        if word == "but":  # what comes after it is what is meant
            total, negated = total * 0.5, 0
            continue
        plain = word.replace("'", "")
        if plain in NEGATIONS or word.endswith("n't"):
            negated, factor = _REACH + 1, 1.0
            continue
        if plain in STRONGER:
            factor = max(factor, STRONGER[plain])
        elif plain in WEAKER:
            factor = WEAKER[plain]
        weight = _weight(plain)
        if weight and not (plain in STRONGER and weight > 0):
            total += (-0.6 * weight if negated else weight) * factor
            factor = 1.0
        negated = max(0, negated - 1)
    return total


def _weight(word: str) -> int:
    word = _STRETCHED.sub(r"\1\1", word)
    if word in EXACT:
        return EXACT[word]
    for length in _STEM_LENGTHS:
        if len(word) >= length and (weight := STEMS.get(word[:length])):
            return weight
    if word.endswith(("ss", "oo", "yy", "ll")) or len(word) < 4:
        return 0
    return EXACT.get(word.removesuffix("s"), 0)
