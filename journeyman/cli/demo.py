"""`demo`: the whole system on a few customers, with simulated people, and an account of it that others than the engine count."""

import asyncio
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from journeyman.cli import folder as folders
from journeyman.cli.demo_report import Kept, most_telling, report
from journeyman.cli.dev import Ports, development
from journeyman.cli.options import AsJson
from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.embedded.lock import FolderLock
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.temporal import TemporalServer
from journeyman.errors import ConfigurationError, InputError
from journeyman.project import Project, load_object
from journeyman.settings import Settings
from journeyman.store.sql import load
from journeyman.testing.simulation import Act, Demo, Play, Played, Progress, Summary, World, account, opened

sql = load("simulation")

_MARK = "demo"  # a file that only a demo's folder has: nothing else is ever deleted
_CONCURRENCY = 8  # customers at a time that keep two cores busy
_GRACE, _EACH = 120.0, 5.0  # seconds: the default deadline, and what is added for each customer


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(demo)


def demo(
    conversations: Annotated[
        Path | None,
        typer.Option("--conversations", metavar="FILE", help="Play these recorded customers.", show_default=False),
    ] = None,
    domain: Annotated[str, typer.Option("--domain", help="Which of the recorded customers.")] = "bank",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.", show_default=False)] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=64, help="Customers at a time.")
    ] = _CONCURRENCY,
    deadline: Annotated[
        float | None, typer.Option("--deadline", min=1, help="Seconds until it gives up.", show_default=False)
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where it is kept.", show_default=".journeyman/demo")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run everything on a few customers of our own, or on recorded ones, with simulated people; then tell what came of it.

    Exit code 0 only if every journey has ended, nothing is lost, and the ledger is verified. What the folder held of an
    earlier demo is deleted.

    Example: `journeyman demo --conversations star.open.jsonl.gz --domain bank --limit 20 --json`
    """
    place = (folder or folders.DEFAULT / "demo").resolve()
    console = Console(stderr=as_json, highlight=False, width=None if sys.stdout.isatty() and not as_json else 120)
    summary = asyncio.run(_demo(place, conversations, domain, limit, concurrency, deadline, console, as_json))
    if as_json:
        print(summary.model_dump_json(), flush=True)
    if not summary.ok:
        raise typer.Exit(1)


async def _demo(
    place: Path,
    conversations: Path | None,
    domain: str,
    limit: int | None,
    concurrency: int,
    deadline: float | None,
    console: Console,
    as_json: bool,
) -> Summary:
    project = Project.load(Settings().project)
    played = demo_of(project)
    acts = played.scenarios() if conversations is None else played.conversations(conversations, domain, limit)
    customers = sum(len(act.scenes) for act in acts)
    await _make_room(place)
    with ExitStack() as stack:
        os.environ.update(stack.enter_context(played.doubles(place, acts)))  # the worker's process inherits it
        console.print(f"starting Temporal, Postgres, a stand-in model and workers in {place}", soft_wrap=True)
        async with development(place, Ports(), ui=False):
            summary, kept, conversation = await _play(
                place, project, played, acts, concurrency, deadline or _GRACE + _EACH * customers, console
            )
    if not as_json:
        report(console, summary, kept, conversation, place)
    return summary


def demo_of(project: Project) -> Demo:
    """The project's demo. Raises ConfigurationError if it has none."""
    if project.demo is None:
        raise ConfigurationError(
            'this project has no demo; name one as `demo = "activities.demo:DEMO"` in [tool.journeyman], see docs/demo.md'
        )
    found: Demo = load_object(project.demo, Demo)
    return found


async def _play(
    place: Path,
    project: Project,
    played: Demo,
    acts: Sequence[Act],
    concurrency: int,
    deadline: float,
    console: Console,
) -> tuple[Summary, list[Kept], list[Message]]:
    settings, _ = folders.read_settings(place)
    progress = Progress(console)
    async with opened(settings, project) as world:
        if not world.engine.endpoint.is_standin:
            console.print("a real model is configured: the act in which the model is away is left out")
            acts = [act for act in acts if not act.model_away]
        started = time.monotonic()
        with progress.shown():
            done = await Play(world, played, progress, concurrency).run(acts, deadline=deadline)
        seconds = time.monotonic() - started
        console.print(f"played in {seconds:.1f} s; counting, and verifying the ledger")
        summary = await account(world, played, done, folder=place, seconds=seconds)
        kept, conversation = await _kept(world, done)
    return summary, kept, conversation


async def _kept(world: World, played: Played) -> tuple[list[Kept], list[Message]]:
    """The journeys, and what was said in the one that tells most."""
    kept, owner = [], {}
    async with world.engine.database.connection() as conn:
        tasks = Counter(row["journey_id"] for row in await conn.fetch(sql["tasks"], list(played.journeys)))
        for row in await conn.fetch(sql["journeys"], list(played.journeys)):
            scene = played.journeys[row["id"]].scene
            owner[row["id"]] = row["customer_id"]
            kept.append(Kept(scene.title or scene.id, row["id"], row["outcome"] or row["status"], tasks[row["id"]]))
        if not kept:
            return [], []
        told = most_telling(kept).journey
        return kept, await transcript.read(conn, world.engine.keyring, told, owner[told])


async def _make_room(place: Path) -> None:
    """Delete what an earlier demo has left in the folder.

    Raises InputError for a folder that is not a demo's, ConfigurationError for one whose demo still runs.
    """
    if await asyncio.to_thread(_is_used, place):
        lock = FolderLock(place)
        lock.acquire()
        lock.release()
        await asyncio.to_thread(TemporalServer(place).end_orphan)
        await Postgres(place).remove()
        await asyncio.to_thread(shutil.rmtree, place)
    await asyncio.to_thread(_mark, place)


def _is_used(place: Path) -> bool:
    if not place.exists() or not any(place.iterdir()):
        return False
    if not (place / _MARK).exists():
        raise InputError(f"`{place}` holds something else than a demo; name another `--folder`", field="folder")
    return True


def _mark(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / _MARK).touch()
