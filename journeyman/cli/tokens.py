"""`tokens`: what programs come to the console's API with, in a person's name."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from journeyman.cli import output
from journeyman.cli.options import AsJson, group
from journeyman.cli.session import Session, run
from journeyman.console import identity
from journeyman.tasks.permission import OPERATOR

app = group("What programs come to the API with.")

Person = Annotated[str, typer.Argument(metavar="PERSON", help="Whose: it may what they may.", show_default=False)]


@app.command("make")
def make(
    person: Person,
    scope: Annotated[
        list[str],
        typer.Option("--scope", help="What it is for, such as tasks:read; more than once.", show_default=False),
    ],
    name: Annotated[str, typer.Option("--name", help="What it is for, in words.")] = "a program",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it counts.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a token, and print it: nobody can read it again.

    Example: `journeyman tokens make anna --scope tasks:read --scope tasks:write --name "the wallboard"`
    """

    async def work(session: Session) -> None:
        id, secret = await identity.make_token(
            await session.desk(),
            person,
            name,
            frozenset(scope),
            by=OPERATOR,
            now=session.now(),
            life=timedelta(days=days),
        )
        output.emit({"id": id, "token": secret}, lambda: secret, as_json=as_json)

    run(work)


@app.command("list")
def list_(person: Person, as_json: AsJson = False) -> None:
    """List a person's tokens, without what they are.

    Example: `journeyman tokens list anna`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            found = await identity.tokens_of(conn, person)
        columns = ("id", "name", "scopes", "made", "counts until", "revoked")
        output.emit(
            [asdict(each) for each in found],
            lambda: output.table(
                columns, ((t.id, t.name, t.scopes, t.created_at, t.expires_at, t.revoked_at) for t in found)
            ),
            as_json=as_json,
        )

    run(work)


@app.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="The token's id.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Let a token count no more, at once.

    Example: `journeyman tokens revoke tok-01jd2m`
    """

    async def work(session: Session) -> None:
        await identity.revoke_token(await session.desk(), id, by=OPERATOR, now=session.now())
        output.emit({"revoked": id}, lambda: f"{id} counts no more", as_json=as_json)

    run(work)
