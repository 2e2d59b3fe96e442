"""How pages say why something cannot be done: by names, titles and the words of the page, where an error names what is stored."""

from datetime import datetime
from typing import Final

from journeyman.console.asked import Console
from journeyman.console.pages.telling import Teller, agents_of
from journeyman.console.pages.wording import DOING, PRESENCES, standing
from journeyman.console.problem import Problem, problem_of
from journeyman.errors import JourneymanError, UnavailableError
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.people import titles_of
from journeyman.views import briefing

_PEOPLE: Final = frozenset({"person", "holder"})
_THIS: Final = ("task", "journey", "customer")


async def explained(console: Console, error: Exception) -> Problem:
    """The problem that an error is, as a page tells it."""
    if not isinstance(error, JourneymanError) or not error.named:
        return problem_of(error)
    people = {id for slot, id in error.named.items() if slot in _PEOPLE}
    try:
        async with console.database.connection() as conn:
            told = Teller(await briefing.names(conn, people), "", await titles_of(conn), agents_of(console))
    except UnavailableError as away:
        return problem_of(away)
    return problem_of(error, plain(error, told))


def plain(error: JourneymanError, told: Teller) -> str:
    """An error's message without a stored word or an id: what it is about is `this task`."""
    message = error.message
    for noun in _THIS:
        message = message.replace(f"{noun} `{{{noun}}}`", f"this {noun}")
    message = message.replace("`{", "{").replace("}`", "}")
    return message.format_map({slot: _named(slot, value, told) for slot, value in error.named.items()})


def _named(slot: str, value: str, told: Teller) -> str:
    """What an error names, in a page's words."""
    if slot in _PEOPLE:
        return told.person(value)
    match slot:
        case "queue":
            return told.queue(value)
        case "AI agent":
            return told.agent(value)
        case "scope":
            kind, _, name = value.partition(":")
            return {"agent": told.agent(name), "journey": "this journey"}.get(kind, "the AI")
        case "button":
            return value.capitalize()
        case "slot" | "free":
            return f"{datetime.fromisoformat(value):%d %b %H:%M %Z}"
        case "presence":
            return PRESENCES[value].lower()
        case "state":
            return standing(State(value), mine=False).lower() if value else ""
        case "deed":
            return next((doing for action, doing in DOING.items() if action == value), value.replace("_", " "))
    return DOING[value] if isinstance(value, Action) else value
