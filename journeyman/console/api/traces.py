"""Traces: find journeys by what their entries name, read a trace entry by entry, verify it, take it along."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, JsonValue, StringConstraints
from starlette.responses import StreamingResponse

from journeyman.audit import evidence, proving, reading, traces
from journeyman.audit.bundles import PolicyThen
from journeyman.audit.evidence import Evidence, Kept, Look
from journeyman.audit.proving import Proof
from journeyman.console.asked import Asked, Reads, Writes, asks, once
from journeyman.console.cursor import Listed, PageSize, after, goes_on
from journeyman.console.words import Body, Flag, JourneyId, Moment, Name
from journeyman.customers.journeys import JourneyRow
from journeyman.errors import ConfigurationError, InputError
from journeyman.ledger.checkpoint import VerifierKey
from journeyman.ledger.pack import Pack
from journeyman.ledger.publish import published
from journeyman.ledger.report import Fault, Report
from journeyman.ledger.trace import TraceLine
from journeyman.tasks.desk import Desk

router = APIRouter(prefix="/traces", tags=["traces"])

EntryId = Annotated[int, Path(ge=1, le=2**63 - 1, description="The entry's id.")]
Begun = Annotated[
    Name | None,
    Query(description="The `reading` of an answer before: what is read on belongs to it, and is recorded once."),
]
Note = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Key = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class Line(BaseModel):
    """An entry, told in words; `said` is what the values beside it say, `index` its leaf, none until it is integrated."""

    entry: int
    index: int | None
    at: str
    type: str
    kind: str = Field(description="`ai`, `person`, `customer` or `system`.")
    actor: str
    auth: str
    what: str
    why: str
    with_what: str
    to_whom: str
    said: dict[str, str]
    refs: dict[str, str]
    facts: dict[str, JsonValue]
    policies: tuple[str, ...]

    @classmethod
    def of(cls, line: TraceLine) -> "Line":
        return cls.model_validate({name: getattr(line, name) for name in cls.model_fields})


class TraceWindow(BaseModel):
    """A window of a journey's trace."""

    journey: JourneyRow
    reading: str = Field(description="Read on with it.")
    values: bool = Field(description="Whether policy shows what the values of entries say.")
    total: int
    lines: list[Line]
    next: int | None = Field(description="The `after` of the next window; none at the end.")


class OpenedEntry(BaseModel):
    """An entry with what stands behind it."""

    line: Line
    reading: str
    recorded_at: AwareDatetime
    body: str = Field(description="Its canonical form: what was hashed.")
    leaf_hash: str
    computed: str = Field(description="The leaf hash of the body as it stands now.")
    integrated: str | None = Field(description="The leaf hash in the tree.")
    hashes: bool = Field(description="Whether the three agree.")
    values: tuple[Kept, ...]
    bundle: str | None
    intact: bool = Field(description="Whether that bundle is kept, and is what was published.")
    policies: tuple[PolicyThen, ...] = Field(description="As they were.")
    missing: tuple[str, ...] = Field(description="Policies that the entry names and the bundle has not.")
    agent: JsonValue
    looks: tuple[Look, ...] = Field(
        description="What the person was shown before, of the task and of the journey, and how long they looked."
    )


class Mention(BaseModel):
    """An entry that names whoever asks, without its values, which are others'."""

    journey: str | None
    line: Line


class Against(Body):
    """What to verify against. It comes from outside: checkpoints that somebody kept, and keys that they trust."""

    checkpoints: Annotated[tuple[Note, ...], Field(max_length=100)] = ()
    keys: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    reading: Name | None = None


class Taking(Body):
    """What to take along."""

    values: Flag = False
    checkpoints: Annotated[tuple[Note, ...], Field(max_length=100)] = ()


class Verdict(BaseModel):
    """What the verifier says."""

    ok: bool
    origin: str
    journey: str | None
    size: int = Field(description="Of the newest checkpoint whose signature holds; `root` is its root.")
    root: str
    integrated: int
    waiting: int
    erased: int
    kept: tuple[int, ...] = Field(description="The sizes of the checkpoints from outside that it was held against.")
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    text: str = Field(description="The whole of it, for a person.")
    reading: str


@router.get("", **asks("view", "Journey", narrows=True))
async def search(
    asked: Reads,
    person: Name | None = None,
    agent: Name | None = None,
    policy: Name | None = None,
    customer: Name | None = None,
    kind: Name | None = None,
    outcome: Name | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: str | None = None,
    limit: PageSize = 50,
) -> Listed[JourneyRow]:
    """Journeys by what their entries name and what they are, the newest first."""
    wanted = traces.Search(
        person=person,
        agent=agent,
        policy=policy,
        customer=customer,
        kind=kind,
        outcome=outcome,
        since=since,
        until=until,
        before=after(cursor),
        limit=limit,
    )
    found = await traces.search(asked.desk, asked.person, wanted)
    return Listed(items=found, next=goes_on(found.after))


@router.get("/mine", **asks("view", "Person", narrows=True))
async def mine(
    asked: Reads,
    cursor: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="An entry's id: those before it.")] = None,
    limit: PageSize = 50,
) -> Listed[Mention]:
    """What is recorded about whoever asks, the newest first. Asking is recorded too."""
    found = await traces.about(asked.desk, asked.person, asked.person, before=cursor, limit=limit, **asked.deed)
    items = [Mention(journey=each.journey, line=Line.of(each.line)) for each in found]
    return Listed(items=items, next=str(found[-1].line.entry) if len(found) == limit else None)


