"""The canary: questions that must be denied, asked of every bundle before anyone else may ask it.

Entities parsed without the schema lose the hierarchy of actions: a forbid on a group of actions then silently does not
apply, and nothing else tells. So at every load an agent that is permitted everything asks, and must be refused.
"""

from dataclasses import replace

from journeyman.errors import PolicyError
from journeyman.governance.cedar import Cedar
from journeyman.governance.decision import Principal, Question, Resource
from journeyman.governance.facts import Facts

_ACTIONS = ("perform", "assist", "ask", "say", "complete", "canary")
"""One of each group, `canary` as deep as every tool: in call_tool, in serve, in act."""

_AGENT = Principal.agent("canary")
_STEP = Resource.step("canary", "canary", queue="canary")
_PERMIT = 'permit(principal == AIAgent::"canary", action, resource is Step);'
_FORBID = 'forbid(principal == AIAgent::"canary", action in Action::"act", resource);'


def release_canary(cedar: Cedar) -> None:
    """Raises PolicyError unless a forbid on the group `act` denies every action in it, and `facts.stopped` does too."""
    permitted = cedar.with_policies(_PERMIT)
    forbidden = permitted.with_policies(_FORBID)
    for action in _ACTIONS:
        question = Question(principal=_AGENT, action=action, resource=_STEP)
        outcome = forbidden.evaluate(question)
        if outcome.allowed or outcome.errors or len(permitted) not in outcome.reasons:
            raise PolicyError(
                f"the canary lives: a forbid on the group `act` does not deny `{action}`"
                f" ({'; '.join(outcome.errors) or 'it is not reached'}); use the schema that Journeyman ships"
            )
        outcome = permitted.evaluate(replace(question, facts=Facts(stopped=True)))
        if outcome.allowed or outcome.errors:
            raise PolicyError(
                f"the canary lives: `{action}` is not denied when `facts.stopped`"
                f" ({'; '.join(outcome.errors) or 'it is allowed'}); forbid the group `act` when `context.facts.stopped`"
            )
