"""The console as a process: what it stands on, where it listens, and how it ends."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import uvicorn
import uvloop
from starlette.types import ASGIApp

from journeyman.agents.setup import OnDemand
from journeyman.console import identity
from journeyman.console.app import build
from journeyman.console.asked import Console
from journeyman.console.listening import listen, url_of
from journeyman.console.live.feed import Feed
from journeyman.console.loopback import Loopback, is_loopback
from journeyman.console.provider import Provider
from journeyman.console.server import Server
from journeyman.errors import ConfigurationError, InputError, JourneymanError, UnavailableError
from journeyman.project import Project
from journeyman.publishing import Published
from journeyman.settings import Settings
from journeyman.store.database import UNMIGRATED, Database
from journeyman.tasks.desk import Desk
from journeyman.temporal.connection import keyring_of
from journeyman.temporal.logs import log_to_stderr
from journeyman.temporal.sender import Sender

log = logging.getLogger("journeyman.console")

_CONNECTIONS = 20
_GRACE = 10  # seconds that requests under way may still take
_IDLE = 75  # seconds that a connection stays open without a request


@asynccontextmanager
async def opened(settings: Settings, *, picker: bool = False) -> AsyncIterator[Console]:
    """What the console stands on, its feed running, while the block runs.

    A Postgres that is away is waited for; one that refuses us, or lacks what this build needs, is a ConfigurationError.
    """
    project = Project.load(settings.project)
    keyring, dsn = keyring_of(settings), settings.need("database_url")
    async with AsyncExitStack() as stack:
        database = await Database.connect(dsn, min_size=0, max_size=_CONNECTIONS)
        stack.push_async_callback(database.close)
        await _check(database)
        # A connection of its own: no request delays what is told live.
        listened = await Database.connect(dsn, min_size=0, max_size=1, command_timeout=5)
        stack.push_async_callback(listened.close)
        feed = Feed(listened)
        telling = asyncio.create_task(feed.run())
        stack.push_async_callback(_end, telling)
        endpoint = OnDemand(settings)
        stack.push_async_callback(endpoint.close)
        sender = Sender(settings, database, keyring)
        stack.push_async_callback(sender.close)
        desk = Desk(
            database,
            keyring,
            Published().authorizer,
            project.step,
            links=lambda: project.links,
            notices=partial(project.notices_due, by_ai=False),
            send=sender.send,
        )
        yield Console(
            settings,
            project,
            desk,
            picker=picker,
            provider=Provider.of(settings),
            feed=feed,
            endpoint=endpoint,
            chat=picker or settings.chat,
        )


@asynccontextmanager
async def serving(console: Console, listening: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    """Answer requests while the block runs; then those under way finish, and streams end at once. Yields what serves.

    INVARIANT: with the picker, nobody reaches the console but from this machine. Anything else is an InputError.
    """
    _require_safe(console, listening)
    app = build(console)
    served = Loopback(app) if console.picker else app
    proxies = [str(each) for each in console.settings.console_proxies]
    server = Server(_config(served, proxies), console.feed.end if console.feed else _nothing)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    up = asyncio.create_task(server.up.wait())
    try:
        await asyncio.wait({up, task}, return_when=asyncio.FIRST_COMPLETED)
        yield task
    finally:
        up.cancel()
        server.should_exit = True
        await task


async def serve(
    settings: Settings,
    listening: socket.socket,
    *,
    picker: bool = False,
    stop: asyncio.Event | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Open everything and serve until a signal, or until `stop` is set. `ready` is told the address once it answers."""
    stop = stop or asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    url = url_of(listening)
    if "console_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"console_url": url})
    with closing(listening):
        async with opened(settings, picker=picker) as console, serving(console, listening) as task:
            spare_collections()
            log.info("the console is at %s", url)
            if ready is not None:
                ready(url)
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({stopping, task}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()


def spare_collections() -> None:
    """Have the garbage collector look seldom, and never at what is loaded by now.

    A request makes ten thousands of objects, of which hardly any is in a cycle; by default some requests in a hundred wait for
    some milliseconds while all that is kept is walked.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def main() -> None:
    """What a production entry point calls. Exits with 1 and one plain line where it cannot start."""
    log_to_stderr()
    settings = Settings()
    try:
        uvloop.run(serve(settings, listen(settings.console_host, settings.console_port)))
    except JourneymanError as error:
        raise SystemExit(f"error: {error}") from error


def _config(app: ASGIApp, proxies: list[str]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),  # nobody else is believed where a request comes from
        forwarded_allow_ips=proxies,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
    )


def _require_safe(console: Console, listening: socket.socket) -> None:
    host, url = listening.getsockname()[0], console.settings.console_url
    if console.picker and not (is_loopback(host) and is_loopback(urlsplit(url).hostname)):
        raise InputError(
            f"with the picker whoever comes may choose who they are, and `{host}`, reached as `{url}`, is not this machine "
            "alone; listen on 127.0.0.1, or have people sign in with an identity provider",
            field="host",
        )
    if not is_loopback(host) and not console.secure:
        log.warning(
            "`JOURNEYMAN_CONSOLE_URL` is not https: sessions travel in the clear; put a proxy with TLS before it"
        )


def _nothing() -> None:
    """There are no streams to end."""


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _check(database: Database) -> None:
    """Postgres lets us in and has what we need; if it is away, that is said."""
    try:
        async with database.connection() as conn:
            await identity.by_cookie(conn, "", datetime.now(UTC))
    except UnavailableError as error:
        log.warning("waiting: %s", error)
    except UNMIGRATED as error:
        raise ConfigurationError(
            f"the database lacks what this build needs ({error}); run `journeyman migrate`"
        ) from error
