"""What `demo` does: loaded only by it, since it brings the whole system with it."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from journeyman.cli import folder as folders
from journeyman.cli.demo_report import Kept, most_telling, report
from journeyman.cli.dev import Ports, development
from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.embedded.stack import Stack
from journeyman.errors import ConfigurationError, InputError
from journeyman.project import Project, load_object
from journeyman.settings import Settings
from journeyman.store.sql import load
from journeyman.testing.simulation import Act, Demo, Play, Played, Progress, Summary, World, account, open_house, opened

sql = load("simulation")

Result = tuple[Summary, list[Kept], list[Message]]
"""What came of it, the journeys, and what was said in the one that tells most."""

_MARK = "demo"  # a file that only a demo's folder has: nothing else is ever deleted
_GRACE, _EACH = 120.0, 5.0  # seconds: the default deadline, and what is added for each customer


async def play(
    place: Path,
    conversations: Path | None,
    domain: str,
    limit: int | None,
    concurrency: int,
    deadline: float | None,
    console: Console,
    console_port: int | None,
    as_json: bool,
    serve: bool,
) -> Summary:
    """Start everything in a folder, play the customers, and count what came of it; to `serve` is to go on until a signal."""
    project = Project.load(Settings().project)
    played = demo_of(project)
    acts = played.scenarios() if conversations is None else played.conversations(conversations, domain, limit)
    customers = sum(len(act.scenes) for act in acts)
    await _make_room(place)
    with ExitStack() as stack:
        os.environ.update(stack.enter_context(played.doubles(place, acts)))  # the worker's process inherits it
        console.print(f"starting Temporal, Postgres, a stand-in model and workers in {place}", soft_wrap=True)
        async with development(place, Ports(console=console_port), ui=False) as told:
            url = told["console"]
            console.print(f"the console is at {url}: choose who to be", soft_wrap=True)
            result = await _play(
                place, project, played, acts, concurrency, deadline or _GRACE + _EACH * customers, console
            )
            if serve:
                _tell(console, result, place, played, as_json, url)
                await _go_on(place, project, played, acts)
    if not serve:
        _tell(console, result, place, played, as_json)
    return result[0]


def _tell(console: Console, result: Result, place: Path, played: Demo, as_json: bool, url: str | None = None) -> None:
    """What came of it; `url` is the console's, where it goes on."""
    summary, kept, conversation = result
    if as_json:
        print(summary.model_dump_json(), flush=True)
    else:
        report(console, summary, kept, conversation, place, recorded=played.plays_recorded, url=url)


async def _go_on(place: Path, project: Project, played: Demo, acts: Sequence[Act]) -> None:
    """Leave it open until Ctrl-C; a second one ends us at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    settings, _ = folders.read_settings(place)
    async with opened(settings, project) as world:
        stopped = asyncio.create_task(stop.wait())
        house = asyncio.create_task(open_house(world, played, acts))
        await asyncio.wait({house, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if house.done():
            house.result()  # it ends by a fault alone
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        for task in (house, stopped):
            task.cancel()
        await asyncio.gather(house, stopped, return_exceptions=True)


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
) -> Result:
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
        await Stack(place).remove()
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
