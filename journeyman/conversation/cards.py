"""Payment card numbers: the check digit (ISO/IEC 7812-1, Luhn) and the ranges that schemes issue."""

import re
from collections.abc import Iterator

from journeyman.conversation.numbers import Group, Run

# Luhn alone holds for one number in ten: an account number of 13 digits passes it by chance. So a number is a card
# only in a range and a length that a scheme issues (Visa, Mastercard, Amex, Diners, Discover, JCB, UnionPay, Maestro,
# Mir, RuPay, Troy, UATP).
_SCHEMES = re.compile(
    r"(?:"
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|5[1-5]\d{14}|2(?:2[2-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|220[0-4]\d{12,15}"
    r"|3[47]\d{13}"
    r"|3(?:0[0-59]|6\d|[89]\d)\d{11,16}"
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}"
    r"|62\d{14,17}|81\d{14,17}"
    r"|(?:50|5[6-9]|6[0-9])\d{10,17}"
    r"|9792\d{12}|1\d{14}"
    r")"
)
_COMMON = re.compile(r"(?:4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12})")
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """Whether `digits` can be a payment card: 13 to 19 digits, check digit right, in a scheme's range."""
    return 13 <= len(digits) <= 19 and _SCHEMES.fullmatch(digits) is not None and luhn(digits)


def looks_like_card(digits: str) -> bool:
    """Whether `digits` have the shape of the common cards, check digit apart: a card with one digit mistyped."""
    return _COMMON.fullmatch(digits) is not None


def ibans(text: str) -> list[tuple[int, int]]:
    """The spans of valid IBANs (ISO 13616: mod 97), whose digits are no card's."""
    spans = []
    for match in _IBAN.finditer(text):
        compact = match.group().replace(" ", "").upper()
        numeric = "".join(str(int(char, 36)) for char in compact[4:] + compact[:4])
        if int(numeric) % 97 == 1:
            spans.append(match.span())
    return spans


def card_windows(run: Run) -> Iterator[tuple[int, int]]:
    """The spans of `run` that are cards: whole groups first, then inside of groups that are too long."""
    groups = run.groups
    first = 0
    while first < len(groups):
        digits = ""
        for last in range(first, len(groups)):
            digits += groups[last].digits
            if len(digits) > 19:
                break
            if len(digits) >= 13 and is_card(digits):
                yield groups[first].start, groups[last].end
                first = last
                break
        else:
            last = first
        if len(groups[first].digits) > 19 and _holds_card(groups[first]):
            yield groups[first].start, groups[first].end
        first += 1


def _holds_card(group: Group) -> bool:
    """Whether a card is the beginning of a long group (card, expiry and CVV typed without a space)."""
    return any(is_card(group.digits[:length]) for length in (13, 14, 15, 16))
