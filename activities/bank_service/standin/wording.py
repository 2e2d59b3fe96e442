"""What the stand-in says in `bank-service`, and how its own lines are recognised later.

No sentence is said twice in a conversation: each comes in several wordings, and the first that was not said is taken.
"""

import re
from collections.abc import Iterable
from itertools import product

from journeyman.agents.prompt import Line

BALANCE_TOLD = re.compile(r"\bbalance\b[^.?!]{0,40}[$€£]\s?-?\d", re.IGNORECASE)
REPORT_FILED = re.compile(r"\breport\b[^.?!]{0,40}\bfiled\b", re.IGNORECASE)
NOT_VERIFIED = re.compile(r"\bcould not confirm who you are\b", re.IGNORECASE)
OUT_OF_SCOPE = re.compile(r"\bnot something that I do here\b", re.IGNORECASE)
FAREWELL_CHECK = re.compile(r"\bbefore you go\b", re.IGNORECASE)
OFFERS_REPORT = re.compile(r"\bshall I take a fraud report\b", re.IGNORECASE)
WANTS_DETAILS = re.compile(r"\bwhat happened\b|\bin your own words\b", re.IGNORECASE)

_ASKS: dict[str, tuple[str, ...]] = {
    "full_name": (
        "Could you give me your full name, please?",
        "What is your full name, please?",
        "I still need your full name, please.",
    ),
    "account_number": (
        "Could you tell me your account number, please?",
        "What is your account number, please?",
        "I still need your account number, please.",
    ),
    "pin": (
        "And your PIN as well, please.",
        "What is your PIN, please? If you do not have it, just say so.",
        "Could you try your PIN, please?",
        "If your PIN comes back to you, please type it.",
    ),
    "date_of_birth": (
        "Could you tell me your date of birth, please?",
        "What is your date of birth, please?",
        "I still need your date of birth, please.",
    ),
    "security_answer_1": (
        "What was your mother's maiden name, please?",
        "Could you tell me your mother's maiden name, please?",
        "I still need your mother's maiden name, please.",
    ),
    "security_answer_2": (
        "And what was the name of the pet that you had as a child?",
        "Could you tell me the name of your childhood pet, please?",
        "I still need the name of your childhood pet, please.",
    ),
}
_BEFORE_ASKS = (
    "",
    "Thank you.",
    "That is all right.",
    "I see.",
    "No problem.",
    "I would like to help.",
    "To go into the account I have to know who you are.",
    "Let us go on.",
)
_GREETINGS = (
    "How can I help you?",
    "What can I do for you? I can tell you your account balance or take a fraud report.",
    "Tell me what you need: your account balance, or to report fraud?",
)
_ELSE = (
    "Is there anything else that I can do for you?",
    "What else can I do for you?",
    "Can I help you with anything else?",
    "Do you need anything else from the bank?",
    "Is there something about your account that I can help with?",
)
_BEFORE_ELSE = ("", "All right.", "Gladly.", "You are welcome.", "I understand.", "Of course.")
_UNCLEAR = (
    "I can tell you your account balance or take a fraud report: which would you like?",
    "I did not quite get that. Is it about your balance, or about fraud?",
    "My work here is balances and fraud reports. Which of them do you need?",
    "Tell me when you want to know your balance or to report fraud.",
    "Is there something about your account: the balance, or money that is missing?",
    "Balances and fraud reports are what I do. Can I help with either?",
    "I am not sure that I follow. Do you want your balance, or to report fraud?",
)
_BEFORE_UNCLEAR = (
    "",
    "I see.",
    "Thank you.",
    "Understood.",
    "All right.",
    "Let me see.",
    "Right.",
    "Noted.",
    "Good to know.",
)
_SCOPE = (
    "I am sorry, that is not something that I do here. I tell balances and take fraud reports.",
    "Sadly that is not something that I do here; balances and fraud reports are.",
    "That, too, is not something that I do here. I am here for balances and fraud reports.",
    "It is not something that I do here, I am afraid.",
)
_FAREWELL_CHECKS = (
    "Before you go: is there anything about your account, its balance or a fraud report?",
    "Before you go, do you need your balance or a fraud report?",
    "Is that everything? Before you go: balance and fraud reports are what I can do for you.",
)
_OFFERS = (
    "If something is wrong with it: shall I take a fraud report?",
    "Is money missing, and shall I take a fraud report?",
    "That sounds worrying. Shall I take a fraud report about it?",
)
_DETAILS = (
    "I am sorry to hear that. Could you tell me what happened and when, and how much is missing?",
    "For the report: what happened, when was it, and how much is it about?",
    "Please describe in your own words what happened.",
    "What should the report say? Please tell me in your own words what you saw on your account.",
)


def ask_for(field: str, lines: Iterable[Line]) -> str:
    """A question for one field."""
    return _fresh(lines, (_BEFORE_ASKS, _ASKS[field]))


def greet(lines: Iterable[Line]) -> str:
    """The first question."""
    return _fresh(lines, (("", "Hello!"), _GREETINGS))


def anything_else(lines: Iterable[Line]) -> str:
    """The question after something was done."""
    return _fresh(lines, (_BEFORE_ELSE, _ELSE))


def unclear(lines: Iterable[Line]) -> str:
    """The question where no wish was understood."""
    return _fresh(lines, (_BEFORE_UNCLEAR, _UNCLEAR))


def out_of_scope(lines: Iterable[Line]) -> str:
    """That the service does not do it."""
    return _fresh(lines, (("", "Oh.", "I see."), _SCOPE))


def farewell_check(lines: Iterable[Line]) -> str:
    """The question before an end that may not be one."""
    return _fresh(lines, (("", "All right."), _FAREWELL_CHECKS))


def offer_report(lines: Iterable[Line]) -> str:
    """The question to a customer who doubts their balance."""
    return _fresh(lines, (("", "I see."), _OFFERS))


def details(lines: Iterable[Line]) -> str:
    """The question for what a fraud report needs."""
    return _fresh(lines, (("", "I understand.", "Thank you."), _DETAILS))


def money(minor: int) -> str:
    """An amount in minor units, as it is said."""
    return f"-${-minor / 100:,.2f}" if minor < 0 else f"${minor / 100:,.2f}"


def times_told(lines: Iterable[Line], pattern: re.Pattern[str]) -> int:
    """How many lines of ours (of an AI agent or a person) match."""
    return sum(
        line.author_kind != "customer" and line.audience == "customer" and pattern.search(line.text) is not None
        for line in lines
    )


def _fresh(lines: Iterable[Line], parts: tuple[tuple[str, ...], ...]) -> str:
    said = {line.text.casefold() for line in lines if line.author_kind == "ai"}
    wordings = [" ".join(filter(None, chosen)) for chosen in product(*parts)]
    # Neighbours in the list share their first words: a step that is coprime to most lengths mixes them.
    mixed = [wordings[at * 5 % len(wordings)] for at in range(len(wordings))] if len(wordings) % 5 else wordings
    return next((wording for wording in mixed if wording.casefold() not in said), f"{mixed[0]} ({len(said)})")
