"""The script of `assessor`: the written rules, applied to the claim form."""

import re
from typing import Any

from activities.insurance_claim.standin.saying import money
from journeyman.agents.standin import StandinReply, StandinRequest, ask, result
from journeyman.conversation.money import amounts

EXCESS = 30_000
"""Minor units."""

_WORN = re.compile(
    r"\b(?:rust\w*|wear|worn|wore|corro\w+|mechanical|broke(?:n)? down|breakdown|clutch|gearbox|battery)\b",
    re.IGNORECASE,
)
_UNKNOWN_PARTY = re.compile(
    r"\b(?:unknown|drove (?:off|away)|fled|ran away|hit[- ]and[- ]run|thie(?:f|ves)|stolen|theft|vandal\w*"
    r"|someone|somebody|strangers?"
    r"|not known|do(?:n'?t| not) know)\b",
    re.IGNORECASE,
)


def assessor(request: StandinRequest) -> StandinReply:
    """Drafts the settlement from the form by the rules; what a colleague notes on a returned draft is followed."""
    form = request.input
    if not isinstance(form, dict) or not isinstance(form.get("repair_estimate_minor"), int):
        return ask("The claim form has no repair estimate. What does the garage estimate?")
    outcome, amount, reasons = _by_rules(form)
    noted = next((minor for note in reversed(request.notes) if (minor := _noted(note)) is not None), None)
    if noted is not None and outcome != "refuse" and noted <= amount:
        if noted < amount:
            outcome = "reduce"
        amount, reasons = noted, f"{reasons} The adjuster sets the settlement at {money(noted)}."
    return result(
        {"outcome": outcome, "amount_minor": amount, "excess_minor": EXCESS, "reasons": reasons},
        probability=930 if outcome == "pay" else 760,
    ).but(confidence=900 if outcome == "pay" else 700)


def _by_rules(form: dict[str, Any]) -> tuple[str, int, str]:
    estimate = int(form["repair_estimate_minor"])
    damage, party = str(form.get("damage", "")), str(form.get("other_party", ""))
    figures = f"The repair estimate is {money(estimate)} and the excess {money(EXCESS)}."
    if _WORN.search(damage):
        return "refuse", 0, "Wear and tear, rust and mechanical breakdown are not insured. " + figures
    if estimate <= EXCESS:
        return "refuse", 0, "The repair costs no more than the excess, so that nothing is left to pay. " + figures
    settlement = estimate - EXCESS
    if _UNKNOWN_PARTY.search(f"{party} {damage}") and not str(form.get("police_reference") or "").strip():
        reasons = "Another party is unknown and there is no reference of the police, so that half of it is settled. "
        return "reduce", settlement // 2, reasons + figures
    return "pay", settlement, "The repair estimate less the excess is settled. " + figures


def _noted(note: str) -> int | None:
    found = [amount.minor for amount in amounts(note) if amount.minor is not None]
    return found[-1] if found else None
