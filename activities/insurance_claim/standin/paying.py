"""The script of `payments`: a link, the customer, the status, the receipt. Card data is never taken."""

import re
from typing import Any

from activities.insurance_claim.standin.saying import fresh, money
from journeyman.agents.standin import StandinReply, StandinRequest, call, hand_over, result, say

MOST_LINKS = 3
MOST_CHECKS = 8

_REFUSES = re.compile(
    r"\b(?:can'?t|cannot|won'?t|will not|don'?t want to|refuse to|unable to|not able to) (?:pay|afford|open|use|click)"
    r"|\blink\b[^.?!]{0,30}\b(?:not|doesn'?t|isn'?t|broken|dead)\b|\b(?:another|other|different) way\b",
    re.IGNORECASE,
)
_CARD_WARNINGS = (
    "Please do not type card data here: the secure page takes it.",
    "Card data has no place in this conversation, so please use the secure page.",
    "Thank you, but please leave card data to the secure page.",
)
_NOT_YET = (
    "I do not see the payment yet.",
    "The payment has not arrived so far.",
    "It still shows as open.",
    "No payment shows yet.",
)
_WRITE_WHEN = ("Write to me once it is done, and I look again.", "I look again when you write.")


def payments(request: StandinRequest) -> StandinReply:
    """Sends the link, waits for the customer, looks whether it is paid, and gives the receipt."""
    settlement = request.input if isinstance(request.input, dict) else {}
    excess = settlement.get("excess_minor")
    if not isinstance(excess, int) or excess <= 0:
        return hand_over("nothing_to_collect", "The settlement names no excess to collect.")
    links = [outcome for outcome in request.outcomes if outcome.tool == "create_payment_link"]
    checks = [outcome for outcome in request.outcomes if outcome.tool == "payment_status"]
    made = [link.result for link in links if isinstance(link.result, dict)]
    if not made:
        if links:
            return hand_over("no_link", "The payment link could not be made.", tried=("create_payment_link",))
        return call("create_payment_link", amount_minor=excess, reference="excess")
    link = made[-1]
    told = [line for line in request.lines if line.author_kind == "ai" and str(link["url"]) in line.text]
    if not told:
        return _tell(request, link, again=len(made) > 1)
    if not request.latest:
        return say(fresh(request.lines, _NOT_YET, _WRITE_WHEN))
    status = checks[-1] if checks else None
    if len(checks) < _answers(request):
        return call("payment_status", token=str(link["token"]))
    return _after(request, link, status, len(made), len(checks))


def _after(request: StandinRequest, link: dict[str, Any], status: Any, made: int, checked: int) -> StandinReply:
    found = status.result if status is not None and isinstance(status.result, dict) else None
    if found is None:
        return hand_over("status_unknown", "The payment provider does not tell the status.", tried=("payment_status",))
    if found["status"] == "paid" and status.args.get("token") == link["token"]:
        receipt = {"token": link["token"], "amount_minor": found["amount_minor"], "status": "paid"}
        return result(receipt, say=f"Thank you, your payment of {money(found['amount_minor'])} has arrived.")
    if found["status"] in ("failed", "expired") and status.args.get("token") == link["token"]:
        if made >= MOST_LINKS:
            return hand_over("payment_failed", "The payment failed several times.", tried=("create_payment_link",))
        return call("create_payment_link", amount_minor=link["amount_minor"], reference=f"excess-{made + 1}")
    if _REFUSES.search(request.latest) or checked >= MOST_CHECKS:
        return hand_over("payment_open", "The excess has not been paid by the link.", open=("collect the excess",))
    if "[card]" in request.latest or "[cvv]" in request.latest:
        return say(fresh(request.lines, _CARD_WARNINGS, (str(link["url"]),)))
    return say(fresh(request.lines, _NOT_YET, _WRITE_WHEN))


def _tell(request: StandinRequest, link: dict[str, Any], *, again: bool) -> StandinReply:
    before = "Here is a new one." if again else "Your claim has been assessed, and the excess is yours to pay."
    return say(
        fresh(
            request.lines,
            (before,),
            (f"Please pay {money(link['amount_minor'])} on this secure page: {link['url']}",),
            ("Write to me once it is done.",),
        )
    )


def _answers(request: StandinRequest) -> int:
    """How many times the customer has written since the first link was told, each time after something that we said."""
    count, told, heard = 0, False, False
    for line in request.lines:
        if line.author_kind == "ai" and line.audience == "customer":
            told, heard = told or "secure page: " in line.text, False
        elif line.author_kind == "customer" and told and not heard:
            count, heard = count + 1, True
    return count
