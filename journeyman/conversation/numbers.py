"""Numbers as customers type them: digits, digits with separators, and digits in words ("one five nine six").

A `Group` is one piece as it was written; a `Run` is a row of groups with nothing but separators between them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_DIGITS = (
    {word: str(value) for value, word in enumerate(_ONES.split(), start=1)}
    | {word: str(value * 10) for value, word in enumerate(_TENS.split(), start=2)}
    | {"niner": "9", "fourty": "40", "ninty": "90"}
)
_ZEROS = frozenset(("zero", "nought", "naught", "null", "o", "oh"))
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}
_REPEATS = {"double": 2, "triple": 3, "treble": 3}
_FILLERS = frozenset(("then", "dash", "space", "hyphen", "um", "uh", "er"))  # said between digits, part of no number

_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|\s+|[^A-Za-z0-9\s]+")
_SOFT = frozenset(" \n\t-._,/*:;|()+~'\"\\=<>[]{}#&!")
_LIKE_DIGITS = str.maketrans("oOlI", "0011")


@dataclass(frozen=True, slots=True)
class Group:
    """One written piece of a number: its ASCII `digits` and its span. `words`: it was (partly) spelled out."""

    digits: str
    start: int
    end: int
    words: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Groups with only separators between them."""

    groups: tuple[Group, ...]

    @property
    def digits(self) -> str:
        return "".join(group.digits for group in self.groups)


def _spoken(words: list[tuple[str, int, int]]) -> Iterator[Group]:
    """The groups of consecutive number words: "ninety six" is one, "one five" two, "thirty one hundred" one."""
    index = 0
    while index < len(words):
        word, start, end = words[index]
        if word in _REPEATS:
            index += 1
            if index < len(words) and words[index][0] in _DIGITS:
                repeated, _, end = words[index]
                yield Group(_DIGITS[repeated] * _REPEATS[word], start, end, words=True)
                index += 1
        elif word in _ZEROS:
            index += 1
            yield Group("0", start, end, words=True)
        else:
            value, end, index = _counted(words, index)
            yield Group(str(value), start, end, words=True)


def _counted(words: list[tuple[str, int, int]], index: int) -> tuple[int, int, int]:
    """The number said from `index` on: its value, where it ends, and the index of the word after it."""
    total, part, limit, end = 0, 0, 10**12, words[index][2]
    while index < len(words):
        word = words[index][0]
        if word in _SCALES:
            scale = _SCALES[word]
            if scale == 100 and part < 100:
                part = max(part, 1) * 100
            elif 100 < scale < limit:
                total, part, limit = total + max(part, 1) * scale, 0, scale
            else:
                break
        else:
            number = int(_DIGITS.get(word, "0"))
            fits = number > 0 and (
                part == 0 or (part % 100 == 0 and number < 100) or (part % 100 >= 20 and part % 10 == 0 and number < 10)
            )
            if not fits:
                break
            part += number
        end = words[index][2]
        index += 1
    return total + part, end, index


def _is_word_number(word: str) -> bool:
    return word in _DIGITS or word in _ZEROS or word in _SCALES or word in _REPEATS


def runs(text: str) -> Iterator[Run]:
    """The runs of (folded) `text`, in order. Single number words in prose ("one of them") come out as runs, too."""
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    groups: list[Group] = []
    spoken: list[tuple[str, int, int]] = []

    def flush() -> None:
        if spoken:
            groups.extend(_spoken(spoken))
            spoken.clear()

    for index, (token, start, end) in enumerate(tokens):
        if token[0].isdigit():
            flush()
            if groups and groups[-1].end == start:  # 3|l|41: look-alike letters inside
                groups[-1] = Group(groups[-1].digits + token, groups[-1].start, end)
            else:
                groups.append(Group(token, start, end))
            continue
        if token[0].isalpha():
            lowered = token.lower()
            before = tokens[index - 1][0][-1] if index else " "
            after = tokens[index + 1][0][0] if index + 1 < len(tokens) else " "
            if not token.strip("oOlI") and (before.isdigit() or after.isdigit()):
                flush()
                digits = token.translate(_LIKE_DIGITS)
                if before.isdigit() and groups:
                    groups[-1] = Group(groups[-1].digits + digits, groups[-1].start, end)
                else:
                    groups.append(Group(digits, start, end))
                continue
            if lowered in ("o", "oh"):
                counts = _beside_number(tokens, index)
            elif lowered == "and":
                counts = False
                if spoken and spoken[-1][0] in _SCALES and _is_word_number(_word_at(tokens, index + 2)):
                    continue  # five hundred and twenty
                if _is_digit(_word_at(tokens, index - 2)) and _is_digit(_word_at(tokens, index + 2)):
                    continue  # 1, 5, 9 and 6
            else:
                counts = _is_word_number(lowered) and (lowered != "grand" or bool(spoken or groups))
            if counts:
                spoken.append((lowered, start, end))
                continue
            if lowered in _FILLERS and (groups or spoken):
                continue
            if lowered == "x" and len(_word_at(tokens, index - 1)) == 4 and before.isdigit() and after.isdigit():
                continue  # 4111x1111x1111x1111
        elif all(char in _SOFT for char in token.strip()):
            continue
        flush()
        if groups:
            yield Run(tuple(groups))
            groups = []
    flush()
    if groups:
        yield Run(tuple(groups))


def _is_digit(word: str) -> bool:
    """Whether `word` is one digit, in figures or in words."""
    return (word.isdigit() and len(word) == 1) or word in _ZEROS or len(_DIGITS.get(word, "--")) == 1


def _word_at(tokens: list[tuple[str, int, int]], index: int) -> str:
    return tokens[index][0].lower() if 0 <= index < len(tokens) else ""


def _beside_number(tokens: list[tuple[str, int, int]], index: int) -> bool:
    """Whether the "o" or "oh" at `index` stands next to a digit, in figures or in words."""
    for step in (-1, 1):
        at = index + step
        if 0 <= at < len(tokens) and not tokens[at][0].strip(" -,."):
            at += step
        if 0 <= at < len(tokens):
            word = tokens[at][0].lower()
            if word.isdigit() or word in _DIGITS or word in _ZEROS:
                return True
    return False


def merged(run: Run) -> list[Group]:
    """The numbers that a run stands for: pieces of up to three digits belong together, longer ones stand alone."""
    numbers: list[Group] = []
    open_ = False
    for group in run.groups:
        short = len(group.digits) <= 3
        if short and open_:
            last = numbers[-1]
            numbers[-1] = Group(last.digits + group.digits, last.start, group.end, last.words or group.words)
        else:
            numbers.append(group)
        open_ = short
    return numbers
