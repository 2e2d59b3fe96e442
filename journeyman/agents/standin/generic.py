"""What the stand-in model does without a script: it fills slots, one question at a time.

Tools come first, in their order, each once and as soon as its arguments are known; then the step's result. What the
customer does not answer after three times goes to a person. How it helps people is in `copilot`.
"""

import re
from collections.abc import Iterator
from typing import Any

from journeyman.agents.standin.copilot import copilot, kind_of
from journeyman.agents.standin.extraction import fits, in_answer, in_passing, is_story
from journeyman.agents.standin.reply import StandinReply, call, hand_over, result, say
from journeyman.agents.standin.request import OfferedTool, StandinRequest
from journeyman.agents.standin.slots import Slot, assemble, slots

_ASKS = 3
_PERSON = re.compile(
    r"\b(speak|talk|connect|transfer|put|get)\b.{0,40}\b(human|person|agent|representative|someone|operator|advis[oe]r)\b"
    r"|\b(real|actual|live) (person|human|agent)\b|\brepresentative\b",
    re.IGNORECASE | re.DOTALL,
)
_STORY_WORDS = 4


def generic(request: StandinRequest) -> StandinReply:
    """The answer to a request, from nothing but its schemas and what was said."""
    if (kind := kind_of(request)) is not None:
        return copilot(request, kind)
    schema = request.output_schema
    if schema is None:
        return say(
            "I am the stand-in model. I answer steps that have an output model; no schema was sent with this one."
        )
    if _PERSON.search(request.latest):
        return hand_over("asked_for_person", _summary(request, {}), open=("the customer asked for a person",))
    wanted = [*slots(schema)]
    found = _found(request, wanted)
    missing = [slot for slot in wanted if slot.required and slot.path not in found]
    for tool in request.tools:
        if request.outcome(tool.name) is not None:
            continue
        needed = [*slots(tool.parameters)]
        args = _found(request, needed)
        lacking = [slot for slot in needed if slot.required and slot.path not in args]
        if not lacking:
            return call(tool.name, **assemble(tool.parameters, args))
        if missing:
            return _ask(request, lacking[0], {**found, **args}, tool)
    if missing:
        return _ask(request, missing[0], found, None)
    return result(assemble(schema, found), say="Thank you, that is all I need.")


def _ask(
    request: StandinRequest, slot: Slot, found: dict[tuple[str, ...], Any], tool: OfferedTool | None
) -> StandinReply:
    question = slot.question()
    asked = sum(question in line.text for line in request.lines if line.author_kind == "ai")
    if asked >= _ASKS:
        tried = f"asked {asked} times for {slot.words}" + (f", which `{tool.name}` needs" if tool else "")
        return hand_over("missing_information", _summary(request, found), tried=(tried,), open=(slot.words,))
    return say(question if asked == 0 else f"I am sorry, I did not understand. {question}")


def _found(request: StandinRequest, wanted: list[Slot]) -> dict[tuple[str, ...], Any]:
    values = {slot.path: _value(request, slot) for slot in wanted}
    return {path: value for path, value in values.items() if value is not None}


def _value(request: StandinRequest, slot: Slot) -> Any:
    for outcome in reversed(request.outcomes):
        for value in _named(outcome.result, slot.name):
            if fits(slot, value):
                return value
    for answer in _answers(request, slot):
        if (value := in_answer(slot, answer)) is not None:
            return value
    for line in reversed(request.said):
        if (value := in_passing(slot, line)) is not None:
            return value
    for value in _named(request.input, slot.name):
        if fits(slot, value):
            return value
    if is_story(slot):
        return next((line for line in request.said if len(line.split()) >= _STORY_WORDS), None)
    return None


def _answers(request: StandinRequest, slot: Slot) -> list[str]:
    """What the customer said right after the slot's question, latest first."""
    question, asked = slot.question(), False
    answers: list[str] = []
    for line in request.lines:
        if line.author_kind == "ai" and line.audience == "customer":
            asked = question in line.text
        elif line.author_kind == "customer" and asked:
            answers.insert(0, line.text)
    return answers


def _named(value: Any, name: str) -> Iterator[Any]:
    """The values that stand under a name, outermost first."""
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for item in value.values():
            yield from _named(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, name)


def _summary(request: StandinRequest, found: dict[tuple[str, ...], Any]) -> str:
    known = ", ".join(f"{'.'.join(path)}: {value}" for path, value in found.items())
    said = request.said[0] if request.said else "nothing"
    return f"The customer said: {said[:200]}" + (f" Known: {known}." if known else "")
