"""The pages of auditors: find journeys, read a trace as a story, open its entries, verify it, take it along."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from journeyman.audit import evidence, proving, reading, traces
from journeyman.console.api.traces import EntryId, packed, verified
from journeyman.console.asked import Asked
from journeyman.console.cursor import after as place
from journeyman.console.cursor import goes_on
from journeyman.console.pages.page import Posted, Shown, is_part, render
from journeyman.console.pages.story import edits, told
from journeyman.console.words import JourneyId, Name
from journeyman.customers.journeys import JourneyRow
from journeyman.errors import InputError
from journeyman.views.listing import Found

router = APIRouter(include_in_schema=False)

FIELDS = ("customer", "person", "agent", "policy", "kind", "outcome")
_PAGE = 50
_LONGEST = 200_000  # of all checkpoints that are given at once

After = Annotated[int, Query(ge=0, le=10**9)]


@router.get("/traces")
async def find(request: Request, asked: Shown, cursor: str | None = None) -> Response:
    """Find journeys. What was typed and does not fit says so beside its field."""
    typed = {
        name: request.query_params.get(name, "").replace("\0", "").strip()[:200] for name in (*FIELDS, "since", "until")
    }
    problem, found = None, Found[JourneyRow]()
    try:
        wanted = {name: typed[name] for name in FIELDS if typed[name]}
        moments = {name: _day(name, typed[name]) for name in ("since", "until") if typed[name]}
        search = traces.Search.model_validate(wanted | moments | {"before": place(cursor), "limit": _PAGE})
        found = await traces.search(asked.desk, asked.person, search)
    except InputError as error:
        problem = error
    kept = {name: text for name, text in typed.items() if text}
    last = goes_on(found.after)
    more = "/traces?" + urlencode(kept | {"cursor": last}) if last else None
    return render(
        asked, "traces.html", here="/traces", status=422 if problem else 200, typed=typed, found=found, more=more,
        field=getattr(problem, "field", None), wrong=str(problem) if problem else "",
    )  # fmt: skip


@router.get("/traces/{journey}")
async def show(
    asked: Shown,
    journey: JourneyId,
    begun: Annotated[Name | None, Query(alias="reading")] = None,
    after: After = 0,
    entry: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """A window of a trace: the first one, the one after so many entries, or the one that an entry is in."""
    if entry is not None:
        before, id = await reading.place_of(asked.desk, journey, entry, asked.person, begun=begun, **asked.deed)
        window = before - before % reading.WINDOW
        return RedirectResponse(f"/traces/{journey}?{urlencode({'reading': id, 'after': window})}#e{entry}", 303)
    found = await reading.read(asked.desk, journey, asked.person, begun=begun, after=after, **asked.deed)
    return render(
        asked,
        "trace.html",
        here="/traces",
        trace=found,
        journey=found.reading.journey,
        reading=found.reading.id,
        story=[told(line, altered=line.entry in found.altered, intents=found.intents) for line in found.lines],
        window=reading.WINDOW,
        keys=len(proving.trusted_keys(asked.console.settings)),
    )


@router.get("/traces/{journey}/entries/{entry}")
async def one(
    request: Request,
    asked: Shown,
    journey: JourneyId,
    entry: EntryId,
    begun: Annotated[Name | None, Query(alias="reading")] = None,
) -> Response:
    """One entry with what stands behind it: into the timeline, or as a page of its own."""
    found = await evidence.show(asked.desk, journey, entry, asked.person, begun=begun, **asked.deed)
    return _part(
        request, asked, "entry",
        journey=found.reading.journey, reading=found.reading.id, found=found,
        told=told(found.line, altered=not found.hashes), changes=edits(asked, found),
    )  # fmt: skip


@router.get("/traces/{journey}/entries/{entry}/proof")
async def proof(
    request: Request,
    asked: Shown,
    journey: JourneyId,
    entry: EntryId,
    begun: Annotated[Name | None, Query(alias="reading")] = None,
) -> Response:
    """That the entry is in the tree."""
    found = await proving.prove(asked.desk, journey, entry, asked.person, begun=begun, **asked.deed)
    return _part(request, asked, "proof", proof=found, journey={"id": journey}, reading=begun)


@router.post("/traces/{journey}/verify")
async def verify(request: Request, asked: Shown, journey: JourneyId) -> Response:
    """What the verifier says of the trace as it stands, held against checkpoints that were pasted or uploaded."""
    async with request.form() as form:
        notes, key, begun = await _notes(form), form.get("key"), form.get("reading")
    keys = (key,) if isinstance(key, str) and key.strip() else ()
    report, id = await verified(asked, journey, notes, keys, begun if isinstance(begun, str) else None)
    return _part(request, asked, "verdict", report=report, journey={"id": journey}, reading=id)


@router.post("/traces/{journey}/export")
async def export(request: Request, asked: Posted, journey: JourneyId) -> Response:
    """A pack of the trace, as a file; it proves that it extends the checkpoints that were pasted or uploaded."""
    async with request.form() as form:
        notes, values = await _notes(form), form.get("values") == "true"
    return await packed(asked, journey, values=values, kept=notes)


@router.get("/me/record")
async def record(asked: Shown, before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None) -> Response:
    """What is recorded about whoever asks."""
    found = await traces.about(asked.desk, asked.person, asked.person, before=before, limit=_PAGE, **asked.deed)
    async with asked.console.database.connection() as conn:
        intents = await reading.intents_of(conn, [each.line for each in found])
    return render(
        asked,
        "record.html",
        here="/me/record",
        story=[(each.journey, told(each.line, intents=intents)) for each in found],
        more=found[-1].line.entry if len(found) == _PAGE else None,
    )


def _part(request: Request, asked: Asked, name: str, **more: Any) -> Response:
    """A part of the timeline, or the page that has it alone."""
    if is_part(request):
        return render(asked, f"traces/{name}.html", **more)
    return render(asked, "traces/alone.html", here="/traces", part=name, **more)


async def _notes(form: FormData) -> tuple[str, ...]:
    """The checkpoints of a form, pasted or uploaded. Raises InputError."""
    notes, longest = [], _LONGEST
    for given in (*form.getlist("checkpoint"), *form.getlist("file")):
        text = await _text(given)
        longest -= len(text)
        if longest < 0:
            raise InputError("the checkpoints are too long; give one file for each", field="checkpoint")
        if text.strip():
            notes.append(text.replace("\r\n", "\n").strip("\n") + "\n")
    return tuple(notes)


async def _text(given: UploadFile | str) -> str:
    if isinstance(given, str):
        return given
    try:
        return (await given.read()).decode()
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is no checkpoint: it is not text; upload the file as it was kept", field="file"
        ) from error


def _day(name: str, text: str) -> datetime:
    """The beginning of a day, in UTC. Raises InputError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"`{text}` is no day; write it as 2026-03-01", field=name) from error
