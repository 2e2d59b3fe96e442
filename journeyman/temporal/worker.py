"""A worker process, assembled from settings: the roles `journeys`, `agents` and `engine`, one or all in a process."""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from journeyman.agents.endpoint import Endpoint
from journeyman.agents.setup import named
from journeyman.errors import ConfigurationError, JourneymanError, LedgerError, UnavailableError
from journeyman.journey import names
from journeyman.ledger.checkpoint import SigningKey, VerifierKey
from journeyman.ledger.integrator import integrate, integrate_for_ever
from journeyman.ledger.publish import publish
from journeyman.project import Project
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.tasks.clocks import sweep
from journeyman.temporal.archive import archive
from journeyman.temporal.connection import check_search_attributes, connect, keyring_of
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.logs import log_to_stderr
from journeyman.temporal.plugin import JourneymanPlugin
from journeyman.temporal.telemetry import Telemetry, TracedEndpoint, telemetry
from journeyman.views import endpoints

log = logging.getLogger("journeyman.worker")

ROLES = tuple(names.QUEUES)

DISPATCH_EVERY = 0.5  # seconds: what the eager dispatch after a commit has missed
SWEEP_EVERY = 1.0
ARCHIVE_EVERY = 30.0
PUBLISH_EVERY = 5.0
REPORT_EVERY = 2.0

_GRACE = timedelta(seconds=5)  # how long activities under way may go on after a worker was told to stop


@asynccontextmanager
async def engine_of(
    settings: Settings, project: Project, traced: Telemetry | None = None, *, roles: Sequence[str] = ROLES
) -> AsyncIterator[Engine]:
    """Connect what the engine needs in these roles. Raises ConfigurationError or UnavailableError that says what to do."""
    endpoint = endpoint_of(settings, traced) if "agents" in roles else Endpoint.nowhere()
    keyring = keyring_of(settings)
    database = await Database.connect(settings.need("database_url"), max_size=20)
    try:
        yield Engine(database, keyring, project, endpoint)
    finally:
        await endpoint.close()
        await database.close()


def endpoint_of(settings: Settings, traced: Telemetry | None = None) -> Endpoint:
    """The model endpoint: OpenAI's own where only a key is set. The stand-in needs no key. Raises ConfigurationError."""
    url, key, model = named(settings)
    if traced is not None:
        return TracedEndpoint(traced.tracer, url, key, model)
    return Endpoint(url, key, model)


@asynccontextmanager
async def running(engine: Engine, client: Client, roles: Sequence[str], settings: Settings) -> AsyncIterator[None]:
    """Run workers of these roles, and with `engine` its clocks, while the block runs."""
    async with AsyncExitStack() as stack:
        if "engine" in roles:
            await stack.enter_async_context(_services(engine, client, settings))
        if "agents" in roles:
            await stack.enter_async_context(_reporting(engine))
        for role in roles:
            worker = Worker(
                client,
                task_queue=names.QUEUES[role],
                plugins=[JourneymanPlugin(engine, roles=(role,))],
                max_concurrent_activities=50,
                graceful_shutdown_timeout=_GRACE,
            )
            await stack.enter_async_context(worker)
        yield


