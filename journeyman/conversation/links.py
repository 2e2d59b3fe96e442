"""Where a text sends its reader: links, and numbers to call or to pay to, written openly or disguised; and what is listed."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from pydantic import JsonValue

from journeyman.conversation.money import amounts
from journeyman.conversation.normal import normal
from journeyman.conversation.numbers import Group, runs
from journeyman.conversation.scene import DATES

_TLD = (
    r"(?:com|net|org|info|biz|io|co|uk|de|fr|es|nl|ch|eu|us|ca|au|ru|cn|in|br|jp|pl|se|no|dk|be|at|ie|pt|gr|cz|hu|ro|tr|ua|za|mx"
    r"|app|dev|xyz|top|link|click|site|online|store|shop|live|club|bank|finance|money|pay|cash|loan|win|vip|icu|cc|tk|ml|ga|cf|gq"
    r"|ly|gl|gg|to|me|tv|ai|edu|gov|mil|int|example|test|invalid|local|internal|support|help|today|page|web|tech|cloud|space|pro"
    r"|mobi|name|zip|mov|su|onion)"
)
_SCHEME = re.compile(
    r"(?P<scheme>h(?:tt|xx)ps?|ftp|wss?|file)\s{0,2}(?::|\[:\])\s{0,2}/{0,2}\s{0,2}/?(?P<rest>[^\s<>\"')\]]{2,400})"
    r"|(?P<other>\b(?:javascript|data|vbscript|intent|itms-apps|market|whatsapp|tg|sms|mailto|tel|blob):(?=[^\s]))[^\s<>\"')\]]{0,400}"
)
_BARE = re.compile(
    rf"(?<![\w@./-])(?:www\.[a-z0-9.-]{{3,200}}|(?:[a-z0-9](?:[a-z0-9-]{{0,62}})\.){{1,6}}{_TLD})(?![a-z0-9-])(?!\.[a-z])"
    r"(?::\d{1,5})?(?:/[^\s<>\"')\]]{0,400})?"
)
_EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}")
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:/[^\s<>\"')\]]{0,400})?(?![\d.])")
_IDN = re.compile(
    r"\bxn--[a-z0-9-]{1,62}\.[a-z0-9.-]{2,200}|(?<![\w-])[^\W\d_]{0,62}[^\x00-\x7f][\w-]{0,62}\.(?:com|net|org|ru|рф|de|info)\b"
)
_DOTS = re.compile(
    r"\s{0,2}(?:\[\s?\.\s?\]|\(\s?\.\s?\)|\{\s?\.\s?\}|\[\s?dot\s?\]|\(\s?dot\s?\)|\s\bdot\b\s)\s{0,2}"
    rf"|(?<=[a-z0-9-]) {{1,2}}\. {{0,2}}(?={_TLD}(?![a-z0-9-]))"
)

LONGEST_HARMLESS = 6
"""Digits. A longer number can be called, or paid to."""

EMERGENCY = frozenset(("000", "110", "112", "911", "999"))
"""Numbers that may always be given."""

_CALL = re.compile(
    r"\b(?:call|ring|dial|phone|sms|whatsapp|fax|hotline|text)\b[^.?!:\n\d]{0,24}?[*#+]?"
    r"(?P<digits>\d[\d ]{1,8}\d)(?!\d| ?(?:%|minutes?|hours?|days?|weeks?|years?|times|[ap]\.?m\b|o'clock|:))"
)
_APART = re.compile(r"[,;:|\n]")


def links(text: str) -> tuple[str, ...]:
    """The links, e-mail addresses and host names in `text`, in lower case, disguises undone ("evil[.]com", "hxxp")."""
    folded = _DOTS.sub(".", normal(text).text.lower())
    found: list[str] = []
    taken = bytearray(len(folded))
    for pattern in (_SCHEME, _EMAIL, _ADDRESS, _BARE, _IDN):
        for match in pattern.finditer(folded):
            if any(taken[match.start() : match.end()]):
                continue
            link = match.group().rstrip(".,;:!?")
            if pattern is _ADDRESS and not all(int(part) < 256 for part in re.findall(r"\d+", link)[:4]):
                continue
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            found.append(_written_out(match, link) if pattern is _SCHEME else link)
    return tuple(found)


def numbers(text: str) -> tuple[str, ...]:
    """The numbers in `text` that can be called or paid to, digits alone: telephone and account numbers, and any other that
    is as long; in words too. Dates, amounts and emergency numbers are none."""
    folded = normal(text).text.lower()
    patterns = (DATES, _SCHEME, _EMAIL, _BARE)  # a link is judged as such
    spans = [match.span() for pattern in patterns for match in pattern.finditer(folded)]
    taken = bytearray(max(len(folded), len(text)))
    for start, end in (*spans, *((amount.start, amount.end) for amount in amounts(text))):
        taken[start:end] = b"\1" * (end - start)
    found: list[str] = []
    for run in runs(folded):
        row: list[Group] = []
        for group in (*run.groups, None):
            if group is None or (row and _ends(folded, row[-1], group)):
                digits = "".join(it.digits for it in row)
                if len(digits) > LONGEST_HARMLESS:
                    found.append(digits)
                row = []
            if group is not None and not any(taken[group.start : group.end]):
                row.append(group)
    for match in _CALL.finditer(folded):
        digits = re.sub(r"\D", "", match["digits"])
        if digits not in EMERGENCY and not any(digits in number for number in found):
            found.append(digits)
    return tuple(found)


def texts(value: JsonValue) -> frozenset[str]:
    """Every text and number in a value, as text: what `number_listed` takes as verified."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return frozenset[str]().union(*map(texts, inner))
    return frozenset() if value is None or isinstance(value, bool) else frozenset((str(value),))


