"""`dev`: everything on one machine, in one folder, with one command."""

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from journeyman.cli import folder as folders
from journeyman.cli import output
from journeyman.cli.local_console import LocalConsole
from journeyman.cli.options import AsJson
from journeyman.cli.supervisor import Child, environment
from journeyman.embedded.process import free_port, require_port
from journeyman.embedded.stack import Stack
from journeyman.embedded.temporal import NAMESPACE
from journeyman.errors import InputError, JourneymanError
from journeyman.knowledge.base import Base
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import Published, put_in_force
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.tasks import roster
from journeyman.tasks.desk import Desk
from journeyman.tasks.people import all_queues
from journeyman.tasks.publication import Examined, examine

DEV = Actor(kind="system", id="dev", auth="cli")

STANDIN = "stand-in"
_OPENAI_MODEL = "gpt-4.1-mini"
_WORKER = [sys.executable, "-m", "journeyman", "worker", "--with-parent"]
_LOOK_AFTER_SERVERS = 1.0  # seconds

Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, metavar="PORT", help="Of 127.0.0.1; without, a free one.", show_default=False),
]


@dataclass(frozen=True)
class Ports:
    """What the user has asked for; None takes a free one, and keeps it in the folder where that matters."""

    temporal: int | None = None
    ui: int | None = None
    postgres: int | None = None
    model: int | None = None
    console: int | None = None


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(dev)


