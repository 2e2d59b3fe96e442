"""The four scripts: pure functions from what the model is shown to what it answers."""

from typing import Any

from activities.bank_service.standin import wording
from activities.bank_service.standin.found import PIN, found_in, is_talk
from activities.bank_service.standin.incidents import amount_of, is_substantial, statement, text_of
from activities.bank_service.standin.proof import BY_ANSWERS, BY_PIN, Proof, asked_for, proof
from activities.bank_service.standin.wishes import open_wishes, said_in
from journeyman.agents.prompt import Line
from journeyman.agents.standin import StandinReply, StandinRequest, call, hand_over, result, say

MOST_TRIES = 3
"""How often the bank is asked to check before a person looks at it."""

MOST_BARREN = 5
"""How many lines without anything about identity before a person looks at it."""


def receptionist(request: StandinRequest) -> StandinReply:
    """Finds out what the customer wants next."""
    lines = request.lines
    waiting = _waiting(request)
    wish = next(open_wishes(lines), None)
    if wish is not None and (wish.kind != "other" or waiting):
        details = wish.text[:500]
        if wish.kind == "other":
            return _result({"wish": "other", "details": details}, say=wording.out_of_scope(lines), intent="other")
        return _result({"wish": wish.kind, "details": details}, intent=wish.kind)
    if not waiting:
        if _gone(lines):
            return _result({"wish": "nothing", "details": ""})
        return say(wording.anything_else(lines) if _spoken(lines) else wording.greet(lines))
    said = [said_in(text) for text in waiting]
    if any(one.doubt for one in said) and wording.times_told(lines, wording.BALANCE_TOLD):
        return say(wording.offer_report(lines))
    closing = max(one.closing for one in said)
    if closing == 1 and _last_of_ours(lines, wording.OFFERS_REPORT):
        return say(wording.anything_else(lines))
    if closing and not said[-1].hello:
        # After talk of something else, "no, thanks" may have been meant for that.
        enough = {"served": 1, "refused": 1}.get(_latest(lines), 3)
        if closing >= enough or _last_of_ours(lines, wording.FAREWELL_CHECK):
            return _result({"wish": "nothing", "details": waiting[-1][:500]}, say="Goodbye, and thank you.")
        return say(wording.farewell_check(lines))
    if said[-1].hello or not _spoken(lines):
        return say(wording.greet(lines))
    if said[-1].thanks:
        return say(wording.anything_else(lines))
    return say(wording.unclear(lines)).but(understood=_makes_sense(waiting, dealt=bool(_latest(lines))))


def authenticator(request: StandinRequest) -> StandinReply:
    """Collects what proves who the customer is, and has the bank check it."""
    lines = request.lines
    checks = [outcome for outcome in request.outcomes if outcome.tool == "verify_identity"]
    used = frozenset(str(check.args.get("pin")) for check in checks)
    known = proof(lines, used=used, started=_started(lines))
    last = checks[-1] if checks else None
    if last is not None and isinstance(last.result, dict) and last.result.get("verification") in ("basic", "strong"):
        return _result({"outcome": "verified", "missing": []}, say="Thank you, that matches what the bank has.")
    tried = [check.args for check in checks]
    claim = next((claim for claim in known.claims() if claim not in tried), None)
    if claim is not None and len(tried) < MOST_TRIES:
        return call("verify_identity", **claim)
    if last is not None and last.error is not None and len(tried) >= MOST_TRIES:
        return hand_over("bank_unavailable", "The bank's check did not answer.", tried=("verify_identity",))
    waiting = _waiting(request)
    leaves = bool(waiting) and said_in(waiting[-1]).closing >= 2
    if len(tried) >= MOST_TRIES or leaves or known.barren >= MOST_BARREN:
        return _result(
            {"outcome": "not_verified", "missing": known.missing() or ["no match"]},
            say="I am sorry, I could not confirm who you are with what I have.",
        )
    understood = not known.barren or _makes_sense(waiting, dealt=True)
    return say(wording.ask_for(_next(known), lines)).but(understood=understood)


def teller(request: StandinRequest) -> StandinReply:
    """Looks the balance up and tells it."""
    found = [outcome for outcome in request.outcomes if outcome.tool == "get_balance"]
    done = [outcome.result for outcome in found if isinstance(outcome.result, dict)]
    if len(done) > wording.times_told(request.lines, wording.BALANCE_TOLD):
        balance = _dict(done[-1])
        at = f" at {balance['bank_name']}" if balance.get("bank_name") else ""
        return _result(balance, say=f"The balance of your account{at} is {wording.money(balance['balance_minor'])}.")
    if found and found[-1].error is not None:
        return hand_over("balance_unavailable", "The balance could not be looked up.", tried=("get_balance",))
    return call("get_balance")


