"""How the stand-in model helps a person: with words that are already there, put together by fixed rules."""

import re
from typing import Any, Final

from journeyman.agents.copilot import HEADINGS, Kind
from journeyman.agents.standin.reply import StandinReply, result
from journeyman.agents.standin.request import StandinRequest

_WHO: Final = {"customer": "The customer", "ai": "The AI agent", "person": "A colleague", "system": "The system"}
_QUOTED: Final = 160  # characters
_KIND: Final = {heading: kind for kind, heading in HEADINGS.items()}
_WORD: Final = re.compile(r"[a-z]{5,}")


def kind_of(request: StandinRequest) -> Kind | None:
    """What a copilot's request asks for; None for any other request."""
    return None if request.is_envelope else _KIND.get(request.step)


def copilot(request: StandinRequest, kind: Kind) -> StandinReply:
    """A summary, reply or wrap-up of the given conversation."""
    if kind == "summary":
        return result({"text": _summary(request)})
    if kind == "reply":
        return result({"text": _reply(request)})
    return result({"text": f"Closing notes. {_summary(request)}", "disposition": _disposition(request)})


def _summary(request: StandinRequest) -> str:
    """Who said what first and last, in their own words."""
    if not request.lines:
        return "Nothing was said yet."
    told = [f"The customer wrote {len(request.said)} of {len(request.lines)} messages."]
    if request.said:
        told.append(f"It began with: “{_quoted(request.said[0])}”.")
        if len(request.said) > 1:
            told.append(f"Latest from the customer: “{_quoted(request.said[-1])}”.")
    heard = [line for line in request.lines if line.audience == "customer"]
    answers = [line for line in heard if line.author_kind in ("ai", "person")]
    if answers:
        told.append(f"{_WHO[answers[-1].author_kind]} said last: “{_quoted(answers[-1].text)}”.")
    return " ".join(told)


def _reply(request: StandinRequest) -> str:
    if not request.said:
        return "Hello, thank you for being here. What can I help you with?"
    told = f"Thank you for your message. You wrote: “{_quoted(request.said[-1])}”."
    known: Any = request.input.get("knowledge") if isinstance(request.input, dict) else None
    if known:
        told += f" What we know of this: {_quoted(str(known[0]['text']))}"
    return f"{told} I am looking into it now."


def _disposition(request: StandinRequest) -> str | None:
    """The first whose words the conversation has."""
    given: Any = request.input.get("dispositions", {}) if isinstance(request.input, dict) else {}
    said = set(_WORD.findall(" ".join(line.text for line in request.lines).lower())) - {"customer"}
    return next((name for name, title in given.items() if said & set(_WORD.findall(f"{name} {title}".lower()))), None)


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else f"{line[: _QUOTED - 1]}…"
