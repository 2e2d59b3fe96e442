import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from journeyman.agents.envelope import parse_envelope, response_format
from journeyman.agents.prompt import Exchange, Line, Turn, prompt
from journeyman.agents.standin import StandinReply, StandinRequest, ask, call, hand_over, result, say
from journeyman.agents.standin.extraction import in_answer, in_passing
from journeyman.agents.standin.generic import generic
from journeyman.agents.standin.protocol import answer_of, events, whole
from journeyman.agents.standin.request import parse_request
from journeyman.agents.standin.scripts import script_of
from journeyman.agents.standin.slots import Slot, slots
from journeyman.errors import NotFoundError
from tests.unit.agents.models import CLERK, Balance, Loss


class Claim(BaseModel):
    """Fields of each kind that can be found."""

    full_name: str
    policy_number: str = Field(examples=["POL-1234"])
    account: str = Field(pattern=r"^\d{8}$")
    birth_date: str = Field(description="your date of birth, YYYY-MM-DD")
    email: str
    kind: Literal["current", "savings_plus"]
    excess_cents: int = Field(ge=1, le=1_000_000)
    people: int
    agreed: bool
    items: list[str]
    pin: str
    what_happened: str


SLOTS = {
    slot.name: slot
    for slot in slots(response_format(Claim)["json_schema"]["schema"]["properties"]["result"]["anyOf"][0])
}


def _request(output: type[BaseModel], *said: str, **members: Any) -> StandinRequest:
    turn = Turn(
        agent=CLERK.model_copy(update={"tools": members.pop("tools", ())}),
        step="A step",
        output=output,
        transcript=members.pop("transcript", tuple(Line(author_kind="customer", text=text) for text in said)),
        **members,
    )
    return parse_request(
        {
            "model": "stand-in",
            "messages": prompt(turn).messages,
            "response_format": response_format(output),
            "tools": [tool.offered for tool in turn.offered],
        }
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("full_name", "Of course. My name is John Smith. Account number is 95381901.", "John Smith"),
        ("full_name", "full name: Ada King", "Ada King"),
        ("policy_number", "it is abc-9999, no, POL-4711!", "POL-4711"),
        ("account", "Account number is 95381901 and so on", "95381901"),
        ("account", "call 123456789", None),
        ("birth_date", "born 31/05/1996", "1996-05-31"),
        ("birth_date", "born on 3rd of March 1970", "1970-03-03"),
        ("birth_date", "born on March 3, 1970", "1970-03-03"),
        ("birth_date", "born 31/06/1996", None),
        ("email", "write to ada@example.org.", "ada@example.org"),
        ("kind", "my Savings plus account", "savings_plus"),
        ("kind", "concurrently", None),
        ("excess_cents", "I pay $1,200.50", 120050),
        ("excess_cents", "I pay 300 euros", 30000),
        ("excess_cents", "I pay $99,999,999", None),
        ("people", "people: 4", 4),
        ("people", "I have 4 dogs", None),
        ("pin", "my pin is [pin:sec-01abc]", "[pin:sec-01abc]"),
        ("agreed", "yes", None),
    ],
)
def test_a_value_said_in_passing_is_found_only_where_it_is_unmistakable(name: str, text: str, value: object) -> None:
    assert in_passing(SLOTS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("full_name", "It's Ada King.", "Ada King"),
        ("full_name", "I don't know", None),
        ("people", "around five", 5),
        ("people", "12 I think", 12),
        ("excess_cents", "250", 25000),
        ("agreed", "Yes, please", True),
        ("agreed", "no thanks", False),
        ("agreed", "maybe", None),
        ("items", "a bike, a lamp and a hat.", ["a bike", "a lamp", "a hat"]),
        ("kind", "dunno", None),
        ("account", "12", None),
        ("what_happened", "Why do you ask?", None),
    ],
)
def test_an_answer_to_a_question_is_understood_more_freely(name: str, text: str, value: object) -> None:
    assert in_answer(SLOTS[name], text) == value


@given(st.sampled_from(sorted(SLOTS)), st.text(max_size=80))
def test_whatever_is_found_fits_and_no_text_breaks_the_search(name: str, text: str) -> None:
    slot: Slot = SLOTS[name]
    for found in (in_answer(slot, text), in_passing(slot, text)):
        if isinstance(found, int) and slot.schema.get("type") == "integer":
            assert slot.schema.get("minimum", found) <= found <= slot.schema.get("maximum", found)
        assert not slot.choices or found is None or found in slot.choices


def test_it_asks_for_one_field_at_a_time_and_finishes_when_it_has_all() -> None:
    lines = [Line(author_kind="customer", text="My policy is POL-4711, my bike was stolen, a theft.")]
    answers = {"the city": "Ghent", "the amount": "$250"}
    for _ in range(5):
        reply = generic(_request(Loss, transcript=tuple(lines)))
        if reply.say is None or reply.result is not None:
            break
        question = reply.say
        lines.append(Line(author_kind="ai", text=question))
        lines.append(Line(author_kind="customer", text=next(text for key, text in answers.items() if key in question)))
    assert Loss.model_validate(reply.result) == Loss.model_validate(
        {"policy_number": "POL-4711", "cause": "theft", "place": {"city": "Ghent"}, "amount_cents": 25000}
    )