def _ends(text: str, last: Group, following: Group) -> bool:
    """Whether a number ends between two groups of digits. Someone who says digits pauses where they like."""
    return not (last.words and following.words) and _APART.search(text, last.end, following.start) is not None


def number_listed(number: str, allowed: Collection[str], verified: Collection[str] = ()) -> bool:
    """Whether `number` is on the list (`tel:+44 20 7946 0018`, or the number alone), or in one of the `verified` texts."""
    entries = (
        re.sub(r"\D", "", entry) for entry in allowed if not re.search(r"[a-z]", entry.lower().removeprefix("tel:"))
    )
    listed_digits = [entry.removeprefix("00") for entry in entries]
    national = number.removeprefix("00")
    return national in listed_digits or any(number in re.sub(r"\D", "", text) for text in verified)


def listed(link: str, allowed: Collection[str]) -> bool:
    """Whether `link` is on the list. An entry is a host (`bank.example`: it and nothing below it), a host and path
    (`bank.example/help`: it and what is below), a whole URL, or an e-mail address."""
    if _EMAIL.fullmatch(link.removeprefix("mailto:")):
        address = link.removeprefix("mailto:")
        return any(address in (entry.lower(), entry.lower().removeprefix("mailto:")) for entry in allowed)
    parts = _parts(link)
    return parts is not None and any(_covers(entry.lower(), parts) for entry in allowed)


def _written_out(match: re.Match[str], link: str) -> str:
    if match["other"]:
        return link
    scheme = match["scheme"].replace("xx", "tt")
    return f"{scheme}://{match['rest'].rstrip('.,;:!?').lstrip('/')}"


def _parts(link: str) -> tuple[str, str, str] | None:
    """Scheme, host (with port), path; None for what has no host or hides one (user names, back-slashes)."""
    address = link if "://" in link else f"https://{link}"
    if "\\" in address or "@" in address or ".." in address or "%2e" in address:
        return None
    try:
        split = urlsplit(address)
    except ValueError:
        return None
    if split.scheme not in ("http", "https") or not split.netloc:
        return None
    return split.scheme, split.netloc.removesuffix(":443"), split.path.rstrip("/")


def _covers(entry: str, parts: tuple[str, str, str]) -> bool:
    wanted = _parts(entry)
    if wanted is None:
        return False
    scheme, host, path = parts
    if "://" in entry and scheme != wanted[0] and not (wanted[0] == "http" and scheme == "https"):
        return False
    if scheme == "http" and wanted[0] == "https" and "://" in entry:
        return False
    same_host = host.removeprefix("www.") == wanted[1].removeprefix("www.")
    return same_host and (not wanted[2] or path == wanted[2] or path.startswith(wanted[2] + "/"))
