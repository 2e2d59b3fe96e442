import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.agents import AIAgent
from journeyman.agents.copilot import COPILOT, Kind, Wanted, shown, so_far
from journeyman.agents.prompt import Line
from journeyman.agents.standin.copilot import copilot, kind_of
from journeyman.agents.standin.request import parse_request
from tests.unit.agents.models import CLERK

LINES = (
    Line(author_kind="customer", text="My car has a dent."),
    Line(author_kind="ai", text="I am an AI. I look into it."),
    Line(author_kind="person", author="bea", audience="internal", text="INTERNAL"),
)


def wanted(kind: Kind = "reply", agent: AIAgent = COPILOT, **members: Any) -> Wanted:
    return Wanted(kind, agent, members.pop("lines", LINES), **members)


@given(st.text(max_size=60))
def test_what_is_written_is_read_while_it_is_written(text: str) -> None:
    whole = json.dumps({"text": text, "disposition": None})
    heard = [so_far(whole[:end]) for end in range(len(whole) + 1)]
    assert heard[-1] == text
    assert heard[0] == ""


@pytest.mark.parametrize("text", ["", "no object", "[1]", '{"other": 1}', '{"text": 7}', "{}{"])
def test_what_is_none_is_nothing(text: str) -> None:
    assert so_far(text) == ""


def test_the_same_question_has_the_same_hash() -> None:
    assert shown(wanted()).hash == shown(wanted()).hash
    assert shown(wanted()).hash != shown(wanted("summary")).hash


def test_what_others_wrote_is_material_between_tags() -> None:
    said = shown(wanted("summary", input={"task": "TITLE"}, agent=CLERK)).messages
    assert [each["role"] for each in said] == ["system", "user", "user", "user", "user"]
    assert "dent" not in said[0]["content"]
    assert said[2]["content"] == "<customer>My car has a dent.</customer>"
    assert said[3]["content"].startswith("<ai>")
    assert said[4]["content"] == "<internal>INTERNAL</internal>"


def test_what_colleagues_tell_each_other_is_no_part_of_a_reply() -> None:
    assert "INTERNAL" not in json.dumps(shown(wanted("reply")).messages)


def test_a_long_conversation_loses_its_middle() -> None:
    lines = tuple(Line(author_kind="customer", text=f"{number} " + "word " * 400) for number in range(100))
    sent = shown(wanted(lines=lines))
    assert sent.left_out > 0
    assert sent.messages[-1]["content"].startswith("<customer>99 ")


def test_the_stand_in_helps_with_words_that_are_there() -> None:
    def asked(kind: Kind, **members: Any) -> Any:
        sent = shown(wanted(kind, **members))
        request = parse_request({"model": "stand-in", "messages": sent.messages, "response_format": sent.schema})
        assert kind_of(request) == kind
        return copilot(request, kind).result

    assert "My car has a dent." in asked("summary")["text"]
    assert "I am an AI." in asked("summary")["text"]
    assert "My car has a dent." in asked("reply")["text"]
    known = {"knowledge": [{"citation": "a#b@c", "text": "Dents are covered."}]}
    assert "Dents are covered." in asked("reply", input=known)["text"]
    assert asked("wrap_up", input={"dispositions": {"x": "The customer left"}})["disposition"] is None
    assert asked("summary", lines=())["text"] == "Nothing was said yet."