def fraud_desk(request: StandinRequest) -> StandinReply:
    """Finds out what happened, and files it."""
    lines = request.lines
    found = [outcome for outcome in request.outcomes if outcome.tool == "file_fraud_report"]
    done = [outcome for outcome in found if isinstance(outcome.result, dict)]
    if len(done) > wording.times_told(lines, wording.REPORT_FILED):
        filed, args = _dict(done[-1].result), done[-1].args
        report = {"reference": filed["reference"], "text": args["text"], "amount_minor": args.get("amount_minor")}
        return _result(report, say=f"Your fraud report is filed. Its reference is {filed['reference']}.")
    if found and found[-1].error is not None:
        return hand_over(
            "report_not_filed",
            "The fraud report could not be filed.",
            tried=("file_fraud_report",),
            open=("file the report",),
        )
    words = statement(lines)
    asked = _asked_in_step(lines)
    if words and (is_substantial(words) or asked >= 2):
        amount = amount_of(words)
        return call("file_fraud_report", text=text_of(words), **({} if amount is None else {"amount_minor": amount}))
    if asked >= 3:
        return hand_over("no_details", "The customer wants to report fraud and has not said what happened.")
    return say(wording.details(lines))


# What the scripts share ------------------------------------------------------------------------------------------------


def _result(value: dict[str, Any], *, say: str | None = None, intent: str | None = None) -> StandinReply:
    return result(value, say=say).but(intent=intent)


def _waiting(request: StandinRequest) -> tuple[str, ...]:
    """What the customer has said since anyone last spoke to them."""
    found: list[str] = []
    for line in reversed(request.lines):
        if line.author_kind == "customer":
            found.append(line.text)
        elif line.author_kind in ("ai", "person") and line.audience == "customer":
            break
    return tuple(reversed(found))


def _makes_sense(waiting: tuple[str, ...], *, dealt: bool) -> bool:
    """Whether lines without a wish can be placed: they say who the customer is, or are talk, once something was `dealt` with
    that it can be about."""
    found = [found_in(text) for text in waiting]
    return not waiting or any(one.values or one.pins for one in found) or (dealt and any(map(is_talk, waiting)))


def _spoken(lines: tuple[Line, ...]) -> bool:
    return any(line.author_kind in ("ai", "person") for line in lines)


def _latest(lines: tuple[Line, ...]) -> str:
    """What was last done with a wish: `served`, `refused` or `out_of_scope`; empty: nothing yet."""
    for line in reversed(lines):
        if line.author_kind == "customer":
            continue
        if wording.BALANCE_TOLD.search(line.text) or wording.REPORT_FILED.search(line.text):
            return "served"
        if wording.NOT_VERIFIED.search(line.text):
            return "refused"
        if wording.OUT_OF_SCOPE.search(line.text):
            return "out_of_scope"
    return ""


def _gone(lines: tuple[Line, ...]) -> bool:
    """Whether the customer said farewell before they were told that they could not be verified."""
    last = next((at for at in reversed(range(len(lines))) if lines[at].author_kind == "customer"), None)
    if last is None or said_in(lines[last].text).closing < 3:
        return False
    ours = [line.text for line in lines[last + 1 :] if line.author_kind == "ai"]
    return len(ours) == 1 and wording.NOT_VERIFIED.search(ours[0]) is not None


def _last_of_ours(lines: tuple[Line, ...], pattern: Any) -> bool:
    """Whether the last line that an AI agent said matches."""
    last = next((line.text for line in reversed(lines) if line.author_kind == "ai" and line.audience == "customer"), "")
    return pattern.search(last) is not None


def _started(lines: tuple[Line, ...]) -> int:
    """Where identity was first asked for: the customer's line before that question counts too."""
    first = next((at for at, line in enumerate(lines) if line.author_kind == "ai" and asked_for(line.text)), len(lines))
    return max(first - 1, 0)


def _next(known: Proof) -> str:
    """The field to ask for: the bank's order, around what the customer cannot give."""
    way = BY_ANSWERS if known.cannot & set(BY_PIN[1:]) else BY_PIN
    for names in (way, BY_ANSWERS if way == BY_PIN else BY_PIN):
        for name in names:
            if name not in known.cannot and not known.has(name):
                return name
    # All that they have did not match, or they do not have it: a PIN may still come back to them.
    return next((name for name in (PIN, *BY_ANSWERS) if not known.has(name)), BY_ANSWERS[1])


def _asked_in_step(lines: tuple[Line, ...]) -> int:
    """How often details were asked for since the last report was filed."""
    asked = 0
    for line in lines:
        if line.author_kind == "ai":
            asked = (
                0 if wording.REPORT_FILED.search(line.text) else asked + bool(wording.WANTS_DETAILS.search(line.text))
            )
    return asked


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
