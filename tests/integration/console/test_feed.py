"""The feed on a real Postgres: complete, whatever order transactions commit in and whatever dies."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import asyncpg
import pytest

from journeyman.console.live.change import ALL, Change, Topic
from journeyman.console.live.fanout import BACKLOG, News, Subscription
from journeyman.console.live.feed import Feed
from journeyman.conversation import transcript
from journeyman.conversation.transcript import NewMessage
from journeyman.customers import journeys
from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.errors import DatabaseUnavailableError
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import recording
from journeyman.store import Database, migrate
from journeyman.store.database import Connection
from journeyman.tasks import moving, roster, staffing, working
from tests.integration.tasks.world import NOW, World

SYSTEM = Actor(kind="system", id="test")


@pytest.fixture
async def feed(database: Database) -> Feed:
    """A feed that knows the past; the tests poll it."""
    made = Feed(database)
    await made.poll()
    return made


async def write(conn: Connection, name: str) -> None:
    """An entry of a journey of this name."""
    await conn.execute(
        "insert into entry (journey_id, type, at, body, leaf_hash) values ($1, 'noted', $2, '{}', $3)",
        name,
        NOW,
        name.encode(),
    )


async def commit(database: Database, *names: str) -> None:
    """Entries, one a transaction."""
    for name in names:
        async with database.transaction() as conn:
            await write(conn, name)


@asynccontextmanager
async def under_way(database: Database, name: str) -> AsyncIterator[None]:
    """An entry whose transaction commits with the block."""
    async with database.transaction() as conn:
        await write(conn, name)
        yield


async def drained(subscription: Subscription) -> list[Change]:
    """What waits."""
    news = await subscription.news(0)
    assert news is not None
    assert not news.reset
    return list(news.changes)


async def heard(subscription: Subscription) -> list[str | None]:
    """The journeys of what waits."""
    return [change.journey for change in await drained(subscription)]


async def is_reset(subscription: Subscription) -> bool:
    news = await subscription.news(0)
    return news is not None and news.reset


async def topics_of(feed: Feed, wall: Subscription) -> dict[str, set[str]]:
    """By type, whom what is new concerns."""
    await feed.poll()
    return {change.type: {str(topic) for topic in change.topics} for change in await drained(wall)}


async def test_entries_are_told_in_order_with_positions_to_resume_from(feed: Feed, database: Database) -> None:
    wall = feed.subscribe([ALL], person="sue")
    await commit(database, "a", "b", "c")
    await feed.poll()
    changes = await drained(wall)
    assert [change.journey for change in changes] == ["a", "b", "c"]
    assert [change.position for change in changes] == [change.id for change in changes]
    assert feed.position == changes[-1].id


async def test_of_two_transactions_that_commit_in_reverse_order_both_are_told(feed: Feed, database: Database) -> None:
    wall = feed.subscribe([ALL], person="sue")
    before = feed.position
    async with under_way(database, "first"):
        await commit(database, "second")
        for _ in range(3):
            await feed.poll()
        [second] = await drained(wall)
        assert (second.journey, second.position, feed.position) == ("second", before, before)
    await feed.poll()
    assert await heard(wall) == ["first"]
    assert feed.position == second.id
    assert await heard(feed.subscribe([ALL], person="sue", after=second.position)) == ["second", "first"]


async def test_a_transaction_that_has_an_id_and_no_number_yet_is_waited_for_too(feed: Feed, database: Database) -> None:
    """It has written no row, so it is none of Postgres's running transactions; but it has taken an id."""
    await commit(database, "before")  # a sequence makes ids for a while ahead: the next takes one and writes nothing
    await feed.poll()
    wall = feed.subscribe([ALL], person="sue")
    async with database.transaction() as holding:
        await holding.execute("select pg_advisory_xact_lock(7)")
        writing = asyncio.create_task(_write_once_free(database))
        assert await _waiting_number(database) is None
        await commit(database, "quick")
        for _ in range(3):
            await feed.poll()
        [quick] = await drained(wall)
        assert (quick.journey, quick.position) == ("quick", quick.id - 2)
    await writing
    await feed.poll()
    assert await heard(wall) == ["slow"]
    assert feed.position == quick.id


async def _write_once_free(database: Database) -> None:
    async with database.connection() as conn:
        await conn.execute(
            "insert into entry (journey_id, type, at, body, leaf_hash)"
            " values ('slow', 'noted', $1, '{}', convert_to(pg_advisory_xact_lock(7)::text, 'UTF8'))",
            NOW,
        )