def test_it_looks_into_the_input_and_the_results_of_tools() -> None:
    known = {"claim": {"policy_number": "POL-1", "cause": "fire", "city": "Ghent"}}
    exchange = Exchange(id="c", tool="assess", args={}, outcome={"amount_cents": 700})
    reply = generic(_request(Loss, "hello", input=known, exchanges=(exchange,)))
    assert Loss.model_validate(reply.result).amount_cents == 700


def test_it_calls_a_tool_once_its_arguments_are_known() -> None:
    tools = CLERK.tools
    asking = generic(_request(Balance, "What is my balance?", tools=tools))
    assert asking.say == "Please tell me the account."
    calling = generic(_request(Balance, "What is the balance of 12345678?", tools=tools))
    assert calling.calls[0][0] == "get_balance"
    assert calling.calls[0][1]["account"] == "12345678"
    done = Exchange(id="c", tool="get_balance", args={}, outcome={"balance_cents": 5})
    finished = generic(_request(Balance, "What is the balance of 12345678?", tools=tools, exchanges=(done,)))
    assert finished.result == {"balance_cents": 5}


def test_a_refused_tool_is_not_called_again() -> None:
    refused = Exchange(id="c", tool="get_balance", args={}, outcome={"error": "policy refused"})
    reply = generic(_request(Balance, "Balance of 12345678", tools=CLERK.tools, exchanges=(refused,)))
    assert reply.calls == ()


def test_a_customer_who_asks_for_a_person_is_handed_over() -> None:
    reply = generic(_request(Loss, "Let me talk to a real person, please"))
    assert reply.hand_over is not None
    assert reply.hand_over["reason"] == "asked_for_person"


def test_a_question_left_unanswered_three_times_goes_to_a_person() -> None:
    lines = [Line(author_kind="customer", text="hi")]
    for _ in range(3):
        reply = generic(_request(Loss, transcript=tuple(lines)))
        assert reply.say is not None
        lines += [Line(author_kind="ai", text=reply.say), Line(author_kind="customer", text="I don't know")]
    packet = generic(_request(Loss, transcript=tuple(lines))).hand_over
    assert packet is not None
    assert (packet["reason"], packet["open"]) == ("missing_information", ["policy number"])


def test_a_request_of_another_client_is_answered_in_plain_text() -> None:
    request = parse_request({"model": "stand-in", "messages": [{"role": "user", "content": "hello"}]})
    assert request.said == ("hello",)
    message = json.loads(whole(answer_of(generic(request), request, b""), logprobs=False))["choices"][0]["message"]
    assert "stand-in" in message["content"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (say("hello"), "say"),
        (result(Balance(balance_cents=1), say="done"), "result"),
        (ask("may I?"), "ask_person"),
        (hand_over("unsure", "a summary", tried=("this",), open=("that",)), "hand_over"),
    ],
)
def test_what_a_script_answers_is_an_envelope(reply: StandinReply, kind: str) -> None:
    request = _request(Balance, "hi")
    text = answer_of(reply.but(intent="balance", confidence=900, understood=False), request, b"").text or ""
    envelope = parse_envelope(text, Balance)
    assert (envelope.kind, envelope.intent, envelope.confidence) == (kind, "balance", 900)
    assert not envelope.understood


def test_the_same_request_gets_the_same_answer_and_another_one_other_ids() -> None:
    request = _request(Balance, "hi")
    reply = call("get_balance", account="12345678").and_call("get_balance", account="12345679")
    first, again, other = (answer_of(reply, request, raw) for raw in (b"1", b"1", b"2"))
    assert first == again
    ids = [tool_call["id"] for answer in (first, other) for tool_call in answer.tool_calls]
    assert len(set(ids)) == 4


def test_a_stream_and_a_whole_answer_say_the_same() -> None:
    request = _request(Balance, "hi")
    answer = answer_of(result({"balance_cents": 12345}), request, b"1")
    chunks = [json.loads(event[6:]) for event in events(answer, logprobs=True, usage=True)[:-1]]
    message = json.loads(whole(answer, logprobs=True))
    deltas = [choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]]
    tokens = [
        token
        for chunk in chunks
        for choice in chunk["choices"]
        for token in (choice.get("logprobs") or {}).get("content", [])
    ]
    assert "".join(deltas) == message["choices"][0]["message"]["content"] == "".join(token["token"] for token in tokens)
    assert tokens == message["choices"][0]["logprobs"]["content"]
    assert chunks[-1]["usage"] == message["usage"]
    assert {chunk["system_fingerprint"] for chunk in chunks} == {message["system_fingerprint"]} == {"stand-in"}
    assert message["choices"][0]["logprobs"]["synthetic"] is True


@pytest.mark.parametrize("model", ["gpt-9", "stand-in/nowhere:script", "stand-in/os:system", "stand-in/os"])
def test_a_model_that_is_no_script_is_not_found(model: str) -> None:
    with pytest.raises(NotFoundError):
        script_of(model)
