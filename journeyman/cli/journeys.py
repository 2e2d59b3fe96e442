"""`start`, `show`, `list`, `cancel`, and `journeys stop|resume|reassign`: whole journeys."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from journeyman.cli import output
from journeyman.cli.options import AsJson, AsMaybe, Channel, Comment, JourneyId, Kind, Limit, Reason, group, read_json
from journeyman.cli.session import AUTH, Session, run
from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow, Status
from journeyman.customers.record import NewCustomer
from journeyman.errors import TemporalUnavailableError
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.tasks import cases, stops
from journeyman.tasks.change import tasks_of_journey
from journeyman.tasks.models import Task
from journeyman.tasks.permission import OPERATOR, Permission

app = group("Take a journey away from AI agents, or give it back.")


def register(root: typer.Typer) -> None:
    """Add the commands that need no noun."""
    for command in (start, show, cancel):
        root.command()(command)
    root.command("list")(list_)


def start(
    kind: Kind,
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="ID", help="The customer, by id.", show_default=False)
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address", help="The customer, by address on the channel; made, if new there.", show_default=False
        ),
    ] = None,
    channel: Channel = "chat",
    id: Annotated[
        str | None, typer.Option("--id", help="The journey's id: a pseudonym, used once for ever.", show_default=False)
    ] = None,
    input: Annotated[str, typer.Option("--input", metavar="JSON|@FILE", help="The journey's initial state.")] = "{}",
    linked_from: Annotated[
        str | None, typer.Option("--linked-from", metavar="ID", help="It came out of this journey.", show_default=False)
    ] = None,
    reopens: Annotated[
        str | None, typer.Option("--reopens", metavar="ID", help="It goes on with this closed one.", show_default=False)
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of a new customer.")] = "en",
    time_zone: Annotated[str, typer.Option("--time-zone", help="Of a new customer.")] = "UTC",
    tier: Annotated[str, typer.Option("--tier", help="Of a new customer.")] = "standard",
    as_json: AsJson = False,
) -> None:
    """Start a journey: the newest version of its kind.

    Example: `journeyman start insurance-claim --address ada@example.org --channel email --id claim-4711`
    """

    async def work(session: Session) -> None:
        desk, now = await session.desk(), session.now()
        row = await cases.open_case(
            desk,
            session.project.definition(kind),
            customer=customer,
            address=address,
            channel=channel,
            input=read_json(input, "input"),
            id=id,
            linked_from=linked_from,
            reopens=reopens,
            newcomer=NewCustomer(language=language, time_zone=time_zone, tier=tier),
            permitted=Permission(OPERATOR),
            now=now,
        )
        delivered = await session.deliver(row.id)
        output.emit(
            row.model_dump(mode="json") | {"delivered": delivered},
            lambda: f"journey {row.id} of {row.kind} version {row.version} for customer {row.customer_id}",
            as_json=as_json,
        )

    run(work)


def show(
    journey: JourneyId,
    conversation: Annotated[bool, typer.Option("--conversation", help="With what was said.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one journey: where it stands, who works on it, its tasks.

    Example: `journeyman show claim-4711 --conversation`
    """

    async def work(session: Session) -> None:
        desk = await session.desk()
        async with desk.database.connection() as conn:
            row = await journeys.read(conn, journey)
            tasks = await tasks_of_journey(conn, journey)
            said = await transcript.read(conn, session.keyring, journey, row.customer_id) if conversation else []
        waiting, failing = await _standing(session, row)
        told = row.model_dump(mode="json") | {
            "waiting_for": waiting,
            "failing": failing,
            "tasks": [_brief(task) for task in tasks],
        }
        if conversation:
            told["conversation"] = [message.model_dump(mode="json") for message in said]
        output.emit(told, lambda: _page(row, waiting, tasks, said), as_json=as_json)

    run(work)


