"""Text as a reader sees it, with a way back to the text as it was typed.

Zero-width characters, full-width and other scripts' digits, accents, typographic quotes and look-alike letters hide a
number or a word from a pattern; here they are folded, character by character, so that a span found in the folded text
can be cut out of the original.
"""

import re
import unicodedata
from dataclasses import dataclass

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("‘’‛ʼ`´′", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•·・∙", "."),
        "⁄": "/",
        "\u2800": " ",  # braille blank
        "\u3164": " ",  # hangul filler
        "\u2028": "\n",
        "\u2029": "\n",
        "\u0085": "\n",
        "\r": "\n",
        # letters of other alphabets that look like Latin ones: only these pairs, no transliteration
        **dict(zip("аеорсухіјѕвкмнтАЕОРСУХІЈЅВКМНТ", "aeopcyxijsbkmhtAEOPCYXIJSBKMHT", strict=True)),
        **dict(zip("ανορτιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "avoptiABEZHIKMNOPTYX", strict=True)),
    }
)


@dataclass(frozen=True, slots=True)
class Normal:
    """The folded `text`, and for each of its characters the index in the original (None: they are the same text)."""

    text: str
    origin: tuple[int, ...] | None = None
    length: int = 0  # of the original

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of the folded span `start:end` (not empty), with the unseen characters after it."""
        if self.origin is None:
            return start, end
        after = self.origin[end] if end < len(self.origin) else self.length
        return self.origin[start], max(after, self.origin[end - 1] + 1)


def _fold(char: str) -> str:
    """What one character is read as; empty for what is not seen."""
    if char.isascii():
        return "\n" if char == "\r" else char
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    parts = []
    for part in unicodedata.normalize("NFKD", char.translate(_FOLDED)).translate(_FOLDED):
        if part.isascii():
            parts.append(part)
            continue
        category = unicodedata.category(part)
        if category in ("Cf", "Mn", "Me", "Cs", "Co"):
            continue
        parts.append(" " if category in ("Zs", "Cc") else part)
    return "".join(parts)


def normal(text: str) -> Normal:
    """Fold `text`. Linear in its length; ASCII text is returned as it is."""
    if text.isascii() and "\r" not in text:
        return Normal(text)
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for part in _fold(char):
            folded.append(part)
            origin.append(index)
    return Normal("".join(folded), tuple(origin), len(text))


_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9][ ._*-]{1,2}){3,40}[a-z0-9](?![a-z0-9])", re.IGNORECASE)
_APART = re.compile(r"(?<!\S)\S(?: {1,4}\S(?!\S))+")  # "w e   p a y"
_MIXED = re.compile(r"((?<![a-z0-9@$])[a-z]{0,20}(?:[a-z][013457@$]+[a-z]|[@$][a-z])[a-z013457@$]{0,20})")
_LEET = (str.maketrans("013457@$", "oieastas"), str.maketrans("013457@$", "oleastas"))


def readings(text: str) -> tuple[str, ...]:
    """`text` folded, in lower case, on single spaces; and where letters are spaced out or replaced by digits
    ("h u m a n", "hum4n"), further readings with the words put together."""
    folded = _set_apart(re.sub(r"[^\S\n]", " ", normal(text).text.lower()))
    found = [folded]
    for table in _LEET:
        plain = "".join(part.translate(table) if index % 2 else part for index, part in enumerate(_MIXED.split(folded)))
        for join in (_joined, _joined_after_article):
            reading = _SPACED.sub(join, plain)
            if reading not in found:
                found.append(reading)
    return tuple(found)


def put_together(text: str) -> str:
    """Folded `text` on single spaces, with letters that were set apart put together."""
    return _SPACED.sub(_joined, _set_apart(re.sub(r"[^\S\n]", " ", text)))


def _set_apart(text: str) -> str:
    """`text` on single spaces. Letters set apart are put together first where wider gaps still tell the words."""
    return re.sub(r" +", " ", _APART.sub(_wide, text))


def _wide(match: re.Match[str]) -> str:
    """A row of single letters is searched for wider gaps once it is whole: to search from each of its letters is quadratic."""
    row = match.group()
    return re.sub(r"(?<=\S) (?=\S)", "", row) if "  " in row else row


def _joined(match: re.Match[str]) -> str:
    return re.sub(r"[ ._*-]+", "", match.group())


def _joined_after_article(match: re.Match[str]) -> str:
    """As `_joined`, but "a h u m a n" begins with an article, not with a letter of the word."""
    joined = _joined(match)
    return f"{joined[0]} {joined[1:]}" if joined[0] in "ai" else joined
