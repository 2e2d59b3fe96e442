"""`migrate`, `keys`, `rewrap` and `worker`: what a deployment runs."""

import asyncio
import os
import sys
from typing import Annotated

import typer

from journeyman.cli import folder, output
from journeyman.cli.options import AsJson
from journeyman.cli.session import Session
from journeyman.cli.session import run as run_session
from journeyman.store import migrate as migrate_schema


def register(root: typer.Typer) -> None:
    """Add the commands."""
    root.command()(migrate)
    root.command()(worker)
    root.command()(keys)
    root.command()(rewrap)


def migrate(as_json: AsJson = False) -> None:
    """Bring the database's schema to this build's, as its owner (JOURNEYMAN_OWNER_URL). Safe to run again.

    Example: `journeyman migrate`
    """
    settings, _ = folder.read_settings()
    applied = asyncio.run(migrate_schema(settings.need("owner_url")))
    output.emit(
        {"applied": applied},
        lambda: f"applied {', '.join(applied)}" if applied else "the schema is this build's already",
        as_json=as_json,
    )


def keys(
    origin: Annotated[
        str, typer.Option("--origin", help="The ledger's name, for ever: a domain of yours and a path.")
    ] = "journeyman.example/ledger",
    as_json: AsJson = False,
) -> None:
    """Make the keys of a new deployment. Nothing is kept: store them where secrets are stored, the last one anywhere.

    Example: `journeyman keys --origin ledger.example.org/claims`
    """
    from journeyman.customers.keys import new_master_key
    from journeyman.ledger.checkpoint import SigningKey

    ledger = SigningKey.generate(origin)
    made = {
        "JOURNEYMAN_MASTER_KEY": new_master_key(),
        "JOURNEYMAN_LEDGER_KEY": ledger.secret(),
        "JOURNEYMAN_LEDGER_PUBLIC_KEY": str(ledger.verifier),
    }
    output.emit(
        made,
        lambda: "\n".join(
            [
                "# without the first no customer's data can be read again; who has the second can sign for the ledger",
                *(f"{name}={made[name]}" for name in ("JOURNEYMAN_MASTER_KEY", "JOURNEYMAN_LEDGER_KEY")),
                "# public: the console's, and what auditors verify with, `journeyman audit verify --key`",
                f"JOURNEYMAN_LEDGER_PUBLIC_KEY={made['JOURNEYMAN_LEDGER_PUBLIC_KEY']}",
            ]
        ),
        as_json=as_json,
    )


def rewrap(as_json: AsJson = False) -> None:
    """Wrap all data keys under the master key. Then JOURNEYMAN_PREVIOUS_MASTER_KEYS is needed no more, nor what it names.

    Example: `journeyman rewrap`
    """

    async def work(session: Session) -> None:
        done = 0
        while more := await _rewrapped(session):
            done += more
        output.emit({"rewrapped": done}, lambda: f"{done} keys are wrapped anew, and none is left", as_json=as_json)

    run_session(work)


async def _rewrapped(session: Session) -> int:
    async with (await session.database()).transaction() as conn:
        return await session.keyring.rewrap(conn)


def worker(
    roles: Annotated[
        str, typer.Option("--roles", metavar="ROLE,...", help="journeys, agents, engine: one or more.")
    ] = "journeys,agents,engine",
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True, help="End when stdin closes.")] = False,
) -> None:
    """Run a worker until a signal. What it does not finish, another one continues.

    Example: `journeyman worker --roles agents`
    """
    from journeyman.temporal.logs import log_to_stderr
    from journeyman.temporal.worker import run

    if with_parent:
        sys.stdin.readline()  # the parent says when the servers are up; what takes long is loaded by then
    settings, _ = folder.read_settings()
    log_to_stderr()

    async def whole() -> None:
        stop = asyncio.Event()
        if with_parent:
            stop_with_parent(stop)
        wanted = [role.strip() for role in roles.split(",") if role.strip()]
        await run(settings, wanted, stop=stop, ready=lambda: print("ready", flush=True))

    asyncio.run(whole())


def stop_with_parent(stop: asyncio.Event) -> None:
    """However a parent ends, its end of our stdin closes."""

    def look() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            asyncio.get_running_loop().remove_reader(sys.stdin)
            stop.set()

    asyncio.get_running_loop().add_reader(sys.stdin, look)