def dev(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where everything is kept.", show_default=".journeyman")
    ] = None,
    temporal_port: Port = None,
    ui_port: Port = None,
    postgres_port: Port = None,
    model_port: Port = None,
    console_port: Port = None,
    ui: Annotated[bool, typer.Option("--ui/--no-ui", help="Temporal's own pages.")] = True,
    remove: Annotated[
        bool, typer.Option("--remove", help="Start nothing: delete the folder and its database for good.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start Temporal, Postgres, a stand-in model, workers and the console on this machine, and keep them running until Ctrl-C.

    In its console whoever comes may choose who they are: it answers on this machine alone.

    What is in the folder continues where it was. Other commands find their way through the folder. `--remove` deletes it all,
    and as root also the database, which then stands outside of the folder.

    Example: `journeyman dev --folder .journeyman --ui-port 8233`
    """
    ports = Ports(temporal_port, ui_port, postgres_port, model_port, console_port)
    place = (folder or folders.chosen.get()).resolve()
    if remove:
        asyncio.run(_remove(place))
        output.emit({"removed": str(place)}, lambda: f"`{place}` and its database are deleted", as_json=as_json)
        return
    asyncio.run(_until_interrupted(place, ports, ui=ui, as_json=as_json))


async def _remove(place: Path) -> None:
    """Delete the data of a `dev` folder. Raises InputError for any other, ConfigurationError for one that is in use."""
    if not any(
        (place / name).exists() for name in ("stack.json", "postgres.id")
    ):  # the latter: its first start was cut short
        raise InputError(f"`{place}` is no folder of `journeyman dev`; name it with `--folder`", field="folder")
    if Path.cwd().is_relative_to(place) or Settings().project.resolve().is_relative_to(place):
        raise InputError(f"`{place}` holds more than `journeyman dev` has made; delete it by hand", field="folder")
    await Stack(place).remove()


async def _until_interrupted(place: Path, ports: Ports, *, ui: bool, as_json: bool) -> None:
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()
    assert whole is not None

    def stop(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)  # a second one ends us at once
        whole.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        async with development(place, ports, ui=ui) as told:
            output.emit(told, lambda: _table(told), as_json=as_json)
            sys.stdout.flush()
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not as_json:
            output.note("stopped; `journeyman dev` continues where it was")


@asynccontextmanager
async def development(place: Path, ports: Ports, *, ui: bool) -> AsyncIterator[dict[str, Any]]:
    """Everything, while the block runs; yields what is where. Raises ConfigurationError that says what stands in the way."""
    for port, what in ((ports.model, "the stand-in model"), (ports.console, "the console")):
        if port is not None:
            require_port(port, what)
    environ = Settings()
    project = Project.load(environ.project)
    examined, base = await asyncio.to_thread(examine, project.policies), project.base()
    async with AsyncExitStack() as running:
        servers = Stack(place, temporal_port=ports.temporal, ui=ui, ui_port=ports.ui, postgres_port=ports.postgres)
        # INVARIANT: the folder is ours before anything else of it is touched.
        await servers.occupy()
        ours = [variable for variable in project.providers if variable not in os.environ]
        for variable in ours:  # each gets the port that it had
            await asyncio.to_thread(_provider(project, variable, 0, place, {}).end_orphan)
        ports_of = {variable: free_port(folders.last_double_port(place, variable)) for variable in ours}
        addresses = {variable: f"http://127.0.0.1:{port}" for variable, port in ports_of.items()}
        path = os.pathsep.join(filter(None, (str(project.folder), os.environ.get("PYTHONPATH"))))
        environ_of = environment(PYTHONPATH=path, JOURNEYMAN_FOLDER=str(place), **addresses)
        worker = Child("worker", _WORKER, place, environment=environ_of)
        os.environ.update(addresses)  # of the console, which lets people give out links that name them
        starting = asyncio.create_task(servers.start())
        running.push_async_callback(_stop, servers, starting)
        console = LocalConsole(place, ports.console)
        running.callback(console.close)
        running.push_async_callback(worker.stop)
        await worker.launch()  # it imports while the servers start
        provided = [_provider(project, variable, port, place, environ_of) for variable, port in ports_of.items()]
        for provider in provided:
            running.push_async_callback(provider.stop)
        await asyncio.gather(*(provider.launch() for provider in provided))
        await asyncio.gather(*(provider.ready() for provider in provided))
        await starting
        settings = await _settings(running, environ, servers, project, ports, console.url)
        folders.remember(place, settings, {variable: os.environ[variable] for variable in project.providers})
        database = await Database.connect(servers.dsn("journeyman_app"), max_size=2)
        running.push_async_callback(database.close)
        desk = Desk(database, servers.keyring, Published().authorizer, project.step)
        mend = [*(base.check(project.kinds) if base else ()), *await _bootstrap(desk, project, examined, base)]
        await running.enter_async_context(console.serving(settings))
        await worker.ready("go\n")
        watch = asyncio.create_task(_keep_servers(servers))
        running.callback(watch.cancel)
        yield _told(servers, settings, project, examined, mend, worker) | {"providers": addresses}


def _provider(project: Project, variable: str, port: int, place: Path, environ: Mapping[str, str]) -> Child:
    """One of the project's doubles, not started."""
    command = shlex.split(project.providers[variable])
    # Each word by itself: a folder's name may hold spaces.
    module, *options = (word.format(port=port, folder=place, project=project.folder) for word in command)
    return Child(module.rpartition(".")[2], [sys.executable, "-m", module, *options], place, environment=environ)


async def _stop(servers: Stack, starting: asyncio.Task[None]) -> None:
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await servers.stop()


async def _settings(
    running: AsyncExitStack, environ: Settings, servers: Stack, project: Project, ports: Ports, console: str
) -> Settings:
    """The settings of everything in the folder; starts the stand-in model if no other is configured."""
    own: dict[str, Any] = {
        "project": project.folder,
        "database_url": SecretStr(servers.dsn("journeyman_app")),
        "integrator_url": SecretStr(servers.dsn("journeyman_integrator")),
        "owner_url": SecretStr(servers.dsn()),
        "temporal_address": servers.temporal.address,
        "temporal_namespace": NAMESPACE,
        "checkpoints": servers.folder / "checkpoints",
        "console_url": console,
    }
    if environ.model_base_url is not None or environ.model_api_key is not None:
        from journeyman.agents.setup import OPENAI

        own["model_base_url"] = environ.model_base_url or OPENAI
        own["model"] = environ.model if "model" in environ.model_fields_set else _OPENAI_MODEL
    else:
        from journeyman.agents.standin.server import serve_standin

        standin = await running.enter_async_context(serve_standin(port=ports.model or 0, project=project.folder))
        own |= {"model_base_url": standin.base_url, "model": STANDIN}
    return environ.model_copy(update=own)


async def _bootstrap(desk: Desk, project: Project, examined: Examined, base: Base | None) -> list[str]:
    """Put in force what the project's files say: policies, AI agents, knowledge, roster. On the record as done by `dev`.

    Returns what to mend where a step then has no queue.
    """
    now = datetime.now(UTC)
    async with recording(desk.database, desk.keyring) as tx:
        await put_in_force(tx, examined.bundle, project.agents.values(), DEV, now, knowledge=base)
    if project.roster is not None:
        await roster.apply(desk, roster.read(project.roster), DEV, now)
    async with desk.database.connection() as conn:
        return project.unserved([queue.id for queue in await all_queues(conn)])


async def _keep_servers(servers: Stack) -> None:
    """Start a server again that has died; what it held is on disk."""
    while True:
        await asyncio.sleep(_LOOK_AFTER_SERVERS)
        for name, server in (("Postgres", servers.postgres), ("Temporal", servers.temporal)):
            if not server.running:
                output.note(f"{name} has died and is started again; see its log in `{servers.folder}`")
                try:
                    await server.restart()
                except JourneymanError as error:
                    output.note(str(error))


def _told(
    servers: Stack, settings: Settings, project: Project, examined: Examined, mend: list[str], worker: Child
) -> dict[str, Any]:
    """Everything that there is to know about it."""
    standin = settings.model == STANDIN
    told: dict[str, Any] = servers.describe()
    told |= {
        "console": settings.console_url,
        "model": f"{settings.model} at {settings.model_base_url}",
        "standin": standin,
        "worker": str(worker.log),
        "checkpoints": str(settings.checkpoints),
        "journeys": sorted(project.journeys),
        "agents": sorted(project.agents),
        "policies": examined.bundle.hash,
        "problems": [*examined.problems, *mend, *(f"case `{each.case.name}` fails" for each in examined.failed)],
    }
    return told


def _table(told: dict[str, Any]) -> Group:
    where = [
        ("console", f"{told['console']} (choose who to be; it answers on this machine alone)"),
        ("folder", told["folder"]),
        ("Temporal", told["temporal"]),
        ("Temporal's pages", told.get("temporal pages")),
        ("Postgres", told["postgres"]),
        ("model", f"{told['model']}{' (a stand-in: no key is set)' if told['standin'] else ''}"),
        *told["providers"].items(),
        ("workers", f"all roles, log in {told['worker']}"),
        ("checkpoints", told["checkpoints"]),
        ("ledger key", told["ledger key"]),
        ("journeys", told["journeys"]),
        ("AI agents", told["agents"]),
        ("policies", told["policies"][:12]),
        ("mend", told["problems"]),
    ]
    kind = (told["journeys"] or ["KIND.v1"])[0].rpartition(".")[0]
    tries = [
        f'journeyman say ada "hello" --kind {kind} --wait 10',
        "journeyman list",
        "journeyman people list",
        "journeyman trace ID",
        "journeyman audit verify",
    ]
    return Group(
        Panel(output.facts(where), title="Journeyman is running", title_align="left", expand=False),
        Text("Try, in another terminal:"),
        *(Text(f"  {each}") for each in tries),
        Text("Ctrl-C stops it; it continues where it was."),
    )