@router.get("/{journey}", **asks("view", "Journey"))
async def window(
    asked: Reads,
    journey: JourneyId,
    reading_id: Annotated[Begun, Query(alias="reading")] = None,
    after: Annotated[int, Query(ge=0, le=10**9, description="How many entries to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = reading.WINDOW,
) -> TraceWindow:
    """A window of a trace, in the order of the ledger. A new reading is recorded."""
    found = await reading.read(
        asked.desk, journey, asked.person, begun=reading_id, after=after, limit=limit, **asked.deed
    )
    last = after + len(found.lines)
    return TraceWindow(
        journey=found.reading.journey,
        reading=found.reading.id,
        values=found.opened,
        total=found.total,
        lines=[Line.of(line) for line in found.lines],
        next=last if found.lines and last < found.total else None,
    )


@router.get("/{journey}/entries/{entry}", **asks("view", "Journey"))
async def one(
    asked: Reads, journey: JourneyId, entry: EntryId, reading_id: Annotated[Begun, Query(alias="reading")] = None
) -> OpenedEntry:
    """One entry: its bytes, its values, its decision with the policies as they were, what its person was shown."""
    found = await evidence.show(asked.desk, journey, entry, asked.person, begun=reading_id, **asked.deed)
    return _opened(found)


@router.get("/{journey}/entries/{entry}/proof", **asks("view", "Journey"))
async def proof(
    asked: Reads, journey: JourneyId, entry: EntryId, reading_id: Annotated[Begun, Query(alias="reading")] = None
) -> Proof:
    """That the entry is in the tree of the newest checkpoint (RFC 6962, 2.1.1)."""
    return await proving.prove(asked.desk, journey, entry, asked.person, begun=reading_id, **asked.deed)


@router.post("/{journey}/verify", **asks("view", "Journey"))
async def verify(asked: Reads, journey: JourneyId, given: Against) -> Verdict:
    """Verify the trace as it stands in Postgres; says exactly what is wrong, and where."""
    report, begun = await verified(asked, journey, given.checkpoints, given.keys, given.reading)
    return Verdict(
        ok=report.ok,
        origin=report.origin,
        journey=report.journey,
        size=report.size,
        root=report.root.hex(),
        integrated=report.integrated,
        waiting=report.waiting,
        erased=report.erased,
        kept=tuple(report.kept),
        faults=tuple(report.faults),
        notes=tuple(report.notes),
        text=report.render(),
        reading=begun,
    )


@router.post(
    "/{journey}/export",
    response_class=Response,
    responses={200: {"description": "A pack.", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
    **asks("export", "Journey"),
)
async def export(asked: Writes, journey: JourneyId, given: Taking) -> Response:
    """A pack that `journeyman audit verify` verifies anywhere. Taking it is recorded.

    It proves that it extends the `checkpoints` that are given; else those that this deployment publishes.
    """
    return await packed(asked, journey, values=given.values, kept=given.checkpoints)


async def verified(
    asked: Asked, journey: str, kept: tuple[str, ...], keys: tuple[str, ...], begun: str | None
) -> tuple[Report, str]:
    """What the verifier says; by the keys that were given, else by those that the deployment names. Raises InputError."""
    try:
        trusted = [VerifierKey.parse(key.strip()) for key in keys]
    except ConfigurationError as error:
        raise InputError(f"{error}; paste the ledger's public key as it was printed", field="keys") from error
    trusted = trusted or proving.trusted_keys(asked.console.settings)
    return await proving.verify(
        asked.desk, journey, asked.person, kept=kept, trusted=trusted, begun=begun, **asked.deed
    )


async def packed(asked: Asked, journey: str, *, values: bool, kept: tuple[str, ...]) -> Response:
    """A pack, as a file."""
    settings = asked.console.settings
    trusted = proving.trusted_keys(settings)
    outside: Sequence[str] = kept or await asyncio.to_thread(published, settings.checkpoints)

    async def taken(desk: Desk) -> Pack:
        return await proving.export(
            desk, journey, asked.person, values=values, kept=outside, trusted=trusted, **asked.deed
        )

    # What is sent again is taken again: policy may say something else by now, and each taking is on the record.
    pack = await once(lambda: taken(asked.desk), lambda: taken(replace(asked.desk, once=None)))
    headers = {"Content-Disposition": f'attachment; filename="{journey.replace(":", "-")}.pack"'}
    return StreamingResponse(pack.lines(), headers=headers, media_type="application/x-ndjson")


def _opened(found: Evidence) -> OpenedEntry:
    return OpenedEntry(
        line=Line.of(found.line),
        reading=found.reading.id,
        recorded_at=found.recorded_at,
        body=found.body,
        leaf_hash=found.leaf_hash,
        computed=found.computed,
        integrated=found.integrated,
        hashes=found.hashes,
        values=found.values,
        bundle=found.bundle,
        intact=found.intact,
        policies=found.policies,
        missing=found.missing,
        agent=found.agent,
        looks=found.looks,
    )
