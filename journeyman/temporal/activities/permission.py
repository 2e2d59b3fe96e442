"""May this AI agent work on this step now? Asked before every model call, and again when one has failed."""

from collections.abc import Mapping
from typing import Any

from journeyman.governance import Decision, may_assist, may_perform
from journeyman.journey.contract import Progress
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording
from journeyman.temporal import record
from journeyman.temporal.context import Context


def permit(tx: Recording, context: Context, progress: Progress, given: Mapping[str, Any] | None = None) -> Decision:
    """Decide and record it. `given` are facts of the turn before: that it failed, and how."""
    agent = context.engine.project.agents[context.step.ai or ""]
    facts = context.facts(progress, given)
    decided = may_perform(context.authorizer, agent.name, context.resource, facts)
    if context.agent_version != agent.hash:
        # What runs is what was published, not whatever file lies on a worker.
        decided = Decision(allowed=False, action="perform", reason="agent_not_published", bundle=decided.bundle)
    elif decided.allowed and progress.turns >= agent.max_turns:
        decided = Decision(allowed=False, action="perform", reason="turn_budget", bundle=decided.bundle)
    details: dict[str, str | bool | int] = {"agent_version": agent.hash, "turn": progress.turns + 1}
    if not decided.allowed:
        assisted = may_assist(context.authorizer, agent.name, context.resource, facts)
        details["collaboration"] = "assistive" if assisted.allowed else "human"
    actor = Actor(kind="ai", id=agent.name)
    tx.record(record.decision(context.situation, actor, context.step.name, decided, facts, details=details))
    return decided
