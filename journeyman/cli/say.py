"""`say`: what a channel would deliver, and the answers to it."""

import asyncio
import re
import time
from typing import Annotated

import typer

from journeyman.cli import output
from journeyman.cli.journeys import line
from journeyman.cli.options import AsJson, Channel, read_text
from journeyman.cli.session import Session, run
from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import identifiers, journeys, record
from journeyman.errors import InputError
from journeyman.identifiers import new_id
from journeyman.store.database import Connection

_ID = re.compile(r"cus-[0-9a-z]{26}")
_LOOK_EVERY = 0.2  # seconds
_QUIET = 1.5  # seconds without another message, after which the answer is whole


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command()(say)


def say(
    customer: Annotated[
        str,
        typer.Argument(
            metavar="CUSTOMER",
            help="Who speaks: their address, as the channel knows them, or their id.",
            show_default=False,
        ),
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT|@FILE", help="What they say.", show_default=False)] = "",
    channel: Channel = "chat",
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="The journey that it starts, if none is open.", show_default=False),
    ] = None,
    id: Annotated[
        str | None,
        typer.Option("--id", help="The channel's own id: a second delivery is recognised.", show_default=False),
    ] = None,
    left: Annotated[bool, typer.Option("--left", help="The customer hangs up instead.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, max=600, help="Seconds to wait for an answer.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Say something as a customer. It finds their open journey, or starts one of `--kind`.

    Example: `journeyman say ada "What is my balance?" --kind bank-service --wait 10`
    """

    async def work(session: Session) -> None:
        from journeyman.conversation.inbound import Inbound, receive

        opens = session.project.definition(kind) if kind else None
        address, known = await _address(session, customer, channel)
        inbound = Inbound(channel, address, read_text(text, "text"), id or new_id("cli"), left)
        received = await receive(
            await session.database(), session.keyring, inbound, opens=opens, known=known, now=session.now()
        )
        delivered = await session.deliver(received.journey)
        answers = await _answers(session, received.journey, received.position, wait) if wait and delivered else []

        def render() -> str:
            head = f"journey {received.journey}, message {received.position}" + (" (again)" * received.repeated)
            silent = (
                [f"no answer within {wait:g} s; `journeyman show {received.journey}` says what it waits for"]
                if wait and not answers
                else []
            )
            return "\n".join([head, *map(line, answers), *silent])

        told = received.model_dump(mode="json") | {"delivered": delivered}
        if wait:
            told["answers"] = [answer.model_dump(mode="json") for answer in answers]
        output.emit(told, render, as_json=as_json)

    run(work)


async def _address(session: Session, customer: str, channel: str) -> tuple[str, str | None]:
    """Where the channel reaches them, and who they are if they were named by their id. Raises InputError, NotFoundError."""
    if not _ID.fullmatch(customer):
        return customer, None
    async with (await session.database()).connection() as conn:
        await record.read(conn, customer)
        reached = (await identifiers.of_customer(conn, session.keyring, customer))["addresses"]
    for each in reached:
        if each["channel"] == channel:
            return each["text"], customer
    there = ", ".join(sorted({each["channel"] for each in reached})) or "none"
    raise InputError(
        f"customer `{customer}` has no address of channel `{channel}`; name one that they have with `--channel` ({there})",
        field="channel",
    )


async def _answers(session: Session, journey: str, after: int, patience: float) -> list[Message]:
    """What the customer was told after a position, once it is quiet again; at most `patience` seconds."""
    database, deadline, known, since = await session.database(), time.monotonic() + patience, after, time.monotonic()
    async with database.connection() as conn:
        while time.monotonic() < deadline:
            newest = await transcript.newest(conn, journey)
            if newest != known:
                known, since = newest, time.monotonic()
            if known > after and (time.monotonic() - since > _QUIET or await _closed(conn, journey)):
                break
            await asyncio.sleep(_LOOK_EVERY)
        row = await journeys.read(conn, journey)
        messages = await transcript.read(conn, session.keyring, journey, row.customer_id)
    return [message for message in messages if message.position > after and message.audience == "customer"]


async def _closed(conn: Connection, journey: str) -> bool:
    return (await journeys.read(conn, journey)).status != "open"
