"""`knowledge check|publish|search|show`: what people and AI agents may look up."""

from typing import Annotated

import typer
from rich.text import Text

from journeyman import knowledge
from journeyman.cli import output
from journeyman.cli.options import As, AsJson, group
from journeyman.cli.session import AUTH, Session, run
from journeyman.errors import ConfigurationError
from journeyman.knowledge import Base, Found, Opened
from journeyman.tasks.publication import publish_base

app = group("The knowledge: check, publish, search and cite it.")


@app.command("check")
def check(as_json: AsJson = False) -> None:
    """Check the articles on disk: titles, lengths, languages, and that their journey kinds exist.

    Example: `journeyman knowledge check`
    """

    async def work(session: Session) -> None:
        base = _base(session)
        problems = base.check(session.project.kinds)
        told = {"base": base.hash, "articles": len(base.articles), "problems": problems}
        words = f"{len(base.articles)} articles are in order"
        output.emit(told, lambda: "\n".join(problems) or words, as_json=as_json)
        if problems:
            raise typer.Exit(1)

    run(work)


@app.command("publish")
def publish(person: As, as_json: AsJson = False) -> None:
    """Put the articles on disk in force, if nothing in them is to be mended and policy lets this person publish.

    Example: `journeyman knowledge publish --as paula`
    """

    async def work(session: Session) -> None:
        base, kinds = _base(session), session.project.kinds
        for problem in base.check(kinds):
            output.note(problem)
        published = await publish_base(await session.desk(), base, person, kinds=kinds, auth=AUTH, now=session.now())
        words = "is in force now" if published else "was in force already"
        output.emit(
            {"base": base.hash, "published": published},
            lambda: f"knowledge {base.hash[:12]} {words}",
            as_json=as_json,
        )

    run(work)


@app.command("search")
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help='Words, `"a phrase"`, `-without`.', show_default=False)],
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="Leave out what is for other journey kinds.", show_default=False),
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Preferred, as BCP 47 has it.")] = "en",
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="At most so many.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Search the knowledge in force: the best passages first, each with its citation.

    Example: `journeyman knowledge search "lost card" --kind bank-service`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            found = await knowledge.search(conn, query, audience="people", kind=kind, language=language, limit=limit)
        output.emit([each.model_dump() for each in found], lambda: _list(found), as_json=as_json)

    run(work)


@app.command("show")
def show(
    citation: Annotated[
        str, typer.Argument(metavar="CITATION", help="As `search` gives it, also of long ago.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Open a citation: the section as it was in the version that was cited.

    Example: `journeyman knowledge show bank-service/report-fraud.md#what-is-asked@1f0c9a6b2d3e`
    """

    async def work(session: Session) -> None:
        async with (await session.database()).connection() as conn:
            opened = await knowledge.read(conn, citation)
        output.emit(opened, lambda: _page(opened), as_json=as_json)

    run(work)


def _base(session: Session) -> Base:
    """The project's own. Raises ConfigurationError where it names none."""
    base = session.project.base()
    if base is None:
        raise ConfigurationError(
            'this project has no knowledge; name its folder as `knowledge = "knowledge"` in [tool.journeyman]'
        )
    return base


def _list(found: list[Found]) -> Text | str:
    if not found:
        return "the knowledge says nothing about it"
    text = Text()
    for each in found:
        text.append(" > ".join(each.headings), style="bold")
        text.append(f"\n  {each.citation}\n  ")
        excerpt = Text(each.excerpt)
        for begin, end in each.marks:
            excerpt.stylize("bold underline", begin, end)
        text.append_text(excerpt).append("\n")
    return text


def _page(opened: Opened) -> str:
    standing = "in force" if opened.current else "no longer in force"
    return f"{' > '.join(opened.headings)}\n({opened.citation}, {standing})\n\n{opened.text}"
