"""`trace` and `audit`: the story of a journey, and the proof that the record is whole."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from journeyman.audit import proving
from journeyman.cli import output
from journeyman.cli.options import AsJson, AsMaybe, Histories, JourneyId, group, read_text
from journeyman.cli.session import AUTH, Session, run
from journeyman.customers import journeys
from journeyman.errors import ConfigurationError, InputError, NotFoundError, TemporalUnavailableError
from journeyman.journey.step import duration
from journeyman.ledger import publish
from journeyman.ledger.audit import newest_checkpoint, read_pack
from journeyman.ledger.checkpoint import SigningKey, VerifierKey
from journeyman.ledger.integrator import integrate
from journeyman.ledger.pack import Pack
from journeyman.ledger.report import Report
from journeyman.ledger.trace import read_trace, render
from journeyman.ledger.verify import verify as verify_pack
from journeyman.store.database import Database

app = group("Prove that the record is complete and unaltered.")

OneJourney = Annotated[
    str | None, typer.Option("--journey", metavar="ID", help="Only of this journey.", show_default=False)
]
Against = Annotated[
    list[Path] | None,
    typer.Option("--against", metavar="FILE|FOLDER", help="Checkpoints kept outside Postgres.", show_default=False),
]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="VKEY|@FILE", help="The verifier key to trust.", show_default=False),
]


def register(root: typer.Typer) -> None:
    """Add the command that needs no noun."""
    root.command()(trace)


def trace(journey: JourneyId, as_json: AsJson = False) -> None:
    """Tell a journey's story: when, who, what, why, with what, and to whom it passed.

    Example: `journeyman trace claim-4711`
    """

    async def work(session: Session) -> None:
        database = await session.database()
        async with database.connection() as conn:
            await journeys.read(conn, journey)
        lines = await read_trace(database, session.keyring, journey)
        output.emit(lines, lambda: render(lines), as_json=as_json)

    run(work)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the pack.", show_default=False)],
    journey: OneJourney = None,
    values: Annotated[
        bool,
        typer.Option(
            "--values/--no-values", help="With what was said and decided on: the file is then as confidential."
        ),
    ] = False,
    against: Against = None,
    key: Keys = None,
    person: AsMaybe = None,
    as_json: AsJson = False,
) -> None:
    """Write the ledger, or one journey of it, to a file that `journeyman audit verify FILE` verifies anywhere.

    The export is on the record. The pack of a journey proves that its tree extends the checkpoints in `--against`.

    Example: `journeyman audit export --out ledger.pack --as olga`
    """

    async def work(session: Session) -> None:
        trusted, kept = _trusted(session, key or []), _kept(against, session.settings.checkpoints)
        pack = await proving.export(
            await session.desk(),
            journey,
            person,
            values=values,
            kept=kept,
            trusted=trusted,
            auth=AUTH,
            now=session.now(),
        )
        try:
            out.write_text("".join(pack.lines()), encoding="utf-8")
        except OSError as error:
            raise InputError(f"`{out}` cannot be written ({error}); name another file", field="out") from error
        told = {"file": str(out), "entries": len(pack.places), "checkpoints": len(pack.checkpoints), "values": values}
        text = f"{out}: {len(pack.places)} entries; verify it with `journeyman audit verify {out} --key VKEY --against ...`"
        output.emit(told, lambda: text, as_json=as_json)

    run(work)


@app.command("verify")
def verify(
    pack: Annotated[
        Path | None,
        typer.Argument(metavar="[PACK]", help="An export. Without: what is in Postgres now.", show_default=False),
    ] = None,
    journey: OneJourney = None,
    against: Against = None,
    key: Keys = None,
    witnesses: Annotated[
        bool | None,
        typer.Option(
            "--witnesses/--no-witnesses",
            help="Ask Temporal's histories what was recorded. Without: only with `--journey`.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify the ledger, or one journey in it, and say exactly what is wrong and where.

    A pack is verified with nothing but the key and the checkpoints that you give: no database, no Temporal, no settings.
    Without one, checks against the folder that checkpoints are published to unless `--against` names others.

    Example: `journeyman audit verify ledger.pack --key @ledger.vkey --against /mnt/elsewhere/checkpoints`
    """
    if pack is not None:
        if journey is not None or witnesses:
            raise InputError("a pack is verified as it is; leave `--journey` and `--witnesses` out", field="pack")
        trusted = _given(key or [])
        if not trusted:
            raise InputError("a pack's own key proves nothing; give the ledger's public one with `--key`", field="key")
        _report(verify_pack(_opened(pack), kept=_kept(against, None), trusted=trusted), as_json)
        return

    async def work(session: Session) -> None:
        trusted, kept = _trusted(session, key or []), _kept(against, session.settings.checkpoints)
        if journey is not None:
            async with (await session.database()).connection() as conn:
                await journeys.read(conn, journey)
        read = await _read(session, trusted[0], journey, kept, values=True)
        seen = (
            await _seen(session, journey, must=witnesses is True)
            if witnesses or (witnesses is None and journey)
            else ()
        )
        _report(verify_pack(read, kept=kept, trusted=trusted, witnessed=seen), as_json)

    run(work)


