"""`people`, `queues` and `apply`: who works where, and when."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from journeyman.cli import output
from journeyman.cli.options import AsJson, AsMaybe, group
from journeyman.cli.session import AUTH, Session, run
from journeyman.console import identity
from journeyman.errors import InputError
from journeyman.tasks import roster, staffing, wrap_up
from journeyman.tasks.models import Presence
from journeyman.tasks.people import all_queues, everyone, queue_counts
from journeyman.tasks.permission import OPERATOR

Whose = Annotated[str, typer.Argument(metavar="PERSON", help="Whose.", show_default=False)]

app = group("Who works, and who is there. Without a command: list them.", alone=True)


def register(root: typer.Typer) -> None:
    """Add the commands that need no noun."""
    root.command()(queues)
    root.command()(apply)


@app.callback()
def all_(context: typer.Context, as_json: AsJson = False) -> None:
    """Without a command: list them."""
    if context.invoked_subcommand is None:
        list_(as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the people, with what they have in hand.

    Example: `journeyman people list`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            people = await everyone(conn)
        columns = ("id", "name", "presence", "load", "capacity", "teams", "roles", "skills", "simulated")
        output.emit(
            people,
            lambda: output.table(
                columns,
                (
                    (p.id, p.name, p.presence, p.load, p.capacity, p.teams, p.roles, p.skills, "yes" * p.simulated)
                    for p in people
                ),
            ),
            as_json=as_json,
        )

    run(work)


@app.command("set-presence")
def set_presence(
    person: Whose,
    presence: Annotated[str, typer.Argument(help="online, away or offline.", show_default=False)],
    by: AsMaybe = None,
    as_json: AsJson = False,
) -> None:
    """Come, go, or take a break. A supervisor may do it for others.

    Example: `journeyman people set-presence anna online`
    """
    known = get_args(Presence)
    if presence not in known:
        raise InputError(f"`{presence}` is no presence; there are {', '.join(known)}", field="presence")
    wanted: Presence = presence  # type: ignore[assignment]  # checked above

    async def work(session: Session) -> None:
        desk = await session.desk()
        found = await staffing.set_presence(desk, person, wanted, by=by or person, now=session.now(), auth=AUTH)
        output.emit(found, lambda: f"{found.id} is {found.presence}", as_json=as_json)

    run(work)


@app.command("set-capacity")
def set_capacity(
    person: Whose,
    capacity: Annotated[int, typer.Argument(help="How many tasks at once, 0 to 100.", show_default=False)],
    by: AsMaybe = None,
    as_json: AsJson = False,
) -> None:
    """Change how much someone takes at once. What they hold already they keep.

    Example: `journeyman people set-capacity anna 3 --as sofia`
    """

    async def work(session: Session) -> None:
        desk = await session.desk()
        found = await staffing.set_capacity(desk, person, capacity, by=by, now=session.now(), auth=AUTH)
        output.emit(found, lambda: f"{found.id} takes {found.capacity} at once", as_json=as_json)

    run(work)


@app.command("set-skills")
def set_skills(
    person: Whose,
    skills: Annotated[list[str] | None, typer.Argument(help="All of them; none takes all away.")] = None,
    by: AsMaybe = None,
    as_json: AsJson = False,
) -> None:
    """Say what someone is skilled in: tasks that need a skill go to who has it.

    Example: `journeyman people set-skills anna english cards --as sofia`
    """

    async def work(session: Session) -> None:
        desk = await session.desk()
        found = await staffing.set_skills(desk, person, skills or (), by=by, now=session.now(), auth=AUTH)
        told = ", ".join(sorted(found.skills)) or "nothing in particular"
        output.emit(found, lambda: f"{found.id} is skilled in {told}", as_json=as_json)

    run(work)


@app.command("wrapped-up")
def wrapped_up(
    person: Whose,
    by: AsMaybe = None,
    as_json: AsJson = False,
) -> None:
    """Say that the wrap-up of the task last closed is done: offers come again. Nothing happens where none is under way.

    Example: `journeyman people wrapped-up anna`
    """

    async def work(session: Session) -> None:
        found = await wrap_up.end(await session.desk(), person, by=by or person, now=session.now(), auth=AUTH)
        output.emit(found, lambda: f"{found.id} has wrapped up", as_json=as_json)

    run(work)


@app.command("sign-out")
def sign_out(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whom.", show_default=False)],
    by: AsMaybe = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Revoke their tokens, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """End all sessions of someone, wherever they are signed in. Their tokens stay, unless --tokens revokes them.

    Example: `journeyman people sign-out anna --as sofia`
    """

    async def work(session: Session) -> None:
        await identity.end_sessions(await session.desk(), person, tokens=tokens, by=by, now=session.now(), auth=AUTH)
        output.emit({"signed_out": person}, lambda: f"{person} is signed out everywhere", as_json=as_json)

    run(work)


def queues(as_json: AsJson = False) -> None:
    """List the queues, with what waits in them.

    Example: `journeyman queues`
    """

    async def work(session: Session) -> None:
        now = session.now()
        async with (await session.database()).connection() as conn:
            found = await all_queues(conn)
            teams = sorted({team for queue in found for team in queue.teams})
            counts = await queue_counts(conn, teams)
        told = [
            queue.model_dump(mode="json") | counts.get(queue.id, {}) | {"open": queue.calendar.open_at(now)}
            for queue in found
        ]
        columns = ("id", "title", "waiting", "in_hand", "on_hold", "waiting_since", "open", "teams")
        output.emit(
            told,
            lambda: output.table(columns, ([each.get(name) for name in columns] for each in told)),
            as_json=as_json,
        )

    run(work)


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML, JSON or TOML.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Set people, teams, queues and calendars from a file. What the file does not name stays.

    Example: `journeyman apply roster.yaml`
    """

    async def work(session: Session) -> None:
        applied = await roster.apply(await session.desk(), roster.read(file), OPERATOR, session.now())
        pairs = [("calendars", applied.calendars), ("people", applied.people), ("queues", applied.queues)]
        output.emit(
            applied, lambda: output.facts(pairs) if applied.changed else "it is in force already", as_json=as_json
        )

    run(work)
