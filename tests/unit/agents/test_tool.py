import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from journeyman.agents import ToolCall, args_hash, tool
from journeyman.agents.arguments import plain_arguments
from journeyman.errors import DefinitionError, DeniedError, InputError
from tests.unit.agents.models import Balance, BalanceArgs, get_balance


class Level(IntEnum):
    LOW = 1


class Inner(BaseModel):
    rate: float


class Outer(BaseModel):
    inner: Inner


class Aliased(BaseModel):
    account: str = Field(alias="accountNumber")


class Nested(BaseModel):
    parent: "Nested | None" = None


def _call(**members: Any) -> ToolCall:
    return ToolCall(idempotency_key="k", journey="j", customer="c", step="s", agent="a", **members)


def _declare(args: type[BaseModel]) -> None:
    async def act(args: BaseModel, call: ToolCall) -> Balance:
        """Acts."""
        return Balance(balance_cents=1)

    act.__annotations__["args"] = args
    tool(mode="read")(act)


def test_a_tool_takes_its_name_and_description_from_its_function() -> None:
    assert (get_balance.name, get_balance.title) == ("get_balance", "Get balance")
    assert get_balance.description == "Looks up the balance of an account."
    assert (get_balance.args, get_balance.result) == (BalanceArgs, Balance)


@pytest.mark.parametrize(
    ("annotation", "word"),
    [
        (float, "minor units"),
        (Decimal, "minor units"),
        (datetime, "RFC 3339"),
        (dict[str, str], "named fields"),
        (str | int, "several types"),
        (Literal[1, 2], "Literal"),
        (Level, "enum `Level`"),
        (list[float], "minor units"),
        (tuple[str, str], "cannot test"),
        (Any, "cannot test"),
    ],
)
def test_an_argument_that_policy_cannot_type_is_an_error_that_names_field_and_remedy(
    annotation: Any, word: str
) -> None:
    model = create_model("Args", amount=(annotation, ...))
    with pytest.raises(DefinitionError, match=r"tool `act`: field `amount(\[\])?` of `Args`") as raised:
        _declare(model)
    assert word in str(raised.value)


def test_a_result_that_cannot_be_recorded_exactly_is_an_error_as_well() -> None:
    with pytest.raises(DefinitionError, match=r"tool `act`: field `inner\.rate` of `Outer`"):

        @tool(mode="read")
        async def act(args: BalanceArgs, call: ToolCall) -> Outer:
            """Acts."""
            raise AssertionError("never called")


@pytest.mark.parametrize("timeout", [0, 241])
def test_a_tool_ends_before_its_activity_does(timeout: int) -> None:
    with pytest.raises(DefinitionError, match="1 to 240 seconds"):

        @tool(mode="read", timeout=timeout)
        async def act(args: BalanceArgs, call: ToolCall) -> Balance:
            """Acts."""
            raise AssertionError("never called")


def test_the_field_of_a_nested_model_is_named_by_its_path() -> None:
    with pytest.raises(DefinitionError, match=r"field `inner\.rate`"):
        _declare(Outer)


def test_an_alias_and_a_model_within_itself_are_refused() -> None:
    with pytest.raises(DefinitionError, match="alias"):
        _declare(Aliased)
    with pytest.raises(DefinitionError, match="within itself"):
        _declare(Nested)


def test_args_and_result_must_be_pydantic_models() -> None:
    async def no_model(args: str, call: ToolCall) -> Balance:
        """Acts."""
        return Balance(balance_cents=1)

    async def no_result(args: BalanceArgs, call: ToolCall) -> int:
        """Acts."""
        return 1

    async def no_call(args: BalanceArgs) -> Balance:
        """Acts."""
        return Balance(balance_cents=1)

    functions: list[tuple[Any, str]] = [
        (no_model, "args is `str`"),
        (no_result, "result is `int`"),
        (no_call, "the form"),
    ]
    for function, word in functions:
        with pytest.raises(DefinitionError, match=word):
            tool(mode="read")(function)


