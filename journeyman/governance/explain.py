"""A decision as a story in plain words: who asked, what was decided, by which policies, and what would change it."""

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from journeyman.governance.authorizer import NOT_PERMITTED, POLICY_ERROR, Authorizer
from journeyman.governance.check import attributes
from journeyman.governance.decision import Decision, Question, StepAttrs, TaskAttrs
from journeyman.governance.facts import Facts

_ACTIONS = {
    "perform": "work",
    "assist": "assist the person who works",
    "complete": "complete",
    "say": "say this to the customer",
    "ask": "ask a person about",
    "hand_back": "hand back to AI",
    "publish_policy": "publish",
    "find": "look customers up in",
    "open_case": "open a case for",
    "schedule": "schedule a callback in",
    "attend": "set the presence of",
    "converse": "talk in",
    "manage": "set the capacity and the skills of",
    "keep_macros": "keep macros of",
}


def explain(authorizer: Authorizer, question: Question) -> str:
    """The story of the decision that the question gets now; several lines."""
    return tell(authorizer, question, authorizer.decide(question))


def tell(authorizer: Authorizer, question: Question, decision: Decision) -> str:
    """The story of a decision that this authorizer's bundle took."""
    may = "may" if decision.allowed else "may not"
    lines = [f"{_who(question)} {may} {_what(question)}."]
    if decision.reason == POLICY_ERROR:
        lines += ["It could not be decided, and what cannot be decided is refused:"]
        lines += [f"- {error}" for error in decision.errors]
    elif decision.reason == NOT_PERMITTED and not decision.policies:
        lines.append("No policy permits it, and what nobody permits is refused.")
    for id in decision.policies:
        policy = authorizer.bundle.policy(id)
        lines.append(
            f"- `{id}` {policy.effect}s it: {policy.intent} ({policy.place}, serves {authorizer.bundle.serves(id)})"
        )
    if decision.reason and decision.reason not in (POLICY_ERROR, NOT_PERMITTED):
        lines.append(f"The work goes to a person with the reason `{decision.reason}`.")
    if not decision.allowed:
        lines += [f"It would be allowed if {change}." for change in would_allow(authorizer, question, decision)]
    lines.append(f"Decided by bundle {decision.bundle[:12]}.")
    return "\n".join(lines)


def would_allow(authorizer: Authorizer, question: Question, decision: Decision) -> list[str]:
    """Single facts that, were they otherwise, would turn this denial: `verification` were `basic`.

    Tries only facts that the forbidding policies read, with values that those policies name; so it finds what one fact
    can change, and says nothing where more than one is in the way.
    """
    found = []
    for name, value in _candidates(authorizer, question, decision):
        try:
            facts = Facts.model_validate(question.facts.model_dump() | {name: value})
        except ValidationError:
            continue  # a word of the policy that this fact cannot be
        if authorizer.decide(replace(question, facts=facts)).allowed:
            found.append(f"`{name}` were {_shown(value)}")
    return found


def _candidates(authorizer: Authorizer, question: Question, decision: Decision) -> Iterator[tuple[str, object]]:
    forms = [authorizer.bundle.policy(id).form for id in decision.policies]
    read = {name for form in forms for name in attributes(form)}
    words = sorted({word for form in forms for word in _words(form)})
    for name, field in Facts.model_fields.items():
        if name not in read:
            continue
        value = getattr(question.facts, name)
        tried: list[object] = [field.get_default()]
        if isinstance(value, bool):
            tried = [not value]
        elif isinstance(value, frozenset):
            tried = [value | set(words), value - set(words), frozenset()]
        elif field.annotation == (str | None) or isinstance(value, str):
            tried += words
        seen: list[object] = [value]
        for candidate in tried:
            if candidate not in seen:
                seen.append(candidate)
                yield name, candidate


def _words(node: object) -> Iterator[str]:
    """String literals in Cedar's JSON form of a policy's conditions."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "Value" and isinstance(value, str):
                yield value
            elif key not in ("annotations", "principal", "action", "resource"):
                yield from _words(value)
    elif isinstance(node, list):
        for item in node:
            yield from _words(item)


def _shown(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, frozenset):
        return ", ".join(f"`{item}`" for item in sorted(value)) or "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _who(question: Question) -> str:
    kind = {"AIAgent": "AI agent", "Person": "Person", "Customer": "Customer", "System": "The engine"}[
        question.principal.type
    ]
    return f"{kind} `{question.principal.id}`"


def _what(question: Question) -> str:
    action, resource = question.action, question.resource
    if question.args is not None and question.principal.type == "AIAgent":
        proposed = action.removeprefix("propose:")
        action = f"call `{action}` in" if proposed == action else f"propose `{proposed}` in"
    else:
        action = _ACTIONS.get(action, action.replace("_", " "))
        if question.action == "view" and question.args is not None:
            action = f"view `{question.args.get('field')}` of"
        elif question.action == "say":
            action += " in"
    match resource.attrs:
        case StepAttrs() as step:
            return f"{action} the step `{step.name}` of `{step.kind}`"
        case TaskAttrs() as task:
            return f"{action} the {task.kind} task `{resource.id}` (step `{task.step}`)"
        case _:
            return f"{action} the {resource.type.lower() if resource.type != 'AIAgent' else 'AI agent'} `{resource.id}`"
