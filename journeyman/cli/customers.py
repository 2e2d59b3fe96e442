"""`customers`: the records that journeys are of. Names and addresses stay sealed."""

from typing import Annotated

import typer
from rich.console import Group

from journeyman.cli import output
from journeyman.cli.options import As, AsJson, Limit, group
from journeyman.cli.session import AUTH, Session, run
from journeyman.customers import erasing, identifiers, journeys, record
from journeyman.ledger.log import recording
from journeyman.tasks.permission import OPERATOR
from journeyman.views import customers

app = group("The customers' records. Names and addresses stay sealed. Without a command: list them.", alone=True)

CustomerId = Annotated[str, typer.Argument(metavar="ID", help="The customer's id, a pseudonym.", show_default=False)]


@app.callback()
def all_(context: typer.Context, as_json: AsJson = False) -> None:
    """Without a command: list them."""
    if context.invoked_subcommand is None:
        list_(as_json=as_json)


@app.command("list")
def list_(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List customers, the newest first.

    Example: `journeyman customers list --limit 10`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            found = await record.newest(conn, limit)
        columns = ("id", "language", "time zone", "tier", "support needs", "consents", "simulated", "erased")
        output.emit(
            found,
            lambda: output.table(
                columns,
                (
                    (
                        c.id,
                        c.language,
                        c.time_zone,
                        c.tier,
                        c.support_needs,
                        c.given_consents,
                        "yes" * c.simulated,
                        c.erased_at,
                    )
                    for c in found
                ),
            ),
            as_json=as_json,
        )

    run(work)


@app.command("show")
def show(customer: CustomerId, as_json: AsJson = False) -> None:
    """Show a customer's record and journeys.

    Example: `journeyman customers show cus-01jd2m`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            found = await record.read(conn, customer)
            rows = await journeys.list_journeys(conn, customer=customer)
        level = found.verification_at(session.now())
        told = found.model_dump(mode="json") | {
            "verification": level,
            "journeys": [{"id": row.id, "kind": row.kind, "status": row.status} for row in rows],
        }
        pairs = [
            ("customer", found.id),
            ("language", found.language),
            ("time zone", found.time_zone),
            ("tier", found.tier),
            ("verification", f"{level}{f' until {output.moment(found.verified_until)}' if level != 'none' else ''}"),
            ("support needs", found.support_needs),
            ("consents", found.given_consents),
            ("simulated", found.simulated or None),
            ("erased", found.erased_at),
        ]
        cells = ((row.id, row.kind, row.status, row.stage, row.opened_at) for row in rows)
        columns = ("journey", "kind", "status", "stage", "opened")
        output.emit(
            told,
            lambda: Group(output.facts(pairs), "", output.table(columns, cells, title="journeys")),
            as_json=as_json,
        )

    run(work)


@app.command("set")
def set_(
    customer: CustomerId,
    tier: Annotated[str | None, typer.Option(help="Such as standard, premium, vip.", show_default=False)] = None,
    language: Annotated[str | None, typer.Option(help="Such as en, de.", show_default=False)] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.", show_default=False)] = None,
    support_need: Annotated[
        list[str] | None,
        typer.Option(help="Such as interpreter, vulnerable; again for each. They are all.", show_default=False),
    ] = None,
    no_support_needs: Annotated[bool, typer.Option("--no-support-needs", help="They have none any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a customer's tier, language, time zone or support needs. Policies read it at their next decision.

    Example: `journeyman customers set cus-01jd2m --tier vip --support-need interpreter`
    """

    async def work(session: Session) -> None:
        needs = [] if no_support_needs else support_need
        async with recording(await session.database(), session.keyring) as tx:
            found = await record.change(
                tx,
                customer,
                tier=tier,
                language=language,
                time_zone=time_zone,
                support_needs=needs,
                by=OPERATOR,
                now=session.now(),
            )
        told = ", ".join([found.tier, found.language, found.time_zone, *found.support_needs])
        output.emit(found, lambda: f"{customer} is now: {told}", as_json=as_json)

    run(work)


@app.command("consent")
def consent(
    customer: CustomerId,
    name: Annotated[str, typer.Argument(help="Such as no-ai, marketing.", show_default=False)],
    given: Annotated[bool, typer.Option("--given/--withdrawn", help="Given, or taken back.")] = True,
    as_json: AsJson = False,
) -> None:
    """Record that a customer gave a consent, or took it back. Policies read it at their next decision.

    Example: `journeyman customers consent cus-01jd2m no-ai --given`
    """

    async def work(session: Session) -> None:
        async with recording(await session.database(), session.keyring) as tx:
            await record.read(tx.conn, customer)
            await record.consent(tx, customer, name, given, by=OPERATOR, now=session.now())
        text = f"{customer} has {'given' if given else 'withdrawn'} the consent {name}"
        output.emit({"customer": customer, "consent": name, "given": given}, lambda: text, as_json=as_json)

    run(work)


@app.command("add-address")
def add_address(
    customer: CustomerId,
    address: Annotated[str, typer.Argument(help="Such as ada@mail.example.", show_default=False)],
    channel: Annotated[str, typer.Option(help="The channel that it is an address of, such as email.")] = "chat",
    as_json: AsJson = False,
) -> None:
    """Give a customer one more address: what comes from it belongs to them, and to their open journey.

    Example: `journeyman customers add-address cus-01jd2m ada@mail.example --channel email`
    """

    async def work(session: Session) -> None:
        async with recording(await session.database(), session.keyring) as tx:
            await record.add_address(tx, customer, channel=channel, address=address, by=OPERATOR, now=session.now())
        text = f"{customer} is reached by {channel} at this address, too"
        output.emit({"customer": customer, "channel": channel}, lambda: text, as_json=as_json)

    run(work)


@app.command("identify")
def identify(
    customer: CustomerId,
    kind: Annotated[str, typer.Argument(help="Such as name, policy, account.", show_default=False)],
    text: Annotated[str, typer.Argument(help="Such as 'Ana García'.", show_default=False)],
    remove: Annotated[bool, typer.Option("--remove", help="They are no longer found by it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a customer be found by a name or a number. It is kept sealed, and goes when they are erased.

    Example: `journeyman customers identify cus-01jd2m policy P-4711`
    """

    async def work(session: Session) -> None:
        async with recording(await session.database(), session.keyring) as tx:
            if remove:
                await identifiers.forget(tx, customer, kind, text, by=OPERATOR, now=session.now())
            elif not await identifiers.identify(tx, customer, kind, text, by=OPERATOR, now=session.now()):
                tx.unchanged()
        told = f"{customer} is {'no longer ' if remove else ''}found by this {kind}"
        output.emit({"customer": customer, "kind": kind, "found": not remove}, lambda: told, as_json=as_json)

    run(work)


@app.command("find")
def find(
    text: Annotated[str, typer.Argument(help="A name, a number or an address.", show_default=False)],
    person: As,
    kind: Annotated[str | None, typer.Option(help="Only by this: name, policy, ..., or a channel.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find customers by a name, a number or an address. The search is recorded.

    Example: `journeyman customers find 'ana garcia' --as sofia`
    """

    async def work(session: Session) -> None:
        desk = await session.desk()
        found = await customers.find(desk, person, text, kind=kind, auth=AUTH, now=session.now())
        columns = ("id", "by", "tier", "language", "simulated")
        cells = ((each.id, each.by, each.tier, each.language, "yes" * each.simulated) for each in found)
        output.emit(found, lambda: output.table(columns, cells), as_json=as_json)

    run(work)


@app.command("erase")
def erase(
    customer: CustomerId,
    person: As,
    reason: Annotated[
        str, typer.Option("--reason", help="One stable word, nothing of the customer: it stays readable.")
    ] = "customer_request",
    as_json: AsJson = False,
) -> None:
    """Erase a customer, for good: their key is destroyed, their addresses go, their open journeys end.

    The pseudonym and all proofs stay. Within a minute no process can read what was kept of them.

    Example: `journeyman customers erase cus-01jd2m --as sofia`
    """

    async def work(session: Session) -> None:
        erased = await erasing.erase(
            await session.desk(), customer, reason=reason, person=person, auth=AUTH, now=session.now()
        )
        for journey in erased.journeys:
            await session.deliver(journey)
        ended = f"; {len(erased.journeys)} open journeys ended" if erased.journeys else ""
        output.emit(erased, lambda: f"customer {customer} is erased{ended}", as_json=as_json)

    run(work)
