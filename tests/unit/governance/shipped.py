"""The shipped bundle, and strategies of facts, for the tests beside this file."""

from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from journeyman.governance import Authorizer, Bundle, Facts, Resource
from journeyman.governance.bundle import read

POLICIES = Path(__file__).parents[3] / "policies"

UNDERSTAND = Resource.step("bank-service", "understand-request", queue="bank-care")
AUTHENTICATE = Resource.step("bank-service", "authenticate", queue="bank-care")
BALANCE = Resource.step("bank-service", "inform-balance", queue="bank-care")
FRAUD = Resource.step("bank-service", "report-fraud", queue="fraud-desk")
LOSS = Resource.step("insurance-claim", "report-loss", queue="claims-care", care=True)
FORM = Resource.step("insurance-claim", "fill-claim-form", queue="claims-care")
ASSESS = Resource.step("insurance-claim", "assess-claim", queue="adjusters")
EXCESS = Resource.step("insurance-claim", "collect-excess", queue="claims-care")

WORKED = [
    ("receptionist", UNDERSTAND),
    ("authenticator", AUTHENTICATE),
    ("teller", BALANCE),
    ("fraud-desk", FRAUD),
    ("form-filler", FORM),
    ("assessor", ASSESS),
    ("payments", EXCESS),
]

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("verify_identity", {"full_name": "Brian White", "pin": "[pin:sec-1]"}),
    ("get_balance", {}),
    ("file_fraud_report", {"text": "a transfer that I did not make", "amount_minor": 10_000}),
    ("create_payment_link", {"amount_minor": 20_000, "reference": "claim-1"}),
    ("payment_status", {"token": "tok-1"}),
    ("search_knowledge", {"query": "opening hours"}),
]

TOLD = frozenset({"ai-disclosure", "recording"})


@cache
def files() -> dict[str, str]:
    """The shipped bundle's texts."""
    return read(POLICIES)


@cache
def authorizer() -> Authorizer:
    """One of the shipped bundle."""
    return Authorizer(Bundle.from_files(files()))


def with_policy(text: str) -> Authorizer:
    """One of the shipped bundle and a file more."""
    return Authorizer(Bundle.from_files(files() | {"more.cedar": text}))


_WORDS = {
    "triggers": ["person_request", "distress", "fraud", "legal", "cancellation", "complaint"],
    "notices": ["ai-disclosure", "recording"],
    "consents": ["no-ai", "marketing"],
    "support_needs": ["vulnerable", "large-print"],
    "unevidenced": ["token", "reference"],
    "speech_commitments": ["promise_payment", "refusal"],
    "speech_reveals": ["card"],
    "speech_asks": ["card", "pin"],
}
_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)


def _strategy(name: str) -> st.SearchStrategy[Any]:
    annotation = Facts.model_fields[name].annotation
    if name in _WORDS:
        return st.frozensets(st.sampled_from(_WORDS[name]) | _TEXT, max_size=4)
    if name == "verification":
        return st.sampled_from(["none", "basic", "strong"])
    if name == "sentiment":
        return st.integers(-100, 100)
    if name in ("token_probability", "claimed_confidence"):
        return st.none() | st.integers(0, 1000)
    if name == "turns_left":
        return st.none() | st.integers(0, 40)
    if name in ("amount", "due", "stated_amount"):
        return st.none() | st.integers(-(2**53) + 1, 2**53 - 1)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(0, 40) | st.integers(0, 2**53 - 1)
    if annotation is str:
        return _TEXT
    return st.none() | st.sampled_from(["pay", "refuse", "not_verified", "timeout"]) | _TEXT


def facts(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Facts]:
    """Any facts at all; `fixed` replaces the strategy of a field."""
    return st.builds(Facts, **{name: _strategy(name) for name in Facts.model_fields} | fixed)


def benign() -> st.SearchStrategy[Facts]:
    """Facts of ordinary moments: those in which most agents may act."""
    return st.builds(
        Facts,
        notices=st.just(TOLD),
        verification=st.sampled_from(["none", "basic", "strong"]),
        amount=st.none() | st.integers(0, 200_000),
        result_outcome=st.sampled_from([None, "pay", "refuse", "not_verified"]),
        token_probability=st.none() | st.integers(700, 1000),
        calibrated=st.booleans(),
        turns=st.integers(0, 25),
        failed_turns=st.integers(0, 2),
        sentiment=st.integers(-70, 100),
        customer_tier=st.sampled_from(["standard", "vip"]),
        approved=st.booleans(),
        sampled=st.booleans(),
    )


def texts() -> tuple[str, str]:
    """Its schema, and its policies, each as one text."""
    shipped = files()
    schema = shipped["schema.cedarschema"] + shipped["tools.cedarschema"]
    return schema, "\n".join(text for name, text in shipped.items() if name.endswith(".cedar"))
