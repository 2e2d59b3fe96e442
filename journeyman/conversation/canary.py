"""Whether known secrets stand in a dump: the auditor's canary scan.

A test or an auditor types known secrets into conversations and then searches everything that was written (tables,
histories, logs, spans) for them: as they are, with separators, and inside escapes, base64 and hexadecimal.
"""

import base64
import binascii
import html
import re
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from journeyman.conversation.normal import normal

_DEPTH = 3  # encodings inside encodings
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){4,}")
_ESCAPES = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{3}))")


def find_secrets(text: str, known: Iterable[str]) -> frozenset[str]:
    """Those of `known` that can be read out of `text`, ignoring separators, digit forms, case and encodings.

    A short value (under six characters) must stand alone: PINs are inside many longer numbers and ids by chance.
    """
    patterns = {value: _pattern(value) for value in known if value}
    found: set[str] = set()
    for view in _views(text, _DEPTH):
        folded = normal(view).text
        found.update(value for value, pattern in patterns.items() if value not in found and pattern.search(folded))
    return frozenset(found)


def _pattern(value: str) -> re.Pattern[str]:
    compact = [char for char in normal(value).text if char.isalnum()] or list(value)
    body = r"[\s\-._,/*:;|\"']{0,3}".join(re.escape(char) for char in compact)
    if 1 < len(compact) < 6:
        # a date, a time or a list of numbers holds four digits with separators everywhere: one kind of separator only
        rest = "(?P=gap)".join(re.escape(char) for char in compact[1:])
        body = re.escape(compact[0]) + r"(?P<gap>[\s\-._,*|]{0,2})" + rest
        return re.compile(rf"(?<![A-Za-z0-9])(?<!\d[.,]){body}(?![A-Za-z0-9])(?![.,]\d)", re.IGNORECASE)
    return re.compile(body, re.IGNORECASE)


def _views(text: str, depth: int) -> Iterator[str]:
    """`text`, and what it holds in other encodings."""
    yield text
    if depth == 0:
        return
    unescaped = _unescaped(text)
    if unescaped != text:
        yield from _views(unescaped, depth - 1)
    decoded = "\n".join(_decoded(text))
    if decoded:
        yield from _views(decoded, depth - 1)


def _unescaped(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        code, byte, octal = match.groups()
        return chr(int(octal, 8) if octal else int(code or byte, 16))

    if "\\" in text:
        text = _ESCAPES.sub(char, text).replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    if "&" in text:
        text = html.unescape(text)
    return urllib.parse.unquote_plus(text, errors="replace") if "%" in text else text


def _decoded(text: str) -> Iterator[str]:
    """What base64 and hexadecimal words of `text` say, where that is text."""
    for match in _HEX.finditer(text):
        yield from _readable(bytes.fromhex(match.group()))
    for match in _BASE64.finditer(text):
        word = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        if len(word) % 4 == 1:  # not the length of any encoding: the last character belongs to what follows
            word = word[:-1]
        try:
            yield from _readable(base64.b64decode(word + "=" * (-len(word) % 4)))
        except binascii.Error:
            continue


def _readable(data: bytes) -> Iterator[str]:
    if data[:2] == b"\x1f\x8b" or data[:1] == b"\x78":
        with suppress(zlib.error):  # text may begin with the same bytes
            data = zlib.decompressobj(wbits=47).decompress(data, 1 << 24)
    if data.count(0) * 3 > len(data):
        data = data.replace(b"\0", b"")
    text = data.decode("utf-8", errors="replace")
    plain = sum(1 for char in text if (char.isprintable() and char != "\ufffd") or char in "\n\t\r")
    if plain * 4 >= len(text) * 3 > 0:
        yield text
