"""A trace as a story: each entry as a sentence, its values to be read, and what a person made of a draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from journeyman.audit.evidence import Evidence
from journeyman.console.asked import Asked
from journeyman.console.form import Change, How, difference, filled, form_of
from journeyman.console.pages.verbs import ASKS, VERBS, deed_of
from journeyman.errors import JourneymanError
from journeyman.ledger.trace import TraceLine
from journeyman.tasks.lifecycle import Action

WHO: Final[Mapping[str, str]] = {"ai": "AI", "person": "Person", "customer": "Customer", "system": "System"}


@dataclass(frozen=True)
class Told:
    """An entry, as the timeline has it."""

    line: TraceLine
    who: str
    sentence: str
    verdict: str
    """`allowed`, `denied` or nothing."""
    at: datetime | None
    altered: bool
    why: tuple[str, ...]
    """What the policies that decided are for, and the reasons that were given."""

    @property
    def kind(self) -> str:
        return self.line.kind if self.line.kind in WHO else "system"


def told(
    line: TraceLine, *, altered: bool = False, intents: Mapping[tuple[str, str], str] = MappingProxyType({})
) -> Told:
    """A line of a trace. What cannot be read says so. `intents` of policies are by bundle and id."""
    verdict = {"allow": "allowed", "deny": "denied"}.get(str(line.facts.get("verdict")), "")
    who = WHO.get(line.kind, "Unreadable")
    return Told(
        line, who, _sentence(line), verdict if _decides(line) else "", _moment(line.at), altered, _why(line, intents)
    )


def edits(asked: Asked, found: Evidence) -> list[Change]:
    """What became of a draft that someone changed, field by field; nothing where the entry holds no draft and result."""
    draft, output = found.value("draft"), found.value("output")
    if draft is None or output is None:
        return []
    if isinstance(draft, dict) and isinstance(output, dict):
        journey = found.reading.journey
        try:
            step = asked.desk.steps(journey.kind, journey.version, found.line.refs.get("step", ""))
            form = form_of(step.output, prefix="output")
            return difference(filled(form, draft), filled(form, output))
        except JourneymanError:  # a step, or a form of it, of another time
            names = [*draft, *(name for name in output if name not in draft)]
            return [_change(name, draft.get(name), output.get(name)) for name in names]
    return [_change("text", draft, output)]


def _change(name: str, before: JsonValue, after: JsonValue) -> Change:
    how = How.UNCHANGED if before == after else How.CHANGED
    return Change(name, name.replace("_", " "), how, _text(before), _text(after), text=True)


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _why(line: TraceLine, intents: Mapping[tuple[str, str], str]) -> tuple[str, ...]:
    bundle = str(line.facts.get("bundle", ""))
    found = [intents.get((bundle, id)) or f"policy {id}" for id in line.policies]
    if line.facts.get("verdict") == "deny" and not line.policies:
        found.append("it could not be decided" if "errors" in line.facts else "no policy permits it")
    if "reason" in line.facts:
        found.append(str(line.facts["reason"]).replace("_", " "))
    return (*found, *line.reasons)


def _decides(line: TraceLine) -> bool:
    return line.type.startswith("decision.")


def _sentence(line: TraceLine) -> str:
    if not line.kind:
        return line.what
    if line.type == "message.said" and line.kind == "customer":
        return "writes"
    if line.type == "stage.entered" and "stage" in line.refs:
        return f"goes on to the stage {_plain(line.refs['stage'])}"
    if line.type == "journey.completed" and "outcome" in line.facts:
        return f"ends the journey: {_plain(line.facts['outcome'])}"
    if line.type in VERBS:
        return VERBS[line.type]
    noun, _, word = line.type.partition(".")
    if noun == "decision":
        deed = word.replace("_", " ").replace(":", " ")
        if "tool" in line.facts:
            deed = f"{'propose' if word.startswith('propose') else 'call'} the tool {line.facts['tool']}"
        return f"asks policy: {ASKS.get(word, f'may it {deed}')}?"
    action = str(line.facts.get("action", ""))
    if noun == "task" and action in set(Action):
        return deed_of(Action(action))
    return line.what.partition(" at step ")[0]


def _plain(name: object) -> str:
    return str(name).replace("_", " ").replace("-", " ")


def _moment(at: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
