"""The questions that governance answers, as functions, and the collaboration model that falls out of the answers."""

from collections.abc import Iterable
from typing import Literal

from pydantic import JsonValue

from journeyman.governance.authorizer import NOT_PERMITTED, Authorizer
from journeyman.governance.decision import Decision, Principal, Question, Resource
from journeyman.governance.facts import Facts

CollaborationModel = Literal["autonomous", "loop_in", "assistive", "human"]
"""How a step is worked, as entries say: `autonomous` or `loop_in` beside the decision on a result, `assistive` or `human` where
a person works it; where the step names no AI agent, `human`."""


def may_perform(authorizer: Authorizer, agent: str, step: Resource, facts: Facts) -> Decision:
    """May this AI agent work this step now? Denied: a person works."""
    return _ask(authorizer, agent, "perform", step, facts)


def may_assist(authorizer: Authorizer, agent: str, step: Resource, facts: Facts) -> Decision:
    """May this AI agent help the person who works this step? Denied: the person works alone."""
    return _ask(authorizer, agent, "assist", step, facts)


def may_complete(authorizer: Authorizer, agent: str, step: Resource, facts: Facts) -> Decision:
    """May this AI agent's result, which `facts` describe, count without a person? Denied: a review carries its draft."""
    return _ask(authorizer, agent, "complete", step, facts)


def may_say(authorizer: Authorizer, agent: str, step: Resource, facts: Facts) -> Decision:
    """May this AI agent send the text that the `speech_*` facts describe? Denied: a review, or a person answers."""
    return _ask(authorizer, agent, "say", step, facts)


def may_ask(authorizer: Authorizer, agent: str, step: Resource, facts: Facts) -> Decision:
    """May this AI agent ask a person a question and keep the step?"""
    return _ask(authorizer, agent, "ask", step, facts)


def may_call(
    authorizer: Authorizer, agent: str, step: Resource, facts: Facts, tool: str, args: dict[str, JsonValue]
) -> Decision:
    """May this AI agent run this tool with these arguments? Denied: see `may_propose`.

    A tool that is called like another action is denied: with arguments, no other action of an agent fits the schema, and
    `propose:TOOL` is not asked for here.
    """
    return _ask(authorizer, agent, tool if ":" not in tool else f"call:{tool}", step, facts, args)


def may_propose(
    authorizer: Authorizer, agent: str, step: Resource, facts: Facts, tool: str, args: dict[str, JsonValue]
) -> Decision:
    """May this AI agent ask a person to approve exactly this call of a tool?

    Worth asking only where `may_call` allows it once `facts.approved`; the call is decided with that again when it runs.
    """
    return _ask(authorizer, agent, f"propose:{tool}", step, facts, args)


def unpermitted(authorizer: Authorizer, steps: Iterable[tuple[str, Resource]]) -> list[str]:
    """What to mend where a step names an AI agent that no policy ever permits to perform it, with a policy that does.

    `steps` are (agent, step). A step that a policy forbids it, such as a care step, is as its author meant it.
    """
    return [
        f"step `{step.id}` names the AI agent `{agent}`, but no policy permits it to perform; if it may, write\n"
        + _permit(agent, step)
        for agent, step in steps
        if (decision := may_perform(authorizer, agent, step, Facts())).reason == NOT_PERMITTED and not decision.policies
    ]


def _permit(agent: str, step: Resource) -> str:
    """A whole policy: to work the step, talk with the customer about it, ask people, and complete it."""
    name = step.id.rpartition("/")[2]
    return (
        f"// The AI agent `{agent}` does the step `{name}`.\n"
        f'@id("{agent}-{name}")\n'
        '@serves("NAME THE RULE")\n'
        "permit (\n"
        f'  principal == AIAgent::"{agent}",\n'
        '  action in [Action::"perform", Action::"say", Action::"ask", Action::"complete"],\n'
        f'  resource == Step::"{step.id}"\n'
        ");"
    )


def _ask(
    authorizer: Authorizer,
    agent: str,
    action: str,
    step: Resource,
    facts: Facts,
    args: dict[str, JsonValue] | None = None,
) -> Decision:
    question = Question(principal=Principal.agent(agent), action=action, resource=step, facts=facts, args=args)
    return authorizer.decide(question)
