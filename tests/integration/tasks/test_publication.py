"""What a person puts in force is what was checked."""

import pytest
from pydantic import BaseModel

from activities.bank_service.agents import TELLER
from journeyman.agents import ToolCall, tool
from journeyman.errors import DeniedError
from journeyman.tasks import roster
from journeyman.tasks.publication import publish_agents
from tests.integration.tasks.world import CLI, NOW, ROSTER, World


class Account(BaseModel):
    """Arguments that the policies do not know."""

    account: str


class Balance(BaseModel):
    """What the tool answers."""

    balance_minor: int


@tool(mode="read")
async def get_balance(args: Account, call: ToolCall) -> Balance:
    """The tool of that name as the next build may have it."""
    return Balance(balance_minor=len(args.account))


async def author(world: World) -> None:
    people = ROSTER["people"] | {"paula": {"name": "Paula", "teams": [], "roles": ["author"]}}
    await roster.apply(world.desk, ROSTER | {"people": people}, CLI, NOW)


async def test_an_agent_whose_tools_the_policies_know_is_published(world: World) -> None:
    await author(world)
    assert await publish_agents(world.desk, [TELLER], "paula", auth="token", now=NOW) == ["teller"]


async def test_an_agent_whose_tools_have_drifted_from_the_policies_is_not_published(world: World) -> None:
    await author(world)
    drifted = TELLER.model_copy(update={"tools": (get_balance,)})
    with pytest.raises(
        DeniedError, match=r"has not passed its check.*`get_balance` of `teller`.*policies first"
    ) as denied:
        await publish_agents(world.desk, [drifted], "paula", auth="token", now=NOW)
    assert denied.value.policies == ("publish-only-checked",)
    assert await world.value("select count(*) from publication") == 0
