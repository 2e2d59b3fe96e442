"""Steps: contracts for one unit of work. A step names *what*; policy decides *who*."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from journeyman.errors import DefinitionError

OutputT = TypeVar("OutputT", bound=BaseModel)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FACTS = {"amount": int, "outcome": str}
_DUE = "due"
_STRICT = ("ordinary", "personal", "special", "secret")


def duration(text: str | timedelta) -> timedelta:
    """`"90s"`, `"20m"`, `"4h"`, `"2d"` or a sum such as `"1h 30m"`."""
    if isinstance(text, timedelta):
        return text
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise DefinitionError(f"`{text}` is no duration; write it as `90s`, `20m`, `4h`, `2d` or `1h 30m`")
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def stable_name(what: str, name: str) -> str:
    """`name`, if it is one that can stay: lower-case words joined by hyphens."""
    if not _NAME.fullmatch(name):
        raise DefinitionError(
            f"`{name}` is no stable name for a {what}; use lower-case words joined by hyphens, as in `fill-claim-form`"
        )
    return name


@dataclass(frozen=True)
class Sla:
    """A service level: how long until a person has started, and until the work is done, in business time of the queue."""

    respond: str | timedelta | None = None
    complete: str | timedelta | None = None

    def seconds(self) -> tuple[float | None, float | None]:
        """(respond, complete) in seconds; None where there is no promise."""
        return (
            duration(self.respond).total_seconds() if self.respond else None,
            duration(self.complete).total_seconds() if self.complete else None,
        )


@dataclass(frozen=True)
class Disposition:
    """A way to close a step other than with its output, such as `withdrawn`."""

    name: str
    title: str

    def __post_init__(self) -> None:
        stable_name("disposition", self.name)


UNREACHABLE = Disposition("unreachable", "The customer could not be reached")


@dataclass(frozen=True)
class Step(Generic[OutputT]):
    """One unit of work.

    `ai` names the AI agent that policy may allow to do it, `queue` the people who do it otherwise: a step without a queue
    has no human exit and is an error. `silence` is how long an AI agent waits for the customer before the step is followed
    up by a person. `care` and `regulated` mark steps that a person must begin; policies read them.
    """

    name: str
    output: type[OutputT]
    input: type[BaseModel] | None = None
    title: str = ""
    instructions: str = ""
    ai: str | None = None
    queue: str = ""
    sla: Sla = field(default_factory=Sla)
    dispositions: tuple[Disposition, ...] = (UNREACHABLE,)
    silence: str | timedelta = "10m"
    care: bool = False
    regulated: bool = False
    skills: tuple[str, ...] = ()
    priority: int = 50

    def __post_init__(self) -> None:
        stable_name("step", self.name)
        for label, model in (("output", self.output), ("input", self.input)):
            if model is not None and not (isinstance(model, type) and issubclass(model, BaseModel)):
                raise DefinitionError(f"the {label} of step `{self.name}` is `{model!r}`; make it a pydantic model")
        if self.output is None:
            raise DefinitionError(
                f"step `{self.name}` has no output; give it a pydantic model, so that its result can be checked"
            )
        if not self.queue:
            raise DefinitionError(
                f"step `{self.name}` has no queue, so no person could ever do it; name the queue that takes it when AI may not"
            )
        if not 0 <= self.priority <= 100:
            raise DefinitionError(
                f"step `{self.name}` has priority {self.priority}; it goes from 0 to 100, and 50 is usual"
            )
        names = [disposition.name for disposition in self.dispositions]
        if len(names) != len(set(names)):
            raise DefinitionError(f"step `{self.name}` has two dispositions of one name")
        duration(self.silence)
        self.sla.seconds()
        facts_of_model(self.output)
        steering_of(self.output)

    @property
    def heading(self) -> str:
        """The title, or one made of the name."""
        return self.title or self.name.replace("-", " ").capitalize()


@dataclass(frozen=True)
class Fact:
    """Marks a field as a fact: `Annotated[int, Fact("amount")]`.

    Of a step's output: `amount`, an integer in minor units, and `outcome`, a text such as `pay`, `refuse`, `reduce`. Of a
    step's input: `due`, an integer in minor units, what the step is to collect or pay. Of a tool's result: `verification`,
    the level (`none`, `basic`, `strong`) that the tool has established of the customer.
    """

    name: str


@dataclass(frozen=True)
class Steers:
    """Marks a field by which a journey chooses its way: `Annotated[Literal["balance", "fraud"], Steers()]`.

    It stays readable when the customer is erased, so that the journey can still be replayed: a closed choice (a Literal, an
    enumeration, a bool), never words. A field marked `Fact("outcome")` is one without saying so.
    """


def steering_of(model: type[BaseModel]) -> list[str]:
    """The names of the fields that steer. Raises DefinitionError if one can hold words."""
    found = []
    for name, info in model.model_fields.items():
        if any(isinstance(mark, Steers) for mark in info.metadata):
            if not _is_closed(info.annotation):
                raise DefinitionError(
                    f"`{model.__name__}.{name}` steers and can hold anything; make it a Literal, an enumeration or a bool"
                )
            found.append(name)
        elif any(fact.name == "outcome" for fact in _facts_of_field(info)):
            found.append(name)
    return found


def _is_closed(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return all(_is_closed(each) for each in get_args(annotation))
    if get_origin(annotation) is Literal or annotation in (bool, NoneType):
        return True
    return isinstance(annotation, type) and issubclass(annotation, Enum)


@dataclass(frozen=True)
class DataClass:
    """Marks what a field of a step's input or output holds: `Annotated[bool, DataClass("special")]`.

    `ordinary`, `personal` (as all that is not marked), `special` (health and the like, GDPR Art. 9) or `secret`. Policies on
    `view` decide by it who is shown the field.
    """

    name: Literal["ordinary", "personal", "special", "secret"]


@dataclass(frozen=True)
class LongText:
    """Marks a text that is more than a line: `Annotated[str, LongText()]`. Who fills the form in gets room for it."""


def data_classes(*models: type[BaseModel] | None) -> dict[str, str]:
    """{field name: class} of the marked fields of models, and of the models in them; of one name the strictest counts."""
    found: dict[str, str] = {}
    left: list[Any] = [*models]
    seen: set[Any] = set()
    while left:
        model = left.pop()
        left += get_args(model)
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or model in seen:
            continue
        seen.add(model)
        for name, info in model.model_fields.items():
            left.append(info.annotation)
            for mark in info.metadata:
                if isinstance(mark, DataClass):
                    found[name] = max(mark.name, found.get(name, "ordinary"), key=_STRICT.index)
    return found


def facts_of_model(model: type[BaseModel]) -> Mapping[str, str]:
    """{fact name: field name} of an output model's marked fields."""
    found: dict[str, str] = {}
    for name, info in model.model_fields.items():
        for fact in _facts_of_field(info):
            if fact.name == _DUE:  # of the step whose input this is
                continue
            if fact.name not in _FACTS:
                raise DefinitionError(
                    f"`{model.__name__}.{name}` is marked as fact `{fact.name}`; facts of a result are {', '.join(_FACTS)}"
                )
            found[fact.name] = name
    return found


def facts_of_result(result: BaseModel) -> dict[str, Any]:
    """The marked values of a result; those that are None are absent."""
    values = {fact: getattr(result, name) for fact, name in facts_of_model(type(result)).items()}
    return {fact: _FACTS[fact](value) for fact, value in values.items() if value is not None}


def due_of(model: type[BaseModel] | None, input: Any) -> int | None:
    """What a step is to collect or pay, in minor units: the value of its input's field marked `Fact("due")`, if any."""
    for name, info in model.model_fields.items() if model is not None and isinstance(input, Mapping) else ():
        if any(fact.name == _DUE for fact in _facts_of_field(info)) and isinstance(input.get(name), int):
            return int(input[name])
    return None


def _facts_of_field(info: FieldInfo) -> list[Fact]:
    return [mark for mark in info.metadata if isinstance(mark, Fact)]
