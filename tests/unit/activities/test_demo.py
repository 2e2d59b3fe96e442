import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.demo import DEMO, provider_logs, scenarios, star
from activities.demo.people import handed_back
from journeyman.errors import InputError
from journeyman.tasks.calendar import Calendar
from journeyman.testing.simulation import Deed
from tests.unit.activities.conversations import lines

AT = "2026-11-22T04:00:00.000+00:00"


def line(event: str, **facts: Any) -> dict[str, Any]:
    return {"at": AT, "provider": "bank", "event": event, **facts}


def recording(**more: Any) -> dict[str, Any]:
    return {
        "id": "star-1",
        "flow": ["bank", None],
        "customer": {"profile_text": "- Your bank account: 95381901, with PIN 1596"},
        "turns": [
            {"speaker": "customer", "text": "Hi"},
            {"speaker": "agent", "text": "Hello"},
            {"speaker": "customer", "text": "  "},
            {"speaker": "customer", "text": None},
            {"speaker": "customer", "text": "My PIN is 596"},
        ],
        "actions": [{"api": "bank_balance", "args": {"PIN": 596, "FullName": "John Smith"}, "result": {}}],
        **more,
    }


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    file = folder / "star.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    return file


def test_every_scenario_has_customers_with_ids_of_their_own() -> None:
    ids = [scene.id for act in DEMO.scenarios() for scene in act.scenes]
    assert len(ids) == len(set(ids)) >= 12


def test_the_scenarios_show_what_the_demo_promises() -> None:
    acts = list(DEMO.scenarios())
    assert {scene.kind for act in acts for scene in act.scenes} == {"bank-service", "insurance-claim"}
    assert [act.model_away for act in acts].count(True) == 1
    assert [act.closed is not None for act in acts].count(True) == 1
    turns = [turn for act in acts for scene in act.scenes for turn in scene.says]
    assert any(isinstance(turn, Deed) and turn.does == "pay" for turn in turns)


def test_queues_that_close_for_the_night_are_closed_whenever_it_is_played() -> None:
    [night] = [act for act in scenarios.acts(date(2026, 11, 22)) if act.closed]
    calendars: Any = (night.closed or {})["calendars"]
    for name, fields in calendars.items():
        calendar = Calendar.model_validate(fields | {"id": name})
        for hour in (0, 9, 23):
            assert not calendar.open_at(datetime(2026, 11, 22, hour, tzinfo=UTC))
        assert calendar.next_opening(datetime(2026, 11, 22, 12, tzinfo=UTC)) == datetime(2026, 11, 23, 8, tzinfo=UTC)
        assert calendar.emergency


def test_everyone_in_the_demo_is_marked_as_simulated() -> None:
    assert all(person["simulated"] for person in DEMO.staff()["people"].values())


@pytest.mark.parametrize(
    ("reason", "conversation", "back"),
    [
        ("ai_failed", ("C: blorp", "A: How can I help you?", "C: blorp"), True),
        ("ai_failed", ("C: my balance please",), False),  # the model is away
        ("distress", ("C: somebody stole $500, I am freaking out",), True),
        ("distress", ("C: somebody stole $500, I just want to die",), False),
        ("distress", ("C: I am freaking out",), False),
        ("asked_for_person", ("C: a person please", "A: How can I help you?"), False),
    ],
)
def test_people_keep_who_needs_them_and_hand_back_what_the_ai_can_finish(
    reason: str, conversation: tuple[str, ...], back: bool
) -> None:
    assert (handed_back(reason, lines(*conversation)) is not None) is back


