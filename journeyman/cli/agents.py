"""`agents`: which versions of AI agents are in force, and the stop button."""

from typing import Annotated

import typer

from journeyman.cli import output
from journeyman.cli.options import As, AsJson, AsMaybe, Reason, group
from journeyman.cli.session import AUTH, Session, run
from journeyman.errors import InputError, NotFoundError
from journeyman.publishing import all_in_force
from journeyman.tasks import stops
from journeyman.tasks.publication import publish_agents

app = group("The AI agents: publish, stop, resume.")

Name = Annotated[str | None, typer.Argument(metavar="[AGENT]", help="One of the project's.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every AI agent of the deployment.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the AI agents: what is in force, what this build has, what is stopped.

    Example: `journeyman agents list`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            published = await all_in_force(conn)
            stopped = {stop.scope: stop for stop in await stops.stops(conn)}
        told = []
        for agent in session.project.agents.values():
            row = published.get(f"agent:{agent.name}")
            stop = stopped.get(f"agent:{agent.name}") or stopped.get(stops.ALL)
            told.append(
                {
                    "name": agent.name,
                    "title": agent.title,
                    "build": agent.hash,
                    "published": row and row["hash"],
                    "published_by": row and row["published_by"],
                    "stopped": stop and stop.reason,
                }
            )
        columns = ("name", "title", "published", "by", "this build", "stopped")
        cells = [
            (
                each["name"],
                each["title"],
                (each["published"] or "never")[:12],
                each["published_by"],
                "the same" if each["build"] == each["published"] else (each["build"] or "")[:12],
                each["stopped"],
            )
            for each in told
        ]
        output.emit(told, lambda: output.table(columns, cells), as_json=as_json)

    run(work)


@app.command("publish")
def publish(person: As, agent: Name = None, as_json: AsJson = False) -> None:
    """Put this build's version of an AI agent in force, or of all.

    Example: `journeyman agents publish form-filler --as paula`
    """

    async def work(session: Session) -> None:
        agents = [session.project.agents[_known(session, agent)]] if agent else list(session.project.agents.values())
        published = await publish_agents(await session.desk(), agents, person, auth=AUTH, now=session.now())
        output.emit(
            {"published": published},
            lambda: f"in force now: {', '.join(published)}" if published else "all were in force already",
            as_json=as_json,
        )

    run(work)


@app.command("stop")
def stop(
    reason: Reason, agent: Name = None, everything: All = False, person: AsMaybe = None, as_json: AsJson = False
) -> None:
    """Press stop: an AI agent, or every one, does nothing more, and people get the work.

    Example: `journeyman agents stop form-filler --reason "it misreads dates" --as sofia`
    """

    async def work(session: Session) -> None:
        scope = _scope(session, agent, everything)
        await stops.stop(await session.desk(), scope, reason=reason, person=person, auth=AUTH, now=session.now())
        output.emit({"scope": scope, "stopped": True}, lambda: f"{scope} is stopped", as_json=as_json)

    run(work)


@app.command("resume")
def resume(agent: Name = None, everything: All = False, person: AsMaybe = None, as_json: AsJson = False) -> None:
    """Take the stop away. What went to people meanwhile stays with them.

    Example: `journeyman agents resume form-filler --as sofia`
    """

    async def work(session: Session) -> None:
        scope = _scope(session, agent, everything)
        await stops.resume(await session.desk(), scope, person=person, auth=AUTH, now=session.now())
        output.emit({"scope": scope, "stopped": False}, lambda: f"{scope} may go on", as_json=as_json)

    run(work)


def _scope(session: Session, agent: str | None, everything: bool) -> str:
    if (agent is None) != everything:
        raise InputError("name one AI agent, or say `--all`", field="agent")
    return f"agent:{_known(session, agent)}" if agent else stops.ALL


def _known(session: Session, agent: str) -> str:
    known = session.project.agents
    if agent not in known:
        raise NotFoundError(f"there is no AI agent `{agent}`; this project has {', '.join(known)}", field="agent")
    return agent
