import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from journeyman.agents.envelope import Envelope, envelope_schema, parse_envelope, response_format
from journeyman.agents.schema import strict_schema
from journeyman.errors import DefinitionError, InputError
from tests.unit.agents.models import Loss, Place

LOSS: dict[str, Any] = {
    "policy_number": "POL-1", "cause": "fire", "place": {"city": "Ghent", "country": None}, "amount_cents": 5,
    "injured": False, "things": [], "note": None,
}  # fmt: skip


class Chain(BaseModel):
    """A model that holds itself."""

    name: str
    next: "Chain | None" = None


class Dated(BaseModel):
    """A model with a date and a described reference."""

    on: date
    place: Place = Field(description="where")
    kind: Literal["a"] = "a"


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from _objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _objects(value)


def _references(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


@pytest.mark.parametrize("output", [Loss, Chain, Dated])
def test_the_schema_obeys_the_rules_of_strict_output(output: type[BaseModel]) -> None:
    schema = envelope_schema(output)
    assert schema["type"] == "object"
    for node in _objects(schema):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
    for node in _references(schema):
        assert node.keys() == {"$ref"}
        assert node["$ref"].removeprefix("#/$defs/") in schema["$defs"]
    text = json.dumps(schema)
    assert not any(f'"{word}":' in text for word in ("default", "oneOf", "allOf", "uniqueItems", "examples"))


def test_the_schema_is_built_once_a_class() -> None:
    assert response_format(Loss) is response_format(Loss)
    assert strict_schema(Loss) is strict_schema(Loss)


def test_an_output_that_cannot_be_strict_is_an_error_that_names_the_field() -> None:
    class Open(BaseModel):
        extras: dict[str, str]

    class Anything(BaseModel):
        value: Any

    with pytest.raises(DefinitionError, match="`extras`"):
        strict_schema(Open)
    with pytest.raises(DefinitionError, match="`value`"):
        strict_schema(Anything)


def _text(**members: Any) -> str:
    return json.dumps(members)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (_text(say="hello"), "say"),
        (_text(result=LOSS), "result"),
        (_text(result=LOSS, say="done"), "result"),
        (_text(ask_person="may I?"), "ask_person"),
        (_text(hand_over={"reason": "asked_for_person", "summary": "", "tried": [], "open": []}), "hand_over"),
        ("```json\n" + _text(say="hello") + "\n```", "say"),
        (_text(say="hello", result=None, hand_over={"reason": "", "summary": "", "tried": [], "open": []}), "say"),
        (_text(say="hello", ask_person=" "), "say"),
    ],
)
def test_each_kind_of_answer_is_read(text: str, kind: str) -> None:
    assert parse_envelope(text, Loss).kind == kind


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not one JSON object"),
        ("I think so", "not one JSON object"),
        ('{"say": "a"', "not one JSON object"),
        ('{"say": "a", "say": "b"}', "twice"),
        ('{"say": "\\ud800"}', "surrogates"),
        ("[1]", "not a JSON object"),
        (_text(policy_number="POL-1"), "put the output into `result`"),
        (_text(say=None), "none of"),
        (_text(say=" "), "none of"),
        (_text(say=3), "`say` must be text"),
        (_text(result=LOSS, ask_person="may I?"), "exactly one"),
        (_text(result={**LOSS, "cause": "aliens"}), "field `cause`"),
        (_text(result={**LOSS, "place": {}}), "field `place.city`"),
        (_text(hand_over={"reason": "", "summary": "much"}), "`reason`"),
        (_text(hand_over={"summary": "much"}), "field `reason`"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_envelope(text, Loss)


def test_a_result_is_an_instance_of_the_output_model() -> None:
    envelope = parse_envelope(_text(result={"on": "2026-03-01", "place": {"city": "Ghent"}}), Dated)
    assert isinstance(envelope.result, Dated)
    assert envelope.result.on == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("claim", "read"), [(0, 0), (1000, 1000), (1001, None), (0.9, None), ("high", None), (True, None)]
)
def test_a_claim_of_confidence_out_of_range_is_dropped_and_costs_no_repair(claim: object, read: int | None) -> None:
    assert parse_envelope(_text(say="a", confidence=claim), Loss).confidence == read


@pytest.mark.parametrize(("word", "read"), [({}, True), ({"understood": False}, False), ({"understood": "no"}, True)])
def test_only_a_plain_no_says_that_the_customer_was_not_understood(word: dict[str, object], read: bool) -> None:
    assert parse_envelope(_text(say="a", **word), Loss).understood is read


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        assert isinstance(parse_envelope(text, Loss), Envelope)
    except InputError as error:
        assert str(error)  # noqa: PT017 - both outcomes are right; anything else that is raised is not


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(envelope_schema(Loss)["required"]), json_values))
def test_no_json_breaks_the_reader(members: dict[str, Any]) -> None:
    try:
        envelope = parse_envelope(json.dumps(members), Loss)
    except InputError as error:
        assert str(error)  # noqa: PT017
    else:
        assert envelope.kind in ("say", "result", "ask_person", "hand_over")


def test_a_secret_in_an_answer_is_cut_out_of_all_but_what_is_said() -> None:
    card, masked = "card 4111 1111 1111 1111", "card [card]"
    read = parse_envelope(json.dumps({"say": card, "result": LOSS | {"note": card}}), Loss)
    assert (read.say, getattr(read.result, "note", None)) == (card, masked)
    asked = parse_envelope(json.dumps({"ask_person": card}), Loss)
    assert asked.ask_person == masked
    given = parse_envelope(json.dumps({"hand_over": {"reason": card, "tried": [card]}}), Loss).hand_over
    assert given is not None
    assert (given.reason, given.tried) == (masked, (masked,))