def test_a_recorded_customer_says_their_own_turns(tmp_path: Path) -> None:
    [act] = DEMO.conversations(written(tmp_path, recording(), recording(id="star-2", flow=["weather"])), "bank", None)
    [scene] = act.scenes
    assert (scene.id, scene.kind, scene.says) == ("star-1", "bank-service", ("Hi", "My PIN is 596"))
    assert scene.secrets == ("0596", "1596", "596")


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("It's either 7402 or 9431", {"7402", "9431"}),
        ("Maybe my pin could be 9503", {"9503"}),
        ("Oh wait... try 7402 or 3941", {"7402", "3941"}),
        ("it's 7402.  Can we go to lunch sometime?", {"7402"}),
        ("5380", {"5380"}),
        ("I don't have my PIN, but my birthday is 15/09/1940.", set()),
        ("$1000 has been withdrawn from my account", set()),
        ("I should have 5000 credits in my account", set()),
    ],
)
def test_each_pin_that_a_recorded_customer_tries_is_a_secret(text: str, pins: set[str]) -> None:
    turns = [{"speaker": "customer", "text": text}, {"speaker": "agent", "text": "Is your PIN 8888?"}]
    assert star.pins(recording(turns=turns, actions=[], customer={})) == pins


def test_only_so_many_recorded_customers_are_played_as_asked_for(tmp_path: Path) -> None:
    rows = star.conversations(written(tmp_path, recording(), recording(id="star-2")), "bank", 1)
    assert [row["id"] for row in rows] == ["star-1"]


@pytest.mark.parametrize(("domain", "words"), [("weather", "no domain"), ("bank", "no conversation of domain")])
def test_a_domain_that_cannot_be_played_is_told(tmp_path: Path, domain: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        star.conversations(written(tmp_path, recording(flow=["weather"])), domain, None)


@pytest.mark.parametrize("content", [b"", b"no json", b"[1]", b'{"id": 1}'])
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "star.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"star\.jsonl"):
        star.conversations(file, "bank", None)
    with pytest.raises(InputError, match="cannot be read"):
        star.conversations(tmp_path / "missing.jsonl", "bank", None)


def test_account_calls_of_a_verified_conversation_count_for_nothing() -> None:
    log = [
        line("verified", session="s1", conversation="c1"),
        line("balance", session="c1"),
        line("fraud_report", session="s1", key="k1", content="x"),
    ]
    assert provider_logs.unauthenticated_calls(log) == []


def test_account_calls_without_verification_count() -> None:
    log = [
        line("balance", session="c1"),
        line("verified", session="s1", conversation="c1"),
        line("unauthenticated", path="/balance"),
        line("fraud_report", session="c2", key="k1", content="x"),
    ]
    assert len(provider_logs.unauthenticated_calls(log)) == 3


def test_one_content_under_two_keys_is_a_duplicate() -> None:
    log = [line("fraud_report", session="c1", key=key, content="x") for key in ("k1", "k2")]
    assert len(provider_logs.duplicates(log, "fraud_report", ("session", "content"))) == 1


def test_one_key_with_two_effects_is_a_duplicate() -> None:
    log = [line("fraud_report", session="c1", key="k1", content=content) for content in ("x", "y")]
    assert len(provider_logs.duplicates(log, "fraud_report", ("session", "content"))) == 1


def test_two_customers_may_report_the_same() -> None:
    log = [line("fraud_report", session=session, key=session, content="x") for session in ("c1", "c2")]
    assert provider_logs.duplicates(log, "fraud_report", ("session", "content")) == []


def test_a_repeated_request_is_no_second_effect() -> None:
    log = [line("fraud_report", session="c1", key="k1", content="x"), line("repeat", key="k1", content="x")]
    assert provider_logs.count(log, []).duplicate_effects == 0


@pytest.mark.parametrize(
    ("outcome", "by_person", "told"),
    [
        ("served", False, "resolved_by_ai"),
        ("served", True, "resolved_by_person"),
        ("handled", False, "resolved_by_person"),
        ("out_of_scope", False, "out_of_scope"),
        ("cut_off", True, "cut_off"),
        ("unreachable", False, "cut_off"),
    ],
)
def test_how_a_journey_was_resolved(outcome: str, by_person: bool, told: str) -> None:
    assert DEMO.resolve("bank-service", outcome, by_person) == told


def test_one_payment_asked_for_twice_is_a_duplicate() -> None:
    log = [line("link", key=key, content="300.00 for the excess of one journey") for key in ("k1", "k2")]
    assert provider_logs.count([], log).duplicate_effects == 1


def test_a_link_that_is_paid_twice_is_a_duplicate() -> None:
    assert provider_logs.count([], [line("paid", token="t"), line("paid", token="t")]).duplicate_effects == 1