async def _waiting_number(database: Database) -> object:
    """The transaction number of whoever waits for the advisory lock, once somebody does."""
    async with database.connection() as conn:
        while True:
            row = await conn.fetchrow(
                "select backend_xid from pg_stat_activity join pg_locks using (pid)"
                " where pg_locks.locktype = 'advisory' and not granted"
            )
            if row is not None:
                return row["backend_xid"]


async def test_a_gap_of_a_rolled_back_transaction_is_passed(feed: Feed, database: Database) -> None:
    wall = feed.subscribe([ALL], person="sue")

    async def fail() -> None:
        async with under_way(database, "never"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await commit(database, "kept")
    await feed.poll()
    [kept] = await drained(wall)
    assert kept.position < kept.id
    await feed.poll()
    assert feed.position == kept.id


async def test_who_comes_back_hears_what_they_missed_in_any_process(feed: Feed, database: Database) -> None:
    await commit(database, "a")
    await feed.poll()
    left = feed.position
    await commit(database, "b", "c")
    other = Feed(database)
    await other.poll()
    assert await heard(other.subscribe([Topic("journey", "c")], person="ana", after=left)) == ["c"]
    await feed.poll()
    assert await heard(feed.subscribe([ALL], person="ana", after=left)) == ["b", "c"]


async def test_past_the_bound_one_reset_says_read_everything_again(database: Database) -> None:
    await commit(database, "a", "b", "c", "d")
    feed = Feed(database, kept=2)
    await feed.poll()
    assert await is_reset(feed.subscribe([ALL], person="sue", after=1))
    assert await heard(feed.subscribe([ALL], person="sue", after=2)) == ["c", "d"]


async def test_what_was_open_when_the_feed_began_is_not_missed_in_silence(database: Database) -> None:
    await commit(database, "a")
    async with under_way(database, "open"):
        await commit(database, "b", "c")
        feed = Feed(database, kept=1)
        await feed.poll()
        wall = feed.subscribe([ALL], person="sue", after=feed.position)
        await feed.poll()
        assert await heard(wall) == []
    await feed.poll()
    assert await is_reset(wall)


async def test_a_slow_listener_is_told_to_read_everything(feed: Feed, database: Database) -> None:
    slow = feed.subscribe([ALL], person="sue")
    async with database.transaction() as conn:
        for number in range(BACKLOG + 1):
            await write(conn, f"{number}")
    await feed.poll()
    assert await is_reset(slow)
    await commit(database, "after")
    await feed.poll()
    assert await heard(slow) == ["after"]


async def test_what_the_desk_does_is_told_to_whom_it_concerns(feed: Feed, database: Database, keyring: Keyring) -> None:
    wall = feed.subscribe([ALL], person="sue")
    world = World(database, keyring)
    await roster.apply(world.desk, {"teams": ["x"], "people": {"zoe": {"name": "Zoe", "teams": ["x"]}}}, SYSTEM, NOW)
    assert await topics_of(feed, wall) == {"roster.applied": {"all", "person:zoe"}}
    assert await wall.news(60) is None  # rights may have changed: whoever listens is asked anew
    await world.roster()
    await feed.poll()
    wall = feed.subscribe([ALL], person="sue")
    await staffing.set_presence(world.desk, "ana", "away", by="sue", now=NOW, auth="token")
    assert await topics_of(feed, wall) == {"person.presence": {"all", "person:ana", "person:sue"}}
    await world.presence("ana", "online")
    await topics_of(feed, wall)

    task = await world.task("claims")
    about = {"all", f"journey:{task.journey_id}", "queue:claims"}
    assert await topics_of(feed, wall) == {"task.opened": about}
    await working.claim(world.desk, task.id, "ana", now=NOW, auth="token")
    assert await topics_of(feed, wall) == {"task.claimed": about | {"person:ana"}}
    async with recording(database, keyring) as tx:
        journey = await journeys.read(tx.conn, task.journey_id)
        said = NewMessage(author=Actor(kind="customer", id=journey.customer_id), text="Hello?")
        await transcript.write(tx, journey, said, now=NOW)
    assert await topics_of(feed, wall) == {"message.said": about - {"queue:claims"} | {"person:ana"}}
    await moving.transfer(
        world.desk, task.id, "ana", reason="speaks German", to_person="bea", warm=True, now=NOW, auth="token"
    )
    assert list((await topics_of(feed, wall)).values()) == [about | {"person:ana", "person:bea"}]
    await moving.transfer(world.desk, task.id, "ana", reason="not ours", to_queue="experts", now=NOW, auth="token")
    moved = about | {"queue:experts", "person:ana"}
    assert list((await topics_of(feed, wall)).values()) == [moved]


class _Told(logging.Handler):
    """Notices when the feed says that it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "the feed waits" in record.getMessage():
            self.waits.set()


async def test_the_feed_goes_on_where_it_was_when_postgres_was_away(tmp_path: Path) -> None:
    postgres = Postgres(tmp_path, durable=False)
    await postgres.start()
    await migrate(postgres.dsn())
    database = await Database.connect(postgres.dsn("journeyman_app"), max_size=1)
    writer = await Database.connect(postgres.dsn("journeyman_app"), max_size=1)
    feed, told = Feed(database), _Told()
    running = asyncio.create_task(feed.run())
    try:
        wall = feed.subscribe([ALL], person="sue")
        assert (await _next(wall)).reset  # it has just learnt the past
        await commit(writer, "before")
        [before] = (await _next(wall)).changes
        logging.getLogger("journeyman.console.live.feed").addHandler(told)
        postgres.kill()
        await told.waits.wait()
        assert feed.streams == 1
        await postgres.start()
        await commit(writer, "after")
        [after] = (await _next(wall)).changes
        assert (before.journey, after.journey) == ("before", "after")
        assert await heard(feed.subscribe([ALL], person="sue", after=before.position)) == ["after"]
    finally:
        logging.getLogger("journeyman.console.live.feed").removeHandler(told)
        running.cancel()
        await asyncio.wait([running])
        await database.close()
        await writer.close()
        await postgres.remove()
    assert await wall.news(60) is None


async def test_an_id_that_a_killed_postgres_gave_again_is_told_anew(
    feed: Feed, database: Database, owner_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = feed.subscribe([ALL], person="sue")
    await commit(database, "kept", "taken back")
    await feed.poll()
    assert await heard(wall) == ["kept", "taken back"]
    async with owner_database.connection() as conn:  # what a crash does to a commit that waited for no disk
        id = await conn.fetchval("delete from entry where journey_id = 'taken back' returning id")
        await conn.execute("select setval(pg_get_serial_sequence('entry', 'id'), $1, false)", id)
    await commit(database, "given again")
    with monkeypatch.context() as away:
        away.setattr(database, "connection", _away)
        with pytest.raises(DatabaseUnavailableError):
            await feed.poll()
    await feed.poll()
    assert await heard(wall) == ["given again"]


def _away() -> NoReturn:
    raise DatabaseUnavailableError("away")


async def _next(subscription: Subscription) -> News:
    news = await subscription.news(60)
    assert news is not None
    return news


async def test_many_writers_are_told_completely_and_each_once(
    feed: Feed, database: Database, owner_database: Database, keyring: Keyring
) -> None:
    async with owner_database.transaction() as conn:  # at the commit, so that ids have gaps and commit out of order
        await conn.execute(
            "create function delay() returns trigger language plpgsql as $$ begin "
            "perform pg_sleep(random() * 0.01); if random() < 0.1 then raise 'unlucky'; end if; return null; end $$"
        )
        await conn.execute(
            "create constraint trigger delay after insert on entry deferrable initially deferred "
            "for each row execute function delay()"
        )
    wall = feed.subscribe([ALL], person="sue")
    told: list[int] = []

    async def write_some(writer: int) -> None:
        for turn in range(20):
            try:
                async with recording(database, keyring) as tx:
                    tx.record(Entry(type="noted", at=NOW, actor=SYSTEM, journey=f"{writer}-{turn}"))
            except asyncpg.RaiseError:
                continue

    writing = asyncio.gather(*(write_some(writer) for writer in range(6)))
    while not writing.done():
        await feed.poll()
        told += [change.id for change in await drained(wall)]
    await writing
    for _ in range(3):
        await feed.poll()
        told += [change.id for change in await drained(wall)]
    async with database.connection() as conn:
        recorded = [row["id"] for row in await conn.fetch("select id from entry order by id")]
    assert sorted(told) == recorded
    assert feed.position == recorded[-1]
