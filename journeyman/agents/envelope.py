"""The reply envelope: the one JSON object that a model answers a turn with."""

import json
import re
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from journeyman.agents.arguments import problem_of
from journeyman.agents.schema import nullable, strict_schema
from journeyman.conversation.masking import scrubbed
from journeyman.errors import InputError

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_MEMBERS = ("say", "result", "ask_person", "hand_over", "intent", "confidence", "understood")


class HandOver(BaseModel):
    """The work goes to a person, with what they need so that the customer repeats nothing."""

    model_config = ConfigDict(frozen=True)

    reason: str
    summary: str = ""
    tried: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    """What the customer was promised."""


class Envelope(BaseModel):
    """A model's answer, validated. At most one of `result`, `ask_person` and `hand_over`; `say` may go with it."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    say: str | None = None
    result: BaseModel | None = None
    """Finishes the step: an instance of the step's output model."""
    ask_person: str | None = None
    hand_over: HandOver | None = None
    intent: str | None = None
    confidence: int | None = None
    """The model's own claim, 0 to 1000. Nothing was measured."""
    understood: bool = True
    """The model's own word. False: it could not make sense of what the customer last said, and a `say` did not help."""

    @property
    def kind(self) -> Literal["result", "ask_person", "hand_over", "say"]:
        """What it does to the step: `say` alone waits for the customer."""
        if self.result is not None:
            return "result"
        if self.ask_person is not None:
            return "ask_person"
        return "hand_over" if self.hand_over is not None else "say"


@lru_cache(maxsize=512)
def envelope_schema(output: type[BaseModel]) -> dict[str, Any]:
    """The strict JSON schema of the envelope around an output model, built once a class. Callers must not change it."""
    result = dict(strict_schema(output))
    definitions = result.pop("$defs", {})
    hand_over = {
        "type": "object",
        "properties": {"reason": _TEXT, "summary": _TEXT, "tried": _TEXTS, "open": _TEXTS, "promises": _TEXTS},
        "required": ["reason", "summary", "tried", "open", "promises"],
        "additionalProperties": False,
        "description": "give the work to a person",
    }
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "say": nullable(_TEXT) | {"description": "said to the customer"},
            "result": nullable(result) | {"description": "finishes the step"},
            "ask_person": nullable(_TEXT) | {"description": "a question to a colleague; you keep the step"},
            "hand_over": nullable(hand_over),
            "intent": nullable(_TEXT) | {"description": "what the customer wants, in a word or two"},
            "confidence": nullable({"type": "integer", "minimum": 0, "maximum": 1000}),
            "understood": {"type": "boolean", "description": "the customer's last words made sense for the step"},
        },
        "required": list(_MEMBERS),
        "additionalProperties": False,
    }
    if definitions:
        schema["$defs"] = definitions
    return schema


@lru_cache(maxsize=512)
def response_format(output: type[BaseModel]) -> dict[str, Any]:
    """The `response_format` of a request for this output model."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"reply_{output.__name__}")[:64]
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": envelope_schema(output)},
    }


def parse_envelope(text: str, output: type[BaseModel]) -> Envelope:
    """Reads a model's answer.

    Raises InputError whose message tells the model what was wrong, in words for a repair turn. Members that are left
    out count as null, blank text too: endpoints without strict output do that, and nothing is lost by it. Secrets are
    cut out of all but `say`, which policy must hear as it is.
    """
    raw = {name: value if name == "say" else scrubbed(value) for name, value in _object(text).items()}
    if not raw.keys() & set(_MEMBERS):
        raise InputError(f"the answer has none of the members {_listed(_MEMBERS)}; put the output into `result`")
    say, ask_person = _text_of(raw, "say"), _text_of(raw, "ask_person")
    hand_over = _hand_over(raw.get("hand_over"))
    result = _result(raw.get("result"), output)
    ends = [
        name
        for name, value in (("result", result), ("ask_person", ask_person), ("hand_over", hand_over))
        if value is not None
    ]
    if len(ends) > 1:
        raise InputError(f"the answer sets {_listed(ends)}; set exactly one of them and make the others null")
    if not ends and say is None:
        raise InputError("the answer sets none of `say`, `result`, `ask_person` and `hand_over`; set exactly one")
    return Envelope(
        say=say,
        result=result,
        ask_person=ask_person,
        hand_over=hand_over,
        intent=_text_of(raw, "intent"),
        confidence=_claim(raw.get("confidence")),
        understood=raw.get("understood") is not False,
    )


def object_span(text: str) -> tuple[int, int]:
    """Where the JSON object stands in an answer, which may be fenced or have words around it: first `{` to last `}`."""
    return max(text.find("{"), 0), text.rfind("}") + 1


def _object(text: str) -> dict[str, Any]:
    start, end = object_span(text)
    try:
        raw = json.loads(text[start:end] or text, object_pairs_hook=_unique)
        if "\\u" in text:
            json.dumps(raw, ensure_ascii=False).encode()  # half a surrogate pair is JSON, and yet no text
    except (ValueError, RecursionError) as error:
        told = (
            f"{error.msg.lower()} at character {error.pos}" if isinstance(error, json.JSONDecodeError) else str(error)
        )
        raise InputError(f"the answer is not one JSON object: {told}") from error
    if not isinstance(raw, dict):
        raise InputError(f"the answer is {type(raw).__name__}, not a JSON object")
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # Readers differ in which of two equal keys they take; what was judged must be what is used.
        raise ValueError("a member appears twice")
    return members


def _text_of(raw: dict[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"`{name}` must be text or null")
    return value.strip() or None if value else None


def _hand_over(value: Any) -> HandOver | None:
    if value is None:
        return None
    try:
        hand_over = HandOver.model_validate(value)
    except ValidationError as error:
        raise InputError(f"`hand_over` does not fit: {problem_of(error)}") from error
    if hand_over.reason.strip():
        return hand_over
    if hand_over.summary.strip() or hand_over.tried or hand_over.open or hand_over.promises:
        raise InputError("`hand_over` has no `reason`; give one in a few words")
    return None


def _result(value: Any, output: type[BaseModel]) -> BaseModel | None:
    if value is None:
        return None
    try:
        # As JSON, so that dates and enums may be written as text even where the model is strict.
        return output.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise InputError(f"`result` does not fit: {problem_of(error)}") from error


def _claim(value: Any) -> int | None:
    # A claim is worth little: one that cannot be used is dropped, and no repair turn is spent on it.
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000 else None


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
