"""How pages say who did something, how someone felt, and why a person was needed: by names and titles, not by ids."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from journeyman.console.asked import Asked, Console
from journeyman.tasks.people import titles_of
from journeyman.views import briefing
from journeyman.views.briefing import Cause

_MONEY: Final = frozenset({"amount", "due", "stated_amount", "called_sum", "approved_sum"})
_PER_MILLE: Final = frozenset({"token_probability", "claimed_confidence"})
_ASKED: Final[Mapping[str, str]] = {
    "perform": "do this step",
    "complete": "let its result count",
    "say": "say this to the customer",
    "ask": "ask a person",
    "assist": "assist the person who works",
}
_MOODS: Final = ((-60, "very upset"), (-20, "upset"), (-5, "uneasy"), (20, "calm"), (101, "glad"))


_WORD: Final = re.compile(r"[a-z]+(_[a-z]+)*")
_REASONS: Final[Mapping[str, str]] = {
    "adverse_outcome": "it turns the customer down",
    "agent_not_published": "the AI agent is not published",
    "ai_failed": "the AI could not help",
    "ai_unavailable": "the AI is away",
    "amount_above_limit": "a large amount",
    "angry": "the customer is angry",
    "asked_for_person": "asked for a person",
    "asks_for_card_data": "it asks for card data",
    "cancellation": "the customer wants to leave",
    "care_first": "a person begins here",
    "claims_human": "it speaks as a person",
    "commitment": "it promises or decides something",
    "contested": "the customer contests a decision",
    "customer_left": "the customer left before it was done",
    "customer_silent": "the customer fell silent",
    "customer_wrote": "the customer wrote again",
    "declined_ai": "the customer wants no AI",
    "distress": "the customer is in distress",
    "facts_unreadable": "what AI would be decided on cannot be read",
    "fraud_above_limit": "a large fraud",
    "handoff_loop": "it went back and forth too often",
    "low_confidence": "the AI is not sure enough",
    "not_permitted": "not for AI to do",
    "not_verified": "the customer is not verified",
    "notice_missing": "a notice was not given",
    "people_only": "people do this",
    "person_asked": "the customer asked for a person",
    "policy_error": "policy could not decide",
    "regulated": "a person has to answer for it",
    "reveals_data": "it gives something away",
    "sampled": "drawn for a check",
    "sensitive_matter": "a moment for people",
    "stopped": "the AI was stopped",
    "token_budget": "the AI took too long",
    "tool_uncertain": "nobody knows whether the call went through",
    "turn_budget": "the AI took too long",
    "unevidenced": "nothing proves the AI’s result",
    "unknown_confidence": "nobody knows how sure the AI is",
    "unlisted_link": "it gives a link or number that is not on the list",
    "unverified_amount": "it names an amount that nothing proves",
    "vip": "a VIP customer",
    "vulnerable": "the customer needs a person’s care",
    "wrong_amount": "the amount is another than was settled",
}
_LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "und": "a language not known yet", "zh": "Chinese",
}  # fmt: skip


def reason(word: str) -> str:
    """Why a person was needed, to be read: `asked_for_person` is `asked for a person`. What somebody wrote stays."""
    return _REASONS.get(word) or (word.replace("_", " ") if _WORD.fullmatch(word) else word)


@dataclass(frozen=True)
class Teller:
    """Tells names. `names` are of people, by id; `me` is who reads; `queues` and `agents` are titles, by id and by name."""

    names: Mapping[str, str]
    me: str
    queues: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)

    def person(self, id: str) -> str:
        """A person's name."""
        return "You" if id == self.me else self.names.get(id, id)

    def queue(self, id: str) -> str:
        """A queue's title."""
        return self.queues.get(id, id)

    def agent(self, name: str) -> str:
        """An AI agent's title."""
        return self.agents.get(name, name)

    def called(self, hand: str) -> str:
        """Whose hand it is, of `ai:NAME`, `person:ID` and `queue:ID`: their name or title."""
        kind, _, id = hand.partition(":")
        match kind:
            case "person":
                return self.person(id)
            case "ai":
                return self.agent(id)
        return self.queue(id)

    def hand(self, hand: str) -> str:
        """The same, where nothing beside it says that it is an AI agent."""
        return f"AI agent {self.called(hand)}" if hand.startswith("ai:") else self.called(hand)

    def language(self, code: str) -> str:
        """A language by its name in English, as the page is."""
        return _LANGUAGES.get(code.partition("-")[0], code)

    def clock(self, zone: str, now: datetime) -> str:
        """What time it is where somebody is."""
        return f"{now.astimezone(ZoneInfo(zone)):%H:%M}"

    def author(self, kind: str, id: str) -> str:
        """Who wrote a message."""
        match kind:
            case "customer":
                return "Customer"
            case "person":
                return self.person(id)
            case "ai":
                return self.agent(id)
        return "System"

    def mood(self, sentiment: int) -> str:
        """From -100 to 100, in a word."""
        return next(word for below, word in _MOODS if sentiment < below)

    def question(self, cause: Cause) -> str:
        """What policy was asked about the AI agent."""
        if cause.action in _ASKED:
            return _ASKED[cause.action]
        tool = cause.action.removeprefix("propose:")
        return f"call {tool}" if tool == cause.action else f"propose to call {tool}"

    def facts(self, cause: Cause) -> list[tuple[str, str]]:
        """The facts that mattered: (name, what it was)."""
        return [(name.replace("_", " "), _fact(name, value)) for name, value in cause.facts.items()]


async def teller(asked: Asked, people: Iterable[str | None]) -> Teller:
    """One who knows these people, by id or as `person:ID`; what else is among them is no matter."""
    ids = {each.removeprefix("person:") for each in people if each}
    async with asked.console.database.connection() as conn:
        return Teller(await briefing.names(conn, ids), asked.person, await titles_of(conn), agents_of(asked.console))


async def teller_of(asked: Asked, names: Mapping[str, str]) -> Teller:
    """One who has these names of people."""
    async with asked.console.database.connection() as conn:
        return Teller(names, asked.person, await titles_of(conn), agents_of(asked.console))


def agents_of(console: Console) -> dict[str, str]:
    """The titles of AI agents, by name."""
    return {agent.name: agent.title for agent in console.project.agents.values()}


def _fact(name: str, value: JsonValue) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int() if name in _MONEY:
            return f"{value / 100:,.2f}"
        case int() if name in _PER_MILLE:
            return f"{value / 10:g} %"
        case list():
            return ", ".join(str(each).replace("_", " ") for each in value) or "none"
    return str(value).replace("_", " ")
