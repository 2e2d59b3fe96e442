"""`diagram`, `replay` and `versions`: what a kind is, what runs of it, and whether this build can go on with it."""

from typing import Annotated, Any

import typer

from journeyman.cli import output
from journeyman.cli.options import AsJson, Histories, Kind
from journeyman.cli.session import Session, run
from journeyman.customers import journeys
from journeyman.errors import TemporalUnavailableError
from journeyman.journey import names
from journeyman.journey.diagram import mermaid


def register(root: typer.Typer) -> None:
    """Add the commands."""
    for command in (diagram, replay, versions):
        root.command()(command)


def diagram(
    kind: Kind,
    version: Annotated[
        int | None, typer.Option("--version", help="Not the newest but this one.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a journey's machine as a Mermaid state diagram.

    Example: `journeyman diagram insurance-claim`
    """

    async def work(session: Session) -> None:
        definition = session.project.definition(kind, version)
        drawn = mermaid(definition)
        told = {"kind": kind, "version": definition.version, "mermaid": drawn}
        output.emit(told, lambda: drawn, as_json=as_json)

    run(work)


def replay(
    kind: Kind,
    closed: Annotated[bool, typer.Option("--closed", help="Those that have ended, too.")] = False,
    limit: Histories = None,
    as_json: AsJson = False,
) -> None:
    """Replay running journeys against this build, before it is deployed. Exit code 1 if one of them could not go on.

    Example: `journeyman replay bank-service`
    """

    async def work(session: Session) -> None:
        from journeyman.temporal.replay import replay_running

        session.project.definition(kind)
        found = await replay_running(
            session.project,
            session.keyring,
            await session.database(),
            await session.temporal(),
            kind=kind,
            closed=closed,
            limit=limit,
            told=output.progress("histories replayed"),
        )
        columns = ("journey", "type", "events", "result")
        failed = [each for each in found.replayed if each.problem]
        title = f"{len(found.replayed)} replayed, {len(failed)} cannot go on"
        if found.unread:
            title += f", {found.unread} not replayed: leave out --limit"

        def shown() -> Any:
            return output.table(
                columns,
                ((each.journey, each.type, each.events, each.problem or "replays") for each in found.replayed),
                title=title,
            )

        output.emit(found, shown, as_json=as_json)
        if failed:
            raise typer.Exit(1)

    run(work)


def versions(kind: Kind, as_json: AsJson = False) -> None:
    """Count a kind's journeys by version and status: as Postgres knows them, and as Temporal does.

    Example: `journeyman versions bank-service`
    """

    async def work(session: Session) -> None:
        newest = session.project.definition(kind).version
        async with (await session.database()).connection() as conn:
            rows = await journeys.counts(conn, kind)
        built = [
            journey.definition.version
            for journey in session.project.journeys.values()
            if journey.definition.kind == kind
        ]
        known = sorted({*built, *(row["version"] for row in rows)})
        try:
            temporal = {version: await _executions(session, kind, version) for version in known}
        except TemporalUnavailableError:
            output.note("Temporal is away: this is what Postgres knows")
            temporal = {}
        told = [
            {
                "version": version,
                "newest": version == newest,
                "in_build": version in built,
                "postgres": {row["status"]: row["journeys"] for row in rows if row["version"] == version},
                "temporal": temporal.get(version),
            }
            for version in known
        ]

        def shown() -> Any:
            cells = (
                (
                    f"v{each['version']}{' (newest)' if each['newest'] else ''}",
                    each["in_build"],
                    _counts(each["postgres"]),
                    _counts(each["temporal"]),
                )
                for each in told
            )
            return output.table(("version", "in this build", "Postgres", "Temporal"), cells, title=kind)

        output.emit(told, shown, as_json=as_json)

    run(work)


async def _executions(session: Session, kind: str, version: int) -> dict[str, int]:
    client = await session.temporal()
    wanted = f"WorkflowType = '{names.workflow_type(kind, version)}'"
    counted = await client.count_workflows(f"{wanted} GROUP BY ExecutionStatus")
    return {str(group.group_values[0]).lower(): group.count for group in counted.groups}


def _counts(counts: Any) -> str:
    return ", ".join(f"{number} {status}" for status, number in (counts or {}).items()) or "none"