@app.command("checkpoint")
def checkpoint(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write it there, to be kept outside.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the newest checkpoint, a signed note over all that is integrated; integrate first where this is allowed.

    Example: `journeyman audit checkpoint --out /mnt/elsewhere/checkpoints`
    """

    async def work(session: Session) -> None:
        await _integrate(session)
        newest = await newest_checkpoint(await session.database())
        if newest is None:
            raise NotFoundError("there is no checkpoint yet; an engine worker with the ledger's key makes them")
        text = newest.note
        told = {"size": newest.size, "root": newest.root.hex(), "at": newest.at, "note": newest.note}
        if out is not None:
            text = str(publish.write(out, newest.note))
            told["file"] = text
        output.emit(told, lambda: text, as_json=as_json)

    run(work)


@app.command("reconcile")
def reconcile(
    journey: OneJourney = None,
    grace: Annotated[str, typer.Option("--grace", help="What is younger than that may still be on its way.")] = "1m",
    limit: Histories = None,
    as_json: AsJson = False,
) -> None:
    """Compare the ledger with Temporal's own histories, and find what one has and the other lacks.

    Example: `journeyman audit reconcile --grace 5m`
    """

    async def work(session: Session) -> None:
        from journeyman.temporal.reconcile import gather

        patience: timedelta = duration(grace)
        client, database = await session.temporal(), await session.database()
        found = await gather(
            database,
            client,
            now=session.now(),
            grace=patience,
            journey=journey,
            limit=limit,
            told=output.progress("histories read"),
        )
        discrepancies = found.discrepancies()
        told = {"counts": found.counts(), "discrepancies": discrepancies}

        def shown() -> str:
            counts = ", ".join(f"{number} {name}" for name, number in found.counts().items())
            lines = [
                f"compared {counts}: {'no discrepancy' if not discrepancies else f'{len(discrepancies)} discrepancies'}"
            ]
            if unread := found.witnessed.unread:
                lines.append(
                    f"  {unread} histories were not read, so nothing is said of their entries: leave out --limit"
                )
            return "\n".join([*lines, *(f"  {each}" for each in discrepancies)])

        output.emit(told, shown, as_json=as_json)
        if discrepancies:
            raise typer.Exit(1)

    run(work)


def _report(report: Report, as_json: bool) -> None:
    output.emit(_told(report), report.render, as_json=as_json)
    if not report.ok:
        raise typer.Exit(1)


async def _read(session: Session, key: VerifierKey, journey: str | None, kept: list[str], *, values: bool) -> Pack:
    """What Postgres holds, as a pack that can be held against these notes."""
    return await read_pack(
        await session.database(),
        now=session.now(),
        key=key,
        journey=journey,
        keyring=session.keyring if values else None,
        consistent_with=proving.sizes_of(kept),
    )


def _opened(path: Path) -> Pack:
    """A pack from its file. Raises InputError."""
    try:
        with path.open(encoding="utf-8") as lines:
            return Pack.read(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"`{path}` cannot be read ({error}); name a file that `journeyman audit export` wrote", field="pack"
        ) from error


def _given(keys: Iterable[str]) -> list[VerifierKey]:
    return [VerifierKey.parse(read_text(text, "key").strip()) for text in keys]


def _trusted(session: Session, given: Iterable[str]) -> list[VerifierKey]:
    """The keys given, else the public halves of our own. Raises ConfigurationError when there is none."""
    if keys := _given(given):
        return keys
    if session.settings.ledger_key is not None or session.settings.ledger_public_key is not None:
        return proving.trusted_keys(session.settings)
    raise ConfigurationError(
        "no key to verify signatures with; give the ledger's public one with `--key` (`journeyman keys` printed it, and "
        "`journeyman dev` keeps it in ledger.vkey)"
    )


def _kept(against: list[Path] | None, folder: Path | None) -> list[str]:
    """The notes outside: those named, else those in the folder that they are published to. Raises InputError."""
    if against is None:
        return publish.published(folder)
    notes: list[str] = []
    for path in against:
        if path.is_dir():
            found = publish.published(path)
            if not found:
                raise InputError(
                    f"there is no checkpoint in `{path}`; write one there with `journeyman audit checkpoint --out {path}`",
                    field="against",
                )
            notes += found
        else:
            try:
                notes.append(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(
                    f"`{path}` cannot be read ({error}); name a file or folder that `journeyman audit checkpoint --out` wrote",
                    field="against",
                ) from error
    return notes


async def _seen(session: Session, journey: str | None, *, must: bool) -> Iterable[str]:
    """The leaf hashes that Temporal's histories carry. None while it is away, and a note says so; where they `must` be asked,
    raises TemporalUnavailableError."""
    from journeyman.temporal.reconcile import witness

    try:
        return (await witness(await session.temporal(), journey=journey)).leaves
    except TemporalUnavailableError:
        if must:
            raise
        output.note("Temporal is away, so its histories were not asked what was recorded")
        return ()


async def _integrate(session: Session) -> None:
    settings = session.settings
    if settings.integrator_url is None or settings.ledger_key is None:
        return
    database = await Database.connect(settings.need("integrator_url"), max_size=1)
    try:
        key = SigningKey.parse(settings.need("ledger_key"))
        previous = tuple(_given(settings.previous_ledger_keys))
        while await integrate(database, key, now=session.now(), previous_keys=previous) is not None:
            pass
    finally:
        await database.close()


def _told(report: Report) -> dict[str, object]:
    return {
        "ok": report.ok,
        "origin": report.origin,
        "journey": report.journey,
        "size": report.size,
        "root": report.root.hex(),
        "integrated": report.integrated,
        "waiting": report.waiting,
        "erased": report.erased,
        "late": report.late,
        "early": report.early,
        "kept": list(report.kept),
        "faults": [{**vars(fault), "text": str(fault)} for fault in report.faults],
        "notes": report.notes,
    }