def list_(
    kind: Annotated[str | None, typer.Option("--kind", help="Only of this kind.", show_default=False)] = None,
    status: Annotated[Status | None, typer.Option("--status", help="How they stand.", show_default=False)] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="ID", help="Only of this customer.", show_default=False)
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List journeys, the newest first.

    Example: `journeyman list --kind bank-service --status open`
    """

    async def work(session: Session) -> None:
        database = await session.database()
        async with database.connection() as conn:
            rows = await journeys.list_journeys(conn, kind=kind, status=status, customer=customer, limit=limit)
        if kind is not None and not rows:
            session.project.definition(kind)  # which says what kinds there are
        columns = ("id", "kind", "status", "stage", "outcome", "performer", "opened")
        output.emit(
            rows,
            lambda: output.table(
                columns,
                (
                    (
                        row.id,
                        f"{row.kind} v{row.version}",
                        row.status,
                        row.stage,
                        row.outcome,
                        row.performer,
                        row.opened_at,
                    )
                    for row in rows
                ),
            ),
            as_json=as_json,
        )

    run(work)


def cancel(
    journey: JourneyId,
    reason: Annotated[
        str, typer.Option("--reason", help="One stable word: it becomes the outcome.", show_default=False)
    ],
    comment: Comment = "",
    person: AsMaybe = None,
    as_json: AsJson = False,
) -> None:
    """Cancel a journey: open tasks are withdrawn, AI agents stop, its compensations are performed.

    Example: `journeyman cancel claim-4711 --reason customer_request --as sofia`
    """

    async def work(session: Session) -> None:
        desk = await session.desk()
        row = await cases.cancel(desk, journey, reason, comment=comment, person=person, auth=AUTH, now=session.now())
        await _told(session, row.id, f"journey {row.id} is being cancelled as {reason}", as_json)

    run(work)


@app.command("stop")
def stop(journey: JourneyId, reason: Reason, person: AsMaybe = None, as_json: AsJson = False) -> None:
    """Take a journey away from AI agents: people go on with it.

    Example: `journeyman journeys stop claim-4711 --reason "it misunderstands the customer" --as sofia`
    """

    async def work(session: Session) -> None:
        desk = await session.desk()
        await stops.stop(desk, f"journey:{journey}", reason=reason, person=person, auth=AUTH, now=session.now())
        await _told(session, journey, f"no AI agent works on journey {journey} any more", as_json)

    run(work)


@app.command("resume")
def resume(journey: JourneyId, person: AsMaybe = None, as_json: AsJson = False) -> None:
    """Let AI agents work on a journey again. What went to people meanwhile stays with them.

    Example: `journeyman journeys resume claim-4711 --as sofia`
    """

    async def work(session: Session) -> None:
        await stops.resume(await session.desk(), f"journey:{journey}", person=person, auth=AUTH, now=session.now())
        output.emit({"journey": journey}, lambda: f"AI agents may work on journey {journey} again", as_json=as_json)

    run(work)


@app.command("reassign")
def reassign(journey: JourneyId, person: AsMaybe = None, as_json: AsJson = False) -> None:
    """Ask policy anew, now, who works on a journey whose AI agent waits for the customer.

    Example: `journeyman journeys reassign claim-4711 --as sofia`
    """

    async def work(session: Session) -> None:
        await cases.reassign(await session.desk(), journey, person=person, auth=AUTH, now=session.now())
        await _told(session, journey, f"journey {journey} asks anew who works on it", as_json)

    run(work)


async def _told(session: Session, journey: str, text: str, as_json: bool) -> None:
    delivered = await session.deliver(journey)
    output.emit({"journey": journey, "delivered": delivered}, lambda: text, as_json=as_json)


async def _standing(session: Session, row: JourneyRow) -> tuple[str | None, str | None]:
    """What an open journey waits for, as it says itself, and what its own code fails with. A note tells where neither is
    known: Temporal or its worker is away."""
    if row.status != "open":
        return None, None
    from temporalio.client import WorkflowQueryFailedError, WorkflowQueryRejectedError
    from temporalio.service import RPCError

    from journeyman.temporal.failing import failure_of

    failing: str | None = None
    try:
        client = await session.temporal()
        try:
            view = await client.get_workflow_handle(row.id).query(
                names.SHOW_QUERY, result_type=View, rpc_timeout=timedelta(seconds=3)
            )
            return str(view.waiting_for) if view.waiting_for else None, None
        except (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            failing = await failure_of(client, row.id)
    except (TemporalUnavailableError, RPCError):
        pass
    if failing:
        output.note(f"the journey's own code fails, and is tried again: {failing}; mend it and restart its worker")
    else:
        output.note("Temporal or the journey's worker is away: this is what Postgres knows")
    return None, failing


def _brief(task: Task) -> dict[str, object]:
    kept = {"id", "kind", "step", "title", "reason", "state", "queue", "assignee", "priority", "action", "created_at"}
    return task.model_dump(mode="json", include=kept)


def _page(row: JourneyRow, waiting: str | None, tasks: list[Task], said: list[Message]) -> Group:
    parts: list[RenderableType] = [
        output.facts(
            [
                ("journey", row.id),
                ("kind", f"{row.kind} version {row.version}"),
                ("status", f"{row.status}{f' as {row.outcome}' if row.outcome else ''}"),
                ("stage", row.stage),
                ("works on it", row.performer),
                ("waits for", waiting),
                ("owner", row.owner),
                ("customer", f"{row.customer_id} on {row.channel}, {row.language}"),
                ("notices given", row.notices),
                ("linked from", row.linked_from),
                ("reopens", row.reopens),
                ("simulated", row.simulated or None),
                ("opened", row.opened_at),
                ("closed", row.closed_at),
            ]
        )
    ]
    if tasks:
        columns = ("task", "kind", "step", "state", "queue", "with", "why", "opened")
        cells = ((t.id, t.kind, t.step, t.state, t.queue, t.assignee, t.reason, t.created_at) for t in tasks)
        parts += ["", output.table(columns, cells)]
    parts += ["", *(Text(line(message)) for message in said)] if said else []
    return Group(*parts)


def line(message: Message) -> str:
    """One message, for people."""
    who = (
        message.author_kind
        if message.author_kind in ("customer", "system")
        else f"{message.author_kind} {message.author}"
    )
    aside = " (internal)" if message.audience == "internal" else ""
    text = message.text or f"({message.kind})"
    return f"{output.moment(message.at)}  {who}{aside}: {text}"