async def run(
    settings: Settings,
    roles: Sequence[str],
    *,
    stop: asyncio.Event | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Run until a signal, or until `stop` is set. `ready` is called once it works."""
    check_roles(roles)
    stop = stop or asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    project = Project.load(settings.project)
    with telemetry(settings, f"journeyman-{'-'.join(roles)}") as traced:
        async with engine_of(settings, project, traced, roles=roles) as engine:
            interceptors = traced.interceptors(project) if traced else ()
            client = await connect(settings, engine.database, engine.keyring, interceptors=interceptors)
            await check_search_attributes(client)
            async with running(engine, client, roles, settings):
                gc.freeze()  # what is loaded by now stays until the end: no collection walks it again
                log.info("worker is ready: %s", ", ".join(roles))
                if ready is not None:
                    ready()
                await stop.wait()
                log.info("worker stops")


def check_roles(roles: Sequence[str]) -> None:
    """Raises ConfigurationError for a role that there is not."""
    for role in roles:
        if role not in ROLES:
            raise ConfigurationError(f"`{role}` is no role of a worker; there are {', '.join(ROLES)}")
    if not roles:
        raise ConfigurationError(f"a worker needs a role; name one or more of {', '.join(ROLES)}")


def main(*roles: str) -> None:
    """What a production entry point calls. Exits with 1 and one plain line where it cannot start."""
    log_to_stderr()
    try:
        asyncio.run(run(Settings(), roles))
    except JourneymanError as error:
        raise SystemExit(f"error: {error}") from error


@asynccontextmanager
async def _services(engine: Engine, client: Client, settings: Settings) -> AsyncIterator[None]:
    """The engine's clocks: each its own loop, so that none waits for another."""
    async with _ledger(settings) as of_ledger:
        tasks = [
            asyncio.create_task(loop)
            for loop in (
                _every(DISPATCH_EVERY, lambda now: dispatch(engine.database, engine.keyring, client, now=now)),
                _every(SWEEP_EVERY, lambda now: sweep(engine.desk, now=now)),
                _every(ARCHIVE_EVERY, lambda now: archive(engine.database, client, now=now)),
                *of_ledger,
            )
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _reporting(engine: Engine) -> AsyncIterator[None]:
    """Say again and again how the model's endpoint stands, for those who watch; at the end, that nobody calls it from here."""
    process = f"{socket.gethostname()}:{os.getpid()}"

    async def report(now: datetime) -> None:
        async with engine.database.connection() as conn:
            await endpoints.report(conn, process, engine.endpoint.model, engine.endpoint.breaker.snapshot(), now)

    reporting = asyncio.create_task(_every(REPORT_EVERY, report))
    try:
        yield
    finally:
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)
        with suppress(UnavailableError):
            async with engine.database.connection() as conn:
                await endpoints.forget(conn, process, datetime.now(UTC))


@asynccontextmanager
async def _ledger(settings: Settings) -> AsyncIterator[list[Coroutine[None, None, None]]]:
    """The loops that integrate and publish, where this process may; at the end a last round, so that little is left waiting."""
    if settings.integrator_url is None and settings.ledger_key is None:
        log.warning(
            "no integrator is configured here: entries are recorded, and another engine worker must integrate them"
        )
        yield []
        return
    key, folder = SigningKey.parse(settings.need("ledger_key")), settings.checkpoints
    previous = tuple(VerifierKey.parse(text) for text in settings.previous_ledger_keys)
    database = await Database.connect(settings.need("integrator_url"), max_size=2)
    loops: list[Coroutine[None, None, None]] = [_integrate(database, key, previous)]
    if folder is not None:
        loops.append(_every(PUBLISH_EVERY, lambda _: publish(database, folder)))
    try:
        yield loops
        with suppress(UnavailableError, LedgerError):
            await integrate(database, key, now=datetime.now(UTC), previous_keys=previous)
            if folder is not None:
                await publish(database, folder)
    finally:
        await database.close()


async def _integrate(integrator: Database, key: SigningKey, previous: tuple[VerifierKey, ...]) -> None:
    """Integrate until cancelled. A ledger that is not the one that was signed is never extended; work goes on, recorded."""
    try:
        await integrate_for_ever(integrator, key, lambda: datetime.now(UTC), previous_keys=previous)
    except LedgerError as error:
        log.critical("the ledger is not integrated any more: %s", error)


async def _every(seconds: float, work: Callable[[datetime], Awaitable[object]]) -> None:
    """Do something again and again. While a service is away it waits; anything else is logged, and it goes on."""
    waiting = False
    while True:
        try:
            await work(datetime.now(UTC))
            waiting = False
        except UnavailableError as error:
            if not waiting:
                log.warning("waiting: %s", error)
            waiting = True
        except LedgerError as error:
            log.critical("%s", error)
        except Exception:
            log.exception("a sweep failed and is tried again")
        await asyncio.sleep(seconds)
