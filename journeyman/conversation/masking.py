"""Secrets that customers type: found before anything is stored, cut out of the text, and named by what they were.

PINs and passwords become one-use handles (`[pin:sec-...]`); card numbers and card security codes are dropped
(`[card]`, `[cvv]`). Account numbers, amounts, dates and names stay: tools need them as arguments.

Where context says that a secret was asked for or is being given, doubt masks; where it does not, only a shape that
nothing else has does. Pure, linear in the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from journeyman.conversation.canary import find_secrets
from journeyman.conversation.normal import Normal, normal
from journeyman.conversation.passwords import password_cuts
from journeyman.conversation.scene import within
from journeyman.conversation.secret_numbers import Cut, Kind, number_cuts
from journeyman.errors import InputError

__all__ = ["HANDLED", "Kind", "Masked", "Secret", "fill", "find_secrets", "mask", "scrub", "scrubbed"]

HANDLED: frozenset[str] = frozenset(("pin", "password"))

_PLACEHOLDER = re.compile(r"\[(pin|password|card|cvv)\]")
# what a customer types to look like a placeholder or a handle of ours
_FORGED = re.compile(r"\[\s*(pin|password|card|cvv)\b([^\[\]]{0,80})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret that was cut out: its `kind`; its `value` (a PIN as ASCII digits; empty for cards and security codes,
    which are dropped); and which placeholder of the masked text, counted from 0, stands for it."""

    kind: Kind
    value: str
    placeholder_index: int

    def __repr__(self) -> str:
        return f"Secret(kind={self.kind!r}, value=..., placeholder_index={self.placeholder_index})"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets, and the secrets in the order of their placeholders."""

    text: str
    secrets: tuple[Secret, ...] = ()

    @property
    def handled(self) -> tuple[Secret, ...]:
        """The secrets that become handles, in order: `fill` takes one id for each."""
        return tuple(secret for secret in self.secrets if secret.kind in HANDLED)


# what only programs write: keys, tokens, passwords in addresses and settings
_CREDENTIALS = re.compile(
    r"(?P<head>\b(?:pass(?:word|wd|phrase)|pwd|secret[_-]?key|client[_-]?secret|api[_-]?key|(?:access|refresh|auth|api|id)"
    r"[_-]token)\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?|\bauthorization\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?"
    r"(?:bearer|basic)\s+|\bbearer\s+(?=\S{12})|://[^\s/:@\"']{0,64}:(?=[^\s/@\"']{1,200}@))"
    r"(?P<value>\[(?:password|secret)(?::[\w-]+)?\]|[^\s\"',;&@\\}\]]{1,4096})"
    r"|\b(?P<key>sk-[A-Za-z0-9_-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|AKIA[0-9A-Z]{16})",
    re.IGNORECASE,
)


def mask(text: str, *, asked: str | None) -> Masked:
    """Cut the secrets out of what a customer typed.

    `asked` is what the customer was last told, or None. What looks like a placeholder or handle of
    ours in `text` is disarmed first (its brackets become round), so that every one in the result is ours.
    """
    text = _FORGED.sub(r"(\1\2)", text)
    folded = normal(text)
    if folded.origin is not None and _FORGED.search(folded.text):
        text = _disarm(text, folded)
        folded = normal(text)
    cuts = password_cuts(folded.text, asked)
    taken = sorted((cut.start, cut.end) for cut in cuts)
    cuts += [cut for cut in number_cuts(folded.text, asked) if not _overlaps(cut, taken)]
    return _cut(text, folded, cuts)


def fill(masked: Masked, ids: Sequence[str]) -> str:
    """The masked text with the handle ids written in: `[pin]` becomes `[pin:ID]`.

    `ids` has one id for each of `masked.handled`, in order. Raises InputError if their number differs.
    """
    if len(ids) != len(masked.handled):
        raise InputError(
            f"`{len(ids)}` ids were given for `{len(masked.handled)}` secrets: give one for each of `handled`",
            field="ids",
        )
    remaining = iter(ids)

    def named(match: re.Match[str]) -> str:
        kind = match.group(1)
        return f"[{kind}:{next(remaining)}]" if kind in HANDLED else match.group()

    return _PLACEHOLDER.sub(named, masked.text)


def scrub(text: str) -> str:
    """`text` for a log line, a span, an error, a model's or a tool's output: without what looks like a secret by itself.

    Card numbers, PINs and security codes that the text names, passwords, keys and tokens. Handles stay as they are.
    """
    folded = normal(text)
    masked = _cut(text, folded, number_cuts(folded.text, None, strict=True)).text
    return _CREDENTIALS.sub(_without_value, masked)


def scrubbed(value: JsonValue, name: str = "") -> JsonValue:
    """`value` with every text in it scrubbed, names of members too; numbers, such as amounts, stay as they are.

    A text is read with the name of its member: "1596" under `pin` is one. Raises nothing; twice is as once.
    """
    if isinstance(value, dict):
        return {scrub(key): scrubbed(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [scrubbed(inner, name) for inner in value]
    if not isinstance(value, str) or not value:
        return value
    head = f"{name.replace('_', ' ')}: " if name else ""
    whole = scrub(head + value)
    return whole.removeprefix(head) if whole.startswith(head) else scrub(value)


def _without_value(match: re.Match[str]) -> str:
    if match["key"]:
        return "[secret]"
    if match["value"].startswith("["):
        return match.group()
    return match["head"] + "[secret]"


def _disarm(text: str, folded: Normal) -> str:
    chars = list(text)
    for match in _FORGED.finditer(folded.text):
        for at, bracket in ((match.start(), "("), (match.end() - 1, ")")):
            start, end = folded.span(at, at + 1)
            chars[start:end] = [bracket] + [""] * (end - start - 1)
    return "".join(chars)


def _overlaps(cut: Cut, taken: list[tuple[int, int]]) -> bool:
    return within(cut.start, taken) or within(cut.end - 1, taken)


def _cut(text: str, folded: Normal, cuts: list[Cut]) -> Masked:
    pieces: list[str] = []
    secrets: list[Secret] = []
    at = 0
    for cut in sorted(cuts, key=lambda cut: (cut.start, -cut.end)):
        start, end = folded.span(cut.start, cut.end)
        if start < at:
            continue
        pieces += [text[at:start], f"[{cut.kind}]"]
        secrets.append(Secret(cut.kind, cut.value, len(secrets)))
        at = end
    pieces.append(text[at:])
    return Masked("".join(pieces), tuple(secrets))
