"""The console as a process: where it may listen, whom it answers, what it says while Postgres is away, and how it ends."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Network, ip_network
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from journeyman.console import identity
from journeyman.console.asked import Console
from journeyman.console.listening import listen, url_of
from journeyman.console.serve import opened, serving
from journeyman.customers.keys import new_master_key
from journeyman.embedded.postgres import Postgres
from journeyman.errors import ConfigurationError, InputError
from journeyman.publishing import publish_policies
from journeyman.settings import Settings
from journeyman.store import migrate
from journeyman.store.database import alone
from journeyman.tasks import roster
from tests.integration.console.process import Process
from tests.integration.console.site import HERE
from tests.integration.tasks.world import CLI, ROSTER

ROOT = Path(__file__).parents[3]


def settings_on(dsn: str, **more: object) -> Settings:
    told = {"project": ROOT, "database_url": SecretStr(dsn), "master_key": SecretStr(new_master_key())}
    return Settings().model_copy(update=told | more)


@pytest.fixture
def settings(postgres: Postgres, database_name: str) -> Settings:
    """A deployment on a database of its own."""
    return settings_on(postgres.dsn("journeyman_app", database_name))


@asynccontextmanager
async def served(settings: Settings, *, picker: bool = False) -> AsyncIterator[tuple[Console, httpx2.AsyncClient]]:
    """A console on a free port, with its roster in force, and a client of it."""
    with listen("127.0.0.1", 0) as listening:
        client = httpx2.AsyncClient(base_url=url_of(listening), headers=HERE, trust_env=False)
        async with opened(settings, picker=picker) as console, serving(console, listening), client:
            yield console, client


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", "http://127.0.0.1:8080"), ("127.0.0.1", "https://desk.example.com")]
)
async def test_the_picker_is_on_loopback_alone(settings: Settings, host: str, url: str) -> None:
    settings = settings.model_copy(update={"console_url": url})
    with listen(host, 0) as listening:
        async with opened(settings, picker=True) as console:
            with pytest.raises(InputError, match=r"listen on 127\.0\.0\.1, or have people sign in") as refused:
                async with serving(console, listening):
                    pass
        assert refused.value.field == "host"


@pytest.mark.parametrize(
    "more",
    [
        {"Host": "evil.test"},
        {"Host": "127.0.0.1.evil.test"},
        {"Host": "127.0.0.1@evil.test"},
        {"Host": "10.0.0.1:8080"},
        {"Host": ""},
        {"Host": "[::1"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
    ],
)
async def test_with_the_picker_it_answers_to_this_machine_s_own_name_alone(
    settings: Settings, more: dict[str, str]
) -> None:
    async with served(settings, picker=True) as (_, client):
        for path in ("/signin", "/static/icon.svg", "/api/v1/openapi.json"):
            refused = await client.get(path, headers=more)
            assert refused.status_code == 403, path
            assert "without a proxy" in refused.json()["remedy"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"])
async def test_this_machine_has_several_names(settings: Settings, host: str) -> None:
    async with served(settings, picker=True) as (_, client):
        assert (await client.get("/signin", headers={"Host": host})).status_code == 200


async def test_without_the_picker_a_proxy_may_stand_before_it_and_the_server_says_nothing_of_itself(
    settings: Settings,
) -> None:
    async with served(settings) as (_, client):
        page = await client.get("/signin", headers={"Host": "desk.example.com", "X-Forwarded-For": "203.0.113.7"})
        assert page.status_code == 200
        assert "server" not in page.headers


@pytest.mark.parametrize(("proxies", "statuses"), [([], {201, 429}), ([ip_network("127.0.0.1")], {201})])
async def test_whom_a_proxy_comes_for_it_says_where_it_is_believed(
    settings: Settings, proxies: list[IPv4Network], statuses: set[int]
) -> None:
    """Else all customers behind it share the limit of one address."""
    settings = settings.model_copy(update={"chat": True, "console_proxies": proxies})
    async with served(settings) as (console, client):
        async with console.desk.recording() as tx:
            await publish_policies(tx, console.project.bundle(), CLI, datetime.now(UTC))
        found = set()
        for each in range(35):
            told = {"X-Forwarded-For": f"198.51.100.250, 203.0.113.{each}"}
            found.add((await client.post("/api/v1/chat", json={"kind": "bank-service"}, headers=told)).status_code)
        assert found == statuses


def test_a_port_that_is_taken_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"port `{port}` of 127\.0\.0\.1.* choose another port"):
            listen("127.0.0.1", port)


def test_a_host_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match=r"`no host` is no address"):
        listen("no host", 0)


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # then asyncio sets TCP_NODELAY on what it accepts


async def test_a_database_without_our_schema_is_said_at_the_start(postgres: Postgres) -> None:
    with pytest.raises(ConfigurationError, match="run `journeyman migrate`"):
        async with opened(settings_on(postgres.dsn("journeyman_app", "postgres"))):
            pass


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[Postgres]:
    """A Postgres that may be stopped."""
    server = Postgres(tmp_path, durable=False)
    await server.start()
    await migrate(server.dsn())
    yield server
    await server.remove()


async def is_away(client: httpx2.AsyncClient) -> None:
    """Pages and API say honestly that the database is away, and nothing of where it is."""
    page = await client.get("/signin")
    assert (page.status_code, page.headers["retry-after"]) == (503, "2")
    assert page.headers["content-type"].startswith("text/html")
    problem = await client.get("/api/v1/tasks")
    assert (problem.status_code, problem.headers["retry-after"]) == (503, "2")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "urn:journeyman:problem:unavailable"
    for told in (page.text, problem.text):
        assert "he database is away, and the console waits for it" in told
        assert "what is sent again is done once" in told
        assert "journeyman_app" not in told


async def test_while_postgres_is_away_it_says_so_and_goes_on_when_it_is_back(mortal: Postgres) -> None:
    async with served(settings_on(mortal.dsn("journeyman_app")), picker=True) as (console, client):
        await roster.apply(console.desk, ROSTER, CLI, datetime.now(UTC))
        async with console.desk.recording() as tx:
            await publish_policies(tx, console.project.bundle(), CLI, datetime.now(UTC))
        secret = await identity.sign_in(console.desk, "ana", auth="picker", now=datetime.now(UTC))
        client.cookies.set(console.cookie, secret)
        assert (await client.get("/signin")).status_code == 200
        await mortal.stop()
        await is_away(client)
        unwell = await client.get("/healthz")
        assert (unwell.status_code, unwell.json()["detail"]) == (
            503,
            "the database is away, and the console waits for it",
        )
        await mortal.restart()
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert "Ana" in (await client.get("/signin")).text
        mortal.kill()
        await is_away(client)
        await mortal.restart()
        assert (await client.get("/api/v1/tasks")).status_code == 200


async def test_it_starts_without_postgres_and_waits_for_it(mortal: Postgres) -> None:
    settings = settings_on(mortal.dsn("journeyman_app"))
    await mortal.stop()
    async with served(settings, picker=True) as (_, client):
        client.cookies.set("journeyman", "whatever")
        await is_away(client)
        await mortal.restart()
        assert (await client.get("/signin")).status_code == 200


async def nobody_listens(url: str) -> None:
    """Wait until new connections are refused."""
    async with asyncio.timeout(10):
        while True:
            try:
                async with httpx2.AsyncClient(trust_env=False) as client:
                    await client.get(f"{url}/static/icon.svg")
            except httpx2.TransportError:
                return


async def test_what_is_under_way_finishes_before_it_ends(
    settings: Settings, postgres: Postgres, database_name: str
) -> None:
    async with opened(settings) as console:
        await roster.apply(console.desk, ROSTER, CLI, datetime.now(UTC))
    process = Process(settings)
    url = await process.console("--picker", "--port", "0")
    async with httpx2.AsyncClient(base_url=url, headers=HERE, trust_env=False) as client:
        async with alone(postgres.dsn(database=database_name)) as conn, conn.transaction():
            await conn.execute("lock table session in exclusive mode")
            signing_in = asyncio.create_task(client.post("/signin", data={"person": "ana"}))
            while not await conn.fetchval("select count(*) from pg_locks where not granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            process.signal(signal.SIGTERM)
            await nobody_listens(url)
            assert not signing_in.done()
        answer = await signing_in
        assert answer.status_code == 303
        assert "journeyman" in answer.cookies
    code, said = await process.ended()
    assert code == 0, said
    assert "Traceback" not in said


async def test_streams_end_at_once_when_it_is_told_to_end(settings: Settings) -> None:
    async with opened(settings) as console:
        await roster.apply(console.desk, ROSTER, CLI, datetime.now(UTC))
        async with console.desk.recording() as tx:
            await publish_policies(tx, console.project.bundle(), CLI, datetime.now(UTC))
        secret = await identity.sign_in(console.desk, "ana", auth="picker", now=datetime.now(UTC))
    process = Process(settings)
    url = await process.console("--picker", "--port", "0")
    client = httpx2.AsyncClient(base_url=url, cookies={"journeyman": secret}, timeout=60, trust_env=False)
    async with client, client.stream("GET", "/api/v1/events") as stream:
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        process.signal(signal.SIGTERM)
        async with asyncio.timeout(5):  # of itself it would end after a quarter of an hour
            rest = [line async for line in lines]
        assert "event: change" not in rest
    code, _ = await process.ended()
    assert code == 0


async def test_on_a_schema_that_is_not_this_build_s_it_is_not_well(
    settings: Settings, postgres: Postgres, database_name: str
) -> None:
    async with served(settings) as (_, client), alone(postgres.dsn(database=database_name)) as owner:
        await owner.execute("alter table session rename to elsewhere")
        unwell = await client.get("/healthz")
        await owner.execute("alter table elsewhere rename to session")
    assert unwell.status_code == 503
    assert "journeyman migrate" in unwell.json()["remedy"]


async def test_the_entry_point_of_a_deployment_serves_it(settings: Settings) -> None:
    with listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    process = Process(settings)
    await process.start("workers.console", JOURNEYMAN_CONSOLE_PORT=str(port))
    await process.says(f"the console is at http://127.0.0.1:{port}")
    async with httpx2.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/signin")).status_code == 200
    process.signal(signal.SIGTERM)
    assert (await process.ended())[0] == 0


async def test_where_it_cannot_start_it_says_why_in_one_line(settings: Settings) -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = str(taken.getsockname()[1])
        process = Process(settings)
        await process.start("workers.console", JOURNEYMAN_CONSOLE_PORT=port)
        code, said = await process.ended()
    assert code == 1
    assert said.startswith(f"error: port `{port}` of 127.0.0.1")
    assert len(said.splitlines()) == 1
