"""Who helps with a task, and whether policy lets them `assist` it now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeyman.agents.agent import AIAgent
from journeyman.agents.copilot import COPILOT
from journeyman.agents.endpoint import Endpoint
from journeyman.conversation.transcript import Message
from journeyman.governance import Decision, Facts, may_assist
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk, Standing, resource_of_step
from journeyman.tasks.models import Task
from journeyman.tasks.suggestions import sql


@dataclass(frozen=True)
class Copilot:
    """One a process."""

    desk: Desk
    agents: Mapping[str, AIAgent]
    endpoint: Callable[[], Endpoint | None]
    """The model's endpoint; None where none is set up."""


async def decide(
    copilot: Copilot,
    conn: Connection,
    task: Task,
    standing: Standing,
    messages: Sequence[Message],
    endpoint: Endpoint | None,
    *,
    answered: bool = False,
) -> tuple[AIAgent, Decision, Facts]:
    """Ask policy, with all that was said so far. `answered`: the endpoint has answered, and how it stands now is no matter."""
    agent = _agent(copilot, task)
    given = await _beside(conn, copilot, task, agent, messages) | {
        "ai_available": answered or (endpoint is not None and not endpoint.spared)
    }
    facts = standing.facts.model_copy(update=given)
    step = copilot.desk.steps(task.journey_kind, task.journey_version, task.step)
    return agent, may_assist(standing.authorizer, agent.name, resource_of_step(task.journey_kind, step), facts), facts


def _agent(copilot: Copilot, task: Task) -> AIAgent:
    """Who helps with a task. An agent that this process does not know helps by its name, and policy finds it unpublished."""
    name = copilot.desk.steps(task.journey_kind, task.journey_version, task.step).ai or COPILOT.name
    return copilot.agents.get(name) or COPILOT.model_copy(update={"name": name})


async def _beside(
    conn: Connection, copilot: Copilot, task: Task, agent: AIAgent, messages: Sequence[Message]
) -> dict[str, Any]:
    """The facts of the moment that a person's own decision does not need."""
    row = await conn.fetchrow(sql["beside"], task.journey_id, agent.name)
    heard = [each for each in messages if each.author_kind == "customer" and each.position > row["taken"]]
    recent = [each.signals.sentiment for each in heard if each.kind == "text"][-3:]
    own = agent.name == COPILOT.name and COPILOT.name not in copilot.agents
    return {
        "sentiment": round(sum(recent) / len(recent)) if recent else 0,
        "triggers": frozenset[str]().union(*(each.signals.triggers for each in heard)),
        "stopped": row["stopped"],
        "published": own or row["agent_version"] == agent.hash,  # the copilot's own words come with the release
    }
