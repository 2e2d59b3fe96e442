from typing import Any

import pytest

from journeyman.agents.prompt import Exchange, Line, Turn, prompt
from journeyman.agents.reply import ToolRequest, reply
from journeyman.agents.standin.app import Standin
from tests.integration.agents.conftest import Arm, EndpointFactory
from tests.unit.agents.models import CLERK, Balance


def _turn(script: str | None = None, **members: Any) -> Turn:
    standin = f"tests.integration.agents.scripts:{script}" if script else None
    agent = CLERK.model_copy(update={"standin": standin} | members.pop("agent", {}))
    transcript = (Line(author_kind="customer", text="What is my balance?"),)
    return Turn(**({"agent": agent, "step": "Balance", "output": Balance, "transcript": transcript} | members))


async def test_a_tool_call_is_returned_validated_and_in_its_plain_form(endpoint: EndpointFactory) -> None:
    turn = _turn("balance")
    outcome = await reply(endpoint(), turn)
    [request] = outcome.tool_calls
    assert request == ToolRequest(
        id=request.id,
        tool="get_balance",
        args={"account": "12345678", "pin": "[pin:sec-1]", "labels": ["a", "b"], "kind": "current"},
    )
    assert (outcome.envelope, outcome.failure, outcome.token_probability) == (None, None, None)
    assert outcome.prompt_hash == prompt(turn).hash
    assert outcome.model == "stand-in/tests.integration.agents.scripts:balance"


async def test_a_result_comes_with_what_was_measured_and_what_was_claimed(endpoint: EndpointFactory) -> None:
    exchange = Exchange(id="c1", tool="get_balance", args={}, outcome={"balance_cents": 123456})
    outcome = await reply(endpoint(), _turn("balance", exchanges=(exchange,)))
    assert outcome.envelope is not None
    assert outcome.envelope.result == Balance(balance_cents=123456)
    assert outcome.envelope.say == "There it is."
    assert (outcome.token_probability, outcome.claimed_confidence) == (620, 990)
    assert outcome.usage.total > 0
    assert (outcome.calls, outcome.unfit) == (1, None)


async def test_without_log_probabilities_nothing_was_measured(endpoint: EndpointFactory, arm: Arm) -> None:
    arm("no_logprobs", count=None)
    exchange = Exchange(id="c1", tool="get_balance", args={}, outcome={"balance_cents": 5})
    outcome = await reply(endpoint(), _turn("balance", exchanges=(exchange,)))
    assert outcome.envelope is not None
    assert outcome.token_probability is None


async def test_what_an_endpoint_does_not_count_is_estimated_on_the_high_side(
    endpoint: EndpointFactory, arm: Arm
) -> None:
    turn = _turn("balance")
    counted = (await reply(endpoint(), turn)).usage
    arm("no_stream_options", count=None)
    estimated = (await reply(endpoint(), turn)).usage
    assert estimated.prompt > counted.prompt > 0
    assert estimated.completion > 0


@pytest.mark.parametrize("script", ["stubborn", "unknown_tool", "wrong_arguments"])
async def test_an_answer_that_does_not_fit_is_repaired_once(
    script: str, endpoint: EndpointFactory, standin: Standin
) -> None:
    turn = _turn(script)
    outcome = await reply(endpoint(), turn)
    assert (outcome.failure, outcome.envelope, outcome.tool_calls) == (None, None, ())
    assert outcome.unfit is not None
    repaired = await reply(endpoint(), turn.model_copy(update={"unfit": outcome.unfit}))
    assert (repaired.failure, repaired.unfit) == (None, None)
    assert repaired.envelope or repaired.tool_calls
    first, second = standin.requests
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert repaired.prompt_hash != outcome.prompt_hash


async def test_an_answer_that_never_fits_is_malformed_after_one_repair(
    endpoint: EndpointFactory, standin: Standin
) -> None:
    turn = _turn("hopeless")
    unfit = (await reply(endpoint(), turn)).unfit
    outcome = await reply(endpoint(), turn.model_copy(update={"unfit": unfit}))
    assert outcome.failure is not None
    assert outcome.failure.cause == "malformed"
    assert (outcome.envelope, outcome.unfit, outcome.calls, len(standin.requests)) == (None, None, 1, 2)
    assert outcome.usage.total > 0


