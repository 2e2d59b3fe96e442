"""The bytes of a stream."""

import json

import pytest
from starlette.requests import Request

from journeyman.console.live.change import ALL, Topic
from journeyman.console.live.fanout import Fanout, News
from journeyman.console.live.stream import EventStream, events, resumes_after, written
from tests.unit.console.changes import ANA, made


def request(query: str = "", **headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": sent, "query_string": query.encode()})


def test_a_change_says_what_changed_and_where_to_resume() -> None:
    lines = written(News((made(7, ANA, position=6),), False, 6), frozenset({ANA})).decode().split("\n")
    assert lines[:2] == ["id: 6", "event: change"]
    assert json.loads(lines[2].removeprefix("data: ")) == {
        "type": "task.claimed",
        "journey": "jrn-1",
        "task": "task-1",
        "queue": "claims",
        "person": "ana",
        "at": "2026-06-01T10:00:00.000Z",
    }
    assert lines[3:] == ["", ""]


@pytest.mark.parametrize(
    ("topic", "named"),
    [
        ("all", True),
        ("queue:claims", True),
        ("person:ana", True),
        ("queue:experts", False),
        ("person:bea", False),
        ("journey:jrn-1", False),
    ],
)
def test_queue_and_person_are_named_to_whom_they_concern(topic: str, named: bool) -> None:
    """Such as not to who listens to the queue that a task has left."""
    topics = frozenset({Topic.parse(topic)})
    data = written(News((made(7, *topics),), False, 7), topics).decode().split("\n")[2].removeprefix("data: ")
    told = json.loads(data)
    assert (told["queue"], told["person"]) == (("claims", "ana") if named else (None, None))
    assert (told["task"], told["journey"]) == ("task-1", "jrn-1")


@pytest.mark.parametrize("type", ["task.viewed", "customer.found", "trace.read"])
def test_that_somebody_looked_is_no_change_and_leads_no_page_to_look_again(type: str) -> None:
    assert b"\nevent: seen\n" in written(News((made(7, type=type),), False, 7), frozenset({ALL}))
    assert b"\nevent: change\n" in written(News((made(7, type="task.viewing_planned"),), False, 7), frozenset({ALL}))


def test_what_an_id_holds_cannot_break_out_of_its_line() -> None:
    lines = written(News((made(7, type="x\n\nevent: reset\r\u2028"),), False, 7), frozenset({ALL})).split(b"\n")
    assert len(lines) == 5
    assert json.loads(lines[2].removeprefix(b"data: "))["type"] == "x\n\nevent: reset\r\u2028"


def test_a_reset_and_a_heartbeat_say_where_to_resume() -> None:
    assert written(News((), True, 9), frozenset()) == b"id: 9\nevent: reset\ndata: {}\n\n"
    assert written(News((), False, 9), frozenset()) == b":\nid: 9\n\n"


async def test_a_stream_tells_at_once_where_it_stands_beats_and_ends_with_its_subscription() -> None:
    fanout = Fanout()
    fanout.open()
    fanout.position = 4
    subscription = fanout.subscribe([ALL], person="ana")
    stream = events(subscription, heartbeat=0.001, lifetime=60)
    assert (await anext(stream)).startswith(b"retry: ")
    assert [await anext(stream) for _ in range(2)] == [b":\nid: 4\n\n"] * 2
    fanout.publish(made(5))
    fanout.publish(made(6))
    assert (await anext(stream)).count(b"event: change") == 2
    subscription.end()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_stream_ends_after_its_lifetime() -> None:
    subscription = Fanout().subscribe([ALL], person="ana")
    assert len([chunk async for chunk in events(subscription, heartbeat=60, lifetime=0)]) == 2


async def test_the_response_ends_its_subscription_when_the_client_has_gone() -> None:
    fanout = Fanout()
    response = EventStream(fanout.subscribe([ALL], person="ana"))

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(_: object) -> None: ...

    await response({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
    assert len(fanout) == 0
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("told", ["x", "-1", "1.5", "٣", "9" * 30])
def test_a_position_that_cannot_be_read_is_the_beginning(told: str) -> None:
    assert resumes_after(request(last_event_id=told.encode().decode("latin-1"))) == 0


def test_the_browsers_own_position_goes_before_that_of_the_page() -> None:
    assert resumes_after(request("after=3", last_event_id="5")) == 5
    assert resumes_after(request("after=3")) == 3
    assert resumes_after(request()) is None
