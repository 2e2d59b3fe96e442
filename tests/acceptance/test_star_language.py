"""The language parts on recorded conversations: 216 bank dialogues of STAR, typed by people, typos and all.

The numbers asserted are the measured ones: better is welcome and then written down here, worse is a regression.
"""

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from journeyman.conversation.masking import Masked, find_secrets, mask
from journeyman.conversation.sentiment import falling, sentiment
from journeyman.conversation.speech import UNREAD, Speech, assess
from journeyman.conversation.triggers import triggers

DATA = Path(os.environ.get("JOURNEYMAN_DATA", Path(__file__).parents[3] / "shared/data"))
STAR = DATA / "star/star.open.jsonl.gz"
FLOWS = DATA / "star/star.policies.json.gz"
MULTIDOGO = DATA / "pii/multidogo_finance.dev.tsv.gz"

pytestmark = pytest.mark.skipif(
    not STAR.exists(), reason=f"no recorded conversations at {STAR}: set JOURNEYMAN_DATA to the folder that holds star/"
)


class Turn(NamedTuple):
    """A customer's message, and what they were told last before it."""

    dialogue: str
    text: str
    asked: str | None


def _rows() -> Iterator[dict[str, Any]]:
    with gzip.open(STAR, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@pytest.fixture(scope="module")
def bank() -> list[dict[str, Any]]:
    return [row for row in _rows() if any(flow and flow.startswith("bank") for flow in row["flow"])]


@pytest.fixture(scope="module")
def turns(bank: list[dict[str, Any]]) -> list[Turn]:
    found = []
    for row in bank:
        asked = None
        for turn in row["turns"]:
            if not (text := turn.get("text")):
                continue
            if turn["speaker"] == "customer":
                found.append(Turn(row["id"], text, asked))
            else:
                asked = text
    return found


@pytest.fixture(scope="module")
def masks(turns: list[Turn]) -> list[tuple[Turn, Masked]]:
    return [(turn, mask(turn.text, asked=turn.asked)) for turn in turns]


def _recorded(bank: list[dict[str, Any]], field: str) -> set[str]:
    """The values that agents filled into this field of the bank's API, as text."""
    return {
        str(action["args"][field])
        for row in bank
        for action in row["actions"]
        if (action.get("api") or "").startswith("bank")
        and (action.get("args") or {}).get(field) not in (None, "", "None")
    }


def _pins(bank: list[dict[str, Any]]) -> set[str]:
    """The PINs of the recordings: recorded ones and those that customers were given to use."""
    given = {
        pin
        for row in bank
        for text in (row["customer"]["profile_text"], json.dumps(row["customer_instructions"]))
        for pin in re.findall(r"PIN(?: is)? (?:either )?(\d{4})(?: or (\d{4}))?", text)
        for pin in pin
        if pin
    }
    return {pin.zfill(4) for pin in _recorded(bank, "PIN") | given if len(pin) <= 4}


def test_every_pin_that_a_customer_typed_is_masked(
    bank: list[dict[str, Any]], masks: list[tuple[Turn, Masked]]
) -> None:
    pins = _pins(bank)
    assert pins == {"0314", "1590", "1596", "3100", "3941", "5380", "5381", "7402", "9431", "9503"}
    typed = 0
    for turn, masked in masks:
        wanted = Counter(number for number in re.findall(r"\d+", turn.text) if number in pins)
        found = Counter(secret.value for secret in masked.secrets if secret.kind == "pin")
        assert wanted <= found, f"{turn.dialogue}: {turn.text}"
        assert not find_secrets(masked.text, pins), f"{turn.dialogue}: {masked.text}"
        typed += wanted.total()
    assert typed == 172


def test_nothing_but_pins_is_masked(bank: list[dict[str, Any]], masks: list[tuple[Turn, Masked]]) -> None:
    pins = _pins(bank)
    others = [
        (turn.dialogue, secret.value or secret.kind)
        for turn, masked in masks
        for secret in masked.secrets
        if secret.kind != "pin" or secret.value not in pins
    ]
    # a customer who repeats the balance as a bare number, with the PIN still the last thing asked for
    assert others == [("star-6648", "3601")]


def test_account_numbers_names_and_birth_dates_stay(
    bank: list[dict[str, Any]], masks: list[tuple[Turn, Masked]]
) -> None:
    kept = [
        value
        for field in ("AccountNumber", "FullName", "DateOfBirth", "SecurityAnswer1", "SecurityAnswer2")
        for value in _recorded(bank, field)
        if not (value.isdigit() and len(value) == 4)
    ]
    assert len(kept) == 90
    seen = Counter[str]()
    for turn, masked in masks:
        for value in kept:
            if (times := turn.text.count(value)) > 0:
                seen[value] += times
                assert masked.text.count(value) == times, f"{turn.dialogue}: {masked.text}"
    assert seen["9931939443153"] >= 10  # thirteen digits that pass the check digit of cards by chance
    assert seen.total() > 500


def test_the_customer_who_wants_to_die_is_in_distress(turns: list[Turn]) -> None:
    sad = [turn for turn in turns if turn.dialogue == "star-3160"]
    assert any("distress" in triggers(turn.text) for turn in sad)
    assert any("person_request" in triggers(turn.text) for turn in sad)
    assert any("vulnerable" in triggers(turn.text) for turn in sad)


def test_triggers_are_rare_and_listed(turns: list[Turn]) -> None:
    found: dict[str, list[str]] = {}
    for turn in turns:
        for name in triggers(turn.text):
            found.setdefault(name, []).append(turn.dialogue.removeprefix("star-"))
    # judged by reading: each is meant, but for the two of star-913 (an apology for it) and star-5382 (shaken, goes on booking)
    assert sorted(found["distress"]) == sorted(
        ["1036", "784", "3160", "1246", "2202", "6438", "913", "913", "2308", "5382"]
    )
    assert sorted(found["bereavement"]) == ["1036", "1246"]
    assert found["person_request"] == ["3160"]
    assert sorted(found["legal"]) == ["2572", "4273"]
    assert found["cancellation"] == ["1293"]
    assert len(found["vulnerable"]) == 10
    assert "complaint" not in found
    assert "medical" not in found
    assert "language_request" not in found


def test_fraud_is_seen_in_all_but_a_few_fraud_dialogues(bank: list[dict[str, Any]]) -> None:
    reports = missed = 0
    for row in bank:
        texts = [turn.get("text") or "" for turn in row["turns"] if turn["speaker"] == "customer"]
        reported = [action for action in row["actions"] if action.get("api") == "bank_fraud_report"]
        if reported:
            reports += 1
            missed += not any("fraud" in triggers(text) for text in texts)
    assert reports == 110
    assert missed <= 11  # most of these speak of money too much, or of nothing but a number


def test_sentiment_separates_theft_from_thanks(bank: list[dict[str, Any]], turns: list[Turn]) -> None:
    theft = [sentiment(turn.text) for turn in turns if re.search(r"\b(?:stole|fraud|robbed)", turn.text, re.IGNORECASE)]
    thanks = [
        sentiment(turn.text) for turn in turns if re.match(r"(?:great|awesome|thank|perfect)", turn.text, re.IGNORECASE)
    ]
    assert sum(theft) / len(theft) < -20
    assert sum(thanks) / len(thanks) > 20
    assert sum(score > 0 for score in theft) <= len(theft) // 10
    assert sum(score < 0 for score in thanks) <= len(thanks) // 10
    falls = 0
    for row in bank:
        scores = [
            sentiment(turn["text"]) for turn in row["turns"] if turn["speaker"] == "customer" and turn.get("text")
        ]
        falls += any(falling(scores[:length]) for length in range(len(scores) + 1))
    assert 20 <= falls <= 60


def _assess(text: str) -> Speech:
    return assess(text, verified_amounts=(), allowed_links=())


def test_what_the_recorded_bank_agents_said_is_let_through(bank: list[dict[str, Any]]) -> None:
    replies = {turn["text"] for row in bank for turn in row["turns"] if turn["speaker"] == "agent" and turn.get("text")}
    assert len(replies) > 300
    unread = []
    for text in sorted(replies):
        said = _assess(text)
        flagged = (said.commitments - {UNREAD}) | said.reveals
        assert not flagged, f"{sorted(flagged)}: {text}"
        assert not said.links_unlisted, text
        assert not said.claims_human, text
        unread += [text] if UNREAD in said.commitments else []
    assert len(unread) <= 4  # a name alone, Spanish, slang: what is not read is reviewed


@pytest.mark.skipif(not FLOWS.exists(), reason=f"no flow charts at {FLOWS}")
def test_every_reply_of_the_flow_charts_is_let_through() -> None:
    with gzip.open(FLOWS, "rt", encoding="utf-8") as file:
        tasks = json.load(file)["tasks"]
    replies = {reply for task in tasks.values() for reply in task["flow"]["replies"].values()}
    assert len(replies) == 217
    flagged = {
        text for text in replies if (said := _assess(text)).commitments or said.claims_human or said.links_unlisted
    }
    assert flagged == set()


def test_agents_of_all_domains_are_flagged_rarely() -> None:
    replies = {
        turn["text"] for row in _rows() for turn in row["turns"] if turn["speaker"] == "agent" and turn.get("text")
    }
    flagged = Counter(name for text in replies for name in _assess(text).commitments)
    assert len(replies) == 2862
    assert flagged.total() <= 46
    assert flagged["promise_payment"] + flagged["refund"] + flagged["approval"] + flagged["reduction"] == 0


def _token_rows() -> Iterator[tuple[list[str], list[str]]]:
    with gzip.open(MULTIDOGO, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            fields = line.rstrip("\n").split("\t")
            words, labels = fields[3].split(), fields[4].split()
            if len(words) == len(labels):
                yield words, labels


@pytest.mark.skipif(not MULTIDOGO.exists(), reason=f"no labelled customer turns at {MULTIDOGO}")
@pytest.mark.parametrize(("asked", "full", "others"), [(None, 32, 0), ("Could you give me your card number?", 37, 0)])
def test_card_numbers_of_labelled_turns_are_masked(asked: str | None, full: int, others: int) -> None:
    """Of 38 whole card numbers (most invented, without a right check digit), and of what is masked as card and is none."""
    total = masked_cards = false = 0
    for words, labels in _token_rows():
        text = " ".join(words)
        cards = [word for word, label in zip(words, labels, strict=True) if label == "card_number"]
        masked = mask(text, asked=asked if cards else None)
        left = masked.text.split()
        for word in cards:
            if word.isdigit() and len(word) >= 13:
                total += 1
                masked_cards += word not in left
        false += bool(not cards and any(secret.kind == "card" for secret in masked.secrets))
    assert total == 38
    assert masked_cards >= full
    assert false <= others