async def test_broken_json_is_repaired(endpoint: EndpointFactory, arm: Arm) -> None:
    arm("malformed")
    turn = _turn()
    unfit = (await reply(endpoint(), turn)).unfit
    assert unfit is not None
    outcome = await reply(endpoint(), turn.model_copy(update={"unfit": unfit}))
    assert outcome.envelope is not None


async def test_the_arguments_of_a_tool_call_that_are_not_json_are_repaired(endpoint: EndpointFactory, arm: Arm) -> None:
    arm("malformed")
    turn = _turn("balance")
    unfit = (await reply(endpoint(), turn)).unfit
    assert unfit is not None
    outcome = await reply(endpoint(), turn.model_copy(update={"unfit": unfit}))
    assert [request.tool for request in outcome.tool_calls] == ["get_balance"]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("timeout", "timeout"),
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("cut", "stream_cut"),
        ("truncated", "truncated"),
        ("refusal", "refused"),
        ("overflow", "context_overflow"),
    ],
)
async def test_each_failure_of_a_model_is_a_fact_and_no_exception(
    fault: str, cause: str, endpoint: EndpointFactory, arm: Arm, standin: Standin
) -> None:
    arm(fault)
    outcome = await reply(endpoint(retries=0, first_byte=0.05), _turn())
    assert outcome.failure is not None
    assert outcome.failure.cause == cause
    assert (outcome.envelope, outcome.tool_calls) == (None, ())
    assert len(standin.requests) == 1


async def test_a_prompt_without_room_fails_before_the_model_is_asked(
    endpoint: EndpointFactory, standin: Standin
) -> None:
    outcome = await reply(endpoint(), _turn(agent={"prompt_tokens": 200}))
    assert outcome.failure is not None
    assert outcome.failure.cause == "context_overflow"
    assert len(standin.requests) == 0


async def test_a_tool_that_is_not_offered_cannot_be_asked_for(endpoint: EndpointFactory) -> None:
    outcome = await reply(endpoint(), _turn("balance", tools=()))
    assert (outcome.tool_calls, outcome.envelope) == ((), None)
    assert outcome.unfit is not None
    assert "there is no tool" in outcome.unfit.problem


async def test_where_a_response_format_rules_tools_out_it_is_sent_without_tools_only(
    endpoint: EndpointFactory, standin: Standin
) -> None:
    other = endpoint(format_with_tools=False)
    assert [request.tool for request in (await reply(other, _turn("balance"))).tool_calls] == ["get_balance"]
    assert "response_format" not in standin.requests[-1]
    assert "<output_schema>" in standin.requests[-1]["messages"][0]["content"]
    await reply(other, _turn(tools=()))
    assert standin.requests[-1]["response_format"]["type"] == "json_schema"


async def test_only_endpoints_known_for_it_get_tools_and_a_response_format_together(endpoint: EndpointFactory) -> None:
    places = {
        "https://api.openai.com/v1": True,
        "https://x.openai.azure.com/v1": True,
        "http://127.0.0.1:11434/v1": False,
    }
    for base_url, together in places.items():
        assert endpoint("m", base_url=base_url).capabilities("m").format_with_tools is together


async def test_a_bug_in_a_script_is_shown(endpoint: EndpointFactory) -> None:
    outcome = await reply(endpoint(retries=0), _turn("broken"))
    assert "KeyError" in str(outcome.failure)


async def test_agents_get_their_own_model_unless_the_stand_in_answers(endpoint: EndpointFactory) -> None:
    agent = CLERK.model_copy(update={"model": "big", "standin": "project.scripts:clerk"})
    assert endpoint("small").model_for(agent) == "big"
    assert endpoint("small").model_for(CLERK) == "small"
    assert endpoint("stand-in").model_for(agent) == "stand-in/project.scripts:clerk"
    assert endpoint("stand-in").model_for(CLERK) == "stand-in"


async def test_a_reply_makes_three_tool_calls_at_most(endpoint: EndpointFactory) -> None:
    outcome = await reply(endpoint(), _turn("crowd"))
    assert outcome.tool_calls == ()
    assert outcome.unfit is not None
    assert "at most 3" in outcome.unfit.problem