def test_a_tool_without_docstring_or_with_a_bad_name_or_mode_is_refused() -> None:
    async def silent(args: BalanceArgs, call: ToolCall) -> Balance:
        return Balance(balance_cents=1)

    with pytest.raises(DefinitionError, match="docstring"):
        tool(mode="read")(silent)
    with pytest.raises(DefinitionError, match="rename"):
        tool(mode="read", name="Get-Balance")(silent)
    mode: Any = "write"
    with pytest.raises(DefinitionError, match="mode `write`"):
        tool(mode=mode)(silent)


async def test_a_tool_runs_and_returns_its_result() -> None:
    result = await get_balance.run(BalanceArgs(account="12345678"), _call())
    assert result == Balance(balance_cents=8000)


async def test_a_declared_secret_is_revealed_by_the_injected_resolver() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    async def resolve(handle: str, kinds: tuple[str, ...]) -> str:
        asked.append((handle, kinds))
        return "1234"

    call = _call(secrets=("pin",), resolve=resolve)
    assert await call.reveal("[pin:sec-1]") == "1234"
    assert await call.reveal("sec-2") == "1234"
    assert asked == [("sec-1", ("pin",)), ("sec-2", ("pin",))]


@pytest.mark.parametrize(("secrets", "handle"), [((), "sec-1"), ((), "[pin:sec-1]"), (("pin",), "[password:sec-1]")])
async def test_an_undeclared_secret_is_denied_before_it_is_used(secrets: tuple[str, ...], handle: str) -> None:
    async def resolve(handle: str, kinds: tuple[str, ...]) -> str:
        raise AssertionError("resolved")

    with pytest.raises(DeniedError):
        await _call(secrets=secrets, resolve=resolve).reveal(handle)


def test_equal_arguments_hash_equal_whatever_their_form() -> None:
    forms: list[BalanceArgs | dict[str, Any]] = [
        BalanceArgs(account="12345678", labels={"b", "a"}),
        {"labels": ["a", "b"], "account": "12345678"},
        {"account": "12345678", "labels": ["b", "a", "a"], "pin": "", "kind": "current"},
    ]
    assert len({args_hash(get_balance, form) for form in forms}) == 1
    assert args_hash(get_balance, {"account": "12345679"}) != args_hash(get_balance, forms[0])


def test_the_hash_of_arguments_is_the_same_in_every_process() -> None:
    program = (
        "from tests.unit.agents.models import *; from journeyman.agents import args_hash;"
        "print(args_hash(get_balance, BalanceArgs(account='12345678', labels={'a', 'b', 'c', 'd'})))"
    )
    hashes = {subprocess.check_output([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}) for seed in "12"}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ('{"account": "12345678", "currency": "EUR"}', "currency"),
        ('{"account": "1"}', "account"),
        ("{}", "account"),
        ('{"account": ', ""),
    ],
)
def test_arguments_that_do_not_fit_are_refused_by_field(arguments: str, field: str) -> None:
    with pytest.raises(InputError) as raised:
        get_balance.parse(arguments)
    assert raised.value.field == field


def test_an_integer_that_json_readers_round_is_refused() -> None:
    model = create_model("Args", amount=(int, ...))

    async def pay(args: BaseModel, call: ToolCall) -> Balance:
        """Pays."""
        return Balance(balance_cents=1)

    pay.__annotations__["args"] = model
    declare: Callable[[Any], Any] = tool(mode="at_most_once")
    with pytest.raises(InputError, match="too large"):
        declare(pay).parse('{"amount": 9007199254740993}')


def test_null_and_absent_arguments_are_the_same() -> None:
    model = create_model("Args", note=(str | None, None))
    assert plain_arguments(model(note=None)) == plain_arguments(model()) == {}


def test_declaring_an_agent_loads_no_http_client() -> None:
    program = "import sys, journeyman.agents; print({'openai', 'httpx2', 'starlette', 'uvicorn'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "set()"
