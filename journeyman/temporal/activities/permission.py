"""May this AI agent work on this step now? Asked before every model call, and again when one came to nothing."""

from collections.abc import Mapping
from typing import Any

from journeyman.governance import CollaborationModel, Decision, may_assist, may_perform
from journeyman.journey.contract import Progress
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording
from journeyman.temporal import record
from journeyman.temporal.context import Context


def permit(tx: Recording, context: Context, progress: Progress, given: Mapping[str, Any] | None = None) -> Decision:
    """Decide and record it. `given` are facts of the turn before: that it failed, and how, or what it would have said."""
    agent = context.engine.project.agents[context.step.ai or ""]
    facts = context.facts(progress, given)
    decided = may_perform(context.authorizer, agent.name, context.resource, facts)
    details: dict[str, str | bool | int] = {"agent_version": agent.hash, "turn": progress.turns + 1}
    if not decided.allowed:
        assisted = may_assist(context.authorizer, agent.name, context.resource, facts)
        model: CollaborationModel = "assistive" if assisted.allowed else "human"
        details["collaboration"] = model
    actor = Actor(kind="ai", id=agent.name)
    tx.record(record.decision(context.situation, actor, context.step.name, decided, facts, details=details))
    return decided
