"""How the engine's decisions and effects read in the ledger."""

from collections.abc import Mapping

from pydantic import JsonValue

from journeyman.governance import Decision, Facts
from journeyman.journey.contract import Situation
from journeyman.ledger.entry import Actor, Entry


def decision(
    situation: Situation,
    actor: Actor,
    step: str,
    made: Decision,
    facts: Facts,
    *,
    details: Mapping[str, str | bool | int] | None = None,
    refs: Mapping[str, str] | None = None,
    values: Mapping[str, JsonValue] | None = None,
) -> Entry:
    """The entry of a decision: verdict, policies, bundle, and the facts sealed beside it."""
    clear: dict[str, str | bool | int] = {"verdict": "allow" if made.allowed else "deny", "bundle": made.bundle}
    if made.reason:
        clear["reason"] = made.reason
    if made.errors:
        clear["errors"] = "; ".join(made.errors)
    return Entry(
        type=f"decision.{made.action}",
        at=situation.at,
        actor=actor,
        journey=situation.journey,
        subject=situation.customer,
        refs={"step": step, "effect": situation.effect, **(refs or {})},
        facts=clear | dict(details or {}),
        policies=list(made.policies),
        values={"facts": facts.said, **(values or {})},
    )


def permitted(made: Decision) -> dict[str, str | bool | int]:
    """What the entry of a sentence says of the decision that let it be said."""
    return {"verdict": "allow", "bundle": made.bundle}


def effect(
    situation: Situation,
    actor: Actor,
    type: str,
    *,
    refs: Mapping[str, str] | None = None,
    details: Mapping[str, str | bool | int] | None = None,
    values: Mapping[str, JsonValue] | None = None,
) -> Entry:
    """The entry of something that the engine did."""
    return Entry(
        type=type,
        at=situation.at,
        actor=actor,
        journey=situation.journey,
        subject=situation.customer,
        refs={"effect": situation.effect, **(refs or {})},
        facts=dict(details or {}),
        values=dict(values or {}),
    )
