"""How long the engine waits before it takes another way, in seconds. One place, so that a deployment can change them.

A journey takes the limits of the worker that runs it; replay does not compare them, so a change reaches running journeys.
"""

from datetime import timedelta
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class Limits(BaseSettings):
    """Read once, from the environment (`JOURNEYMAN_LIMIT_...`)."""

    model_config = SettingsConfigDict(env_prefix="JOURNEYMAN_LIMIT_", frozen=True)

    commit: float = 5
    """A local activity: long enough for a commit, short enough that an outage moves the work to a regular activity before
    its retries fill history."""
    turn: float = 300
    """One attempt at a turn of an AI agent."""
    tool: float = 300
    """One attempt at a tool call."""
    heartbeat: float = 10
    """A worker that was not heard of for so long is dead, and its turn or tool call is tried elsewhere."""
    agents_away: float = 120
    """No agent worker took a turn: people get the work."""
    workflow_task: float = 10
    """A worker that took a journey's next task and did not answer is dead."""
    resend: float = 30
    """An event that was sent and is not settled by then is sent again: a journey recognises what it has applied."""


LIMITS = Limits()

Name = Literal["commit", "turn", "tool", "heartbeat", "agents_away", "workflow_task", "resend"]


def limit(name: Name) -> timedelta:
    """One of them, as Temporal wants it."""
    return timedelta(seconds=getattr(LIMITS, name))
