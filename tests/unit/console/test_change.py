"""What an entry is told as, and to whom."""

from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.console.live.change import ALL, Change, Topic, change, named
from journeyman.errors import InputError
from journeyman.ledger.entry import Actor, Entry, body

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
ANA = Actor(kind="person", id="ana", auth="token")
CLOCK = Actor(kind="system", id="clock")


def told(type: str, *tasks: dict[str, Any], **fields: Any) -> Change:
    entry = Entry(**({"type": type, "at": NOW, "actor": CLOCK, "journey": "jrn-1"} | fields))
    row = {"id": 7, "leaf_hash": b"", "type": type, "at": NOW, "journey_id": entry.journey}
    return change(row, named(body(entry, {})), tasks, 7)


def task(id: str = "task-1", **fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": id,
        "queue": "claims",
        "assignee": None,
        "offered_to": None,
        "open": True,
        "consulted": [],
    }
    return plain | fields


def topics(change: Change) -> set[str]:
    return {str(topic) for topic in change.topics}


def test_a_claim_concerns_its_journey_its_queue_and_who_claimed_it() -> None:
    refs = {"task": "task-1", "queue": "claims", "step": "assess"}
    made = told("task.claimed", task(assignee="ana"), actor=ANA, refs=refs)
    assert topics(made) == {"all", "journey:jrn-1", "queue:claims", "person:ana"}
    assert (made.journey, made.task, made.queue, made.person) == ("jrn-1", "task-1", "claims", "ana")
    assert made.at == "2026-06-01T10:00:00.000Z"


def test_a_transfer_concerns_both_queues_and_both_people() -> None:
    refs = {"task": "task-1", "queue": "experts", "from_queue": "claims", "from": "ana", "to": "bea"}
    made = told("task.transferred", task(queue="experts", offered_to="bea"), actor=ANA, refs=refs)
    assert topics(made) == {"all", "journey:jrn-1", "queue:claims", "queue:experts", "person:ana", "person:bea"}
    assert (made.queue, made.person) == ("experts", "bea")


def test_a_message_of_the_customer_concerns_whoever_holds_a_task_of_the_journey() -> None:
    held, closed = task(assignee="ana"), task("task-0", assignee="bea", open=False)
    made = told("message.said", held, closed, actor=Actor(kind="customer", id="cus-1"), refs={"message": "msg-1"})
    assert topics(made) == {"all", "journey:jrn-1", "person:ana"}
    assert (made.task, made.queue, made.person) == (None, None, "ana")


def test_who_is_consulted_about_a_task_hears_of_its_journey() -> None:
    asked, closed = task(assignee="ana", consulted=["out"]), task("task-0", consulted=["bea"], open=False)
    made = told("message.said", asked, closed, actor=Actor(kind="customer", id="cus-1"), refs={"message": "msg-1"})
    assert topics(made) == {"all", "journey:jrn-1", "person:ana", "person:out"}


def test_an_entry_that_names_no_queue_has_it_from_its_task() -> None:
    made = told("task.viewed", task(assignee="bea"), actor=ANA, refs={"task": "task-1"})
    assert topics(made) == {"all", "journey:jrn-1", "queue:claims", "person:ana", "person:bea"}
    assert made.person == "bea"


def test_others_who_work_on_the_journey_hear_of_a_task_that_is_not_theirs() -> None:
    refs = {"task": "task-1", "queue": "claims"}
    made = told("task.offered", task(offered_to="ana"), task("task-2", queue="billing", assignee="bea"), refs=refs)
    assert topics(made) == {"all", "journey:jrn-1", "queue:claims", "person:ana", "person:bea"}
    assert made.person == "ana"


def test_presence_concerns_the_person_and_whoever_set_it() -> None:
    made = told("person.presence", journey=None, actor=Actor(kind="person", id="sue"), refs={"person": "ana"})
    assert topics(made) == {"all", "person:ana", "person:sue"}
    assert made.person == "ana"


def test_a_roster_concerns_whom_and_what_it_changes_and_lets_rights_be_asked_again() -> None:
    made = told("roster.applied", journey=None, facts={"people": "ana bea", "queues": "claims", "calendars": ""})
    assert topics(made) == {"all", "person:ana", "person:bea", "queue:claims"}
    assert made.ends_all
    assert told("published", journey=None, refs={"subject": "policies"}).ends_all
    assert not told("task.claimed").ends_all


@pytest.mark.parametrize("type", ["person.signed_out", "token.revoked"])
def test_the_end_of_a_session_or_a_token_ends_the_streams_of_whose_it_was(type: str) -> None:
    made = told(type, journey=None, actor=Actor(kind="person", id="sue"), refs={"person": "ana", "token": "tok-1"})
    assert made.ends_person
    assert made.person == "ana"


def test_nobody_is_no_person() -> None:
    made = told("task.taken_over", task(), refs={"task": "task-1", "queue": "claims", "from": ""})
    assert topics(made) == {"all", "journey:jrn-1", "queue:claims"}


@pytest.mark.parametrize("forged", [b"", b"\xff", b"[]", b"{}", b'{"v": 1, "refs": 3}'])
def test_a_body_that_is_not_ours_is_told_by_its_type_and_journey_alone(forged: bytes) -> None:
    row = {"id": 7, "leaf_hash": b"", "type": "x", "at": NOW, "journey_id": "jrn-1"}
    assert topics(change(row, named(forged), [], 7)) == {"all", "journey:jrn-1"}


def test_topics_read_as_they_are_written() -> None:
    for text in ("person:ana", "queue:claims", "journey:jrn-1", "all", "journey:a:b"):
        assert str(Topic.parse(text)) == text
    assert Topic.parse("all") is ALL


@pytest.mark.parametrize("text", ["", "person", "person:", "all:x", "all:", "customer:c", "queue:" + "q" * 200])
def test_a_topic_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no topic; give `person:ID`"):
        Topic.parse(text)
