"""PINs, card numbers and card security codes in a text, told from account numbers, amounts, dates and names.

What a number is follows from the noun that it is bound to ("account number is 95381901 and PIN is 1596"), from what was
asked, and from its shape. The order of the rules is the order of their certainty.
"""

import re
from dataclasses import dataclass
from typing import Literal

from journeyman.conversation.cards import card_windows, ibans, looks_like_card
from journeyman.conversation.numbers import Group, Run, merged, runs
from journeyman.conversation.scene import Scene, scene, within

Kind = Literal["pin", "password", "card", "cvv"]

_HANDLE = re.compile(r"\[(?:pin|password|card|cvv)(?::[\w-]+)?\]")
# a PIN told in pieces: "the last two are 96 and the first two 15"
_PART = re.compile(
    r"\b(?:first|last|other|middle|second|next) (?:two|2|three|3|few|digits?|numbers?|ones?)(?: digits?| numbers?| ones?)?"
    r"(?: (?:are|is|were|was))?[ :=]{1,3}(?P<part>\d{1,3})(?!\d|[.,/-]\d)",
    re.IGNORECASE,
)
_HEX = re.compile(r"[0-9a-fA-F-]{24,}")


@dataclass(frozen=True, slots=True)
class Cut:
    """A secret's span in the folded text, and its value: empty for what is dropped (cards, security codes)."""

    start: int
    end: int
    kind: Kind
    value: str = ""


def number_cuts(text: str, asked: str | None, *, strict: bool = False) -> list[Cut]:
    """The spans of secret numbers in folded `text`. `strict`: only cards and what is named in the text itself."""
    found = list(runs(text))
    if not any(len(run.digits) >= (2 if asked else 3) or asked for run in found):
        return []
    kept = sorted([match.span() for match in _HANDLE.finditer(text)] + ibans(text))
    around = scene(text, asked, found)
    cuts: list[Cut] = []
    for run in found:
        if within(run.groups[0].start, kept):
            continue
        cards = _cards(run, around, strict)
        cuts += [Cut(start, end, "card") for start, end in cards]
        for rest in _without(run, cards):
            if cards and rest.groups[0].start >= cards[-1][1]:
                codes = [group for group in rest.groups if len(group.digits) in (3, 4)]
                cuts += [Cut(code.start, code.end, "cvv") for code in codes]
                continue
            bound = 0  # how many digits of a number in several pieces (a telephone number) a noun other than PIN holds
            for number in merged(rest):
                kind, direct = around.binding(number)
                goes_on = 0 < bound < 8 and text[number.start - 1] in " -" and "pin" not in around.fields
                if goes_on or (direct and kind in ("account", "other")):
                    bound += len(number.digits)
                    continue
                bound = 0
                if secret := _kind(number, around, cuts, strict):
                    cuts.append(Cut(number.start, number.end, secret, number.digits if secret == "pin" else ""))
    if around.mentions_pin or "pin" in around.fields:
        taken = sorted([(cut.start, cut.end) for cut in cuts] + kept)
        parts = (match.span("part") for match in _PART.finditer(text))
        cuts += [Cut(*span, "pin", text[slice(*span)]) for span in parts if not within(span[0], taken)]
    return cuts


def _cards(run: Run, around: Scene, strict: bool) -> list[tuple[int, int]]:
    """The spans of card numbers in `run`."""
    total = sum(len(group.digits) for group in run.groups)
    first, last = run.groups[0], run.groups[-1]
    if total >= 13:
        windows = [span for span in card_windows(run) if not (strict and _is_machine_made(around.text, *span))]
        if windows or strict:
            return windows
    if strict:
        return []
    whole = Group(run.digits, first.start, last.end)
    kind, direct = around.binding(whole)
    for_account = kind == "account" or ("account_number" in around.fields and kind != "card")
    if not for_account and looks_like_card(run.digits):
        return [(whole.start, whole.end)]
    if not for_account:
        for group in run.groups:
            if looks_like_card(group.digits):
                return [(group.start, group.end)]
    if kind == "card" and direct and 12 <= total <= 19:
        return [(whole.start, whole.end)]
    if (
        "card" in around.fields
        and not for_account
        and not around.numeric_ask
        and (12 <= total <= 19 or (around.bare and "pin" not in around.fields and total >= 4))
    ):
        return [(whole.start, whole.end)]
    return []


def _is_machine_made(text: str, start: int, end: int) -> bool:
    """Whether the digits are inside a fraction or a hexadecimal id of a log line."""
    if start >= 2 and text[start - 1] == "." and text[start - 2].isdigit():
        return True
    return any(
        match.start() <= start and end <= match.end() and any(char in "abcdefABCDEF" for char in match.group())
        for match in _HEX.finditer(text, max(0, start - 64), end + 64)
    )


def _without(run: Run, spans: list[tuple[int, int]]) -> list[Run]:
    """The parts of `run` that are outside of `spans`."""
    parts: list[list[Group]] = [[]]
    for group in run.groups:
        if within(group.start, spans):
            parts.append([])
        else:
            parts[-1].append(group)
    return [Run(tuple(part)) for part in parts if part]


def _kind(number: Group, around: Scene, cuts: list[Cut], strict: bool) -> Kind | None:
    """Which secret `number` is, or None."""
    size = len(number.digits)
    dated = within(number.start, around.dates)
    kind, direct = around.binding(number)
    chained = _chained(number, around, cuts)
    signed = around.text[number.end : number.end + 1] == "$"
    if kind == "pin" and direct and signed and "pin" in around.fields and 4 <= size <= 6:
        return "pin"  # a sign typed after it makes no amount of what was asked for by name
    if around.referring(number) and not (kind == "pin" and direct):
        return None
    if (kind == "pin" and direct) or chained:
        if not (3 <= size <= 12) or around.counted(number) or (dated and size > 6):
            return None
        return None if size >= 8 and around.listed(number) else "pin"
    if kind == "cvv":
        return "cvv" if size in (3, 4) and (direct or not strict) and not around.counted(number) else None
    if strict:
        return None
    if around.bare and not dated and not around.counted(number) and (size >= 3 or not number.words):
        if "cvv" in around.fields and (size == 3 or (size == 4 and "pin" not in around.fields)):
            return "cvv"
        if "pin" in around.fields and size <= 7:
            return "pin"
    if dated or direct or around.counted(number):
        return None
    if "cvv" in around.fields and size in (3, 4) and "pin" not in around.fields:
        return "cvv"
    if "pin" in around.fields or around.mentions_pin:
        if around.reckoning(number) or (number.words and number.digits.endswith("000")):
            return None
        return "pin" if 4 <= size <= 7 else None
    return "pin" if _guessed(number, around) else None


def _chained(number: Group, around: Scene, cuts: list[Cut]) -> bool:
    """Whether `number` is one more after a PIN: "either 7402 or 3941"."""
    return (
        bool(cuts)
        and cuts[-1].kind == "pin"
        and len(number.digits) <= 7
        and not around.amounting(number)
        and around.glued(cuts[-1].end, number.start)
    )


def _guessed(number: Group, around: Scene) -> bool:
    """Whether a number that nothing names is likely a PIN: where someone proves who they are, or guesses."""
    size = len(number.digits)
    if not 4 <= size <= 6 or around.numeric_ask or around.amounting(number):
        return False
    if "account_number" in around.fields and size > 4:
        return False
    if 1900 <= int(number.digits) <= 2030 and "date_of_birth" in around.fields:
        return False
    if around.bare:
        return True
    if around.guessing(number):
        return True
    return not number.words and (around.authenticating or around.leading(number))
