"""The payload codec: nothing of a person stands readable in Temporal.

Every payload (arguments, results, signals, queries, updates, heartbeats, memos, and the messages and stack traces of
failures) is sealed with AES-256-GCM under the data key of the journey's customer. Workflow id → journey → customer; what
belongs to no journey, and what is marked impersonal, is sealed for `system`, its personal parts for the customer. A payload is
opened by the subject in its own metadata, so it can be read anywhere, also in another workflow than the one it was made in.

Once the key is destroyed, a payload decodes to `Erased` (see `journeyman.temporal.erased`), and what would be written for an
erased subject is dropped: an empty marker goes in its place. Keys are cached as `Keyring` says, so workers go on for up to a
minute without Postgres; then a payload fails with `DatabaseUnavailableError`, and Temporal tries the task again.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from google.protobuf.message import DecodeError
from pydantic_core import from_json, to_json
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from journeyman.customers.keys import SYSTEM, DataKey, Keyring
from journeyman.errors import ErasedError, InputError
from journeyman.store import Database, sql
from journeyman.temporal import personal
from journeyman.temporal.erased import ENCODING as ERASED
from journeyman.temporal.erased import IMPERSONAL, PERSONAL, JourneymanPayloadConverter, erased_payload

ENCODING = b"binary/journeyman"
_OF, _SEALED = "personal-of", "personal"  # metadata: whose the personal parts are, and these, sealed
_REMEMBERED = 10_000  # journeys


class Subjects:
    """Finds the data subject of a workflow, and its key. One a process, shared by the codecs of all contexts."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._known: OrderedDict[str, str] = OrderedDict()
        self._statement = sql.load("keys")["subject_of_journey"]

    async def of(self, workflow_id: str | None) -> str:
        """The customer of the journey with that workflow id, which never changes; `system` if there is none."""
        if workflow_id is None:
            return SYSTEM
        if (subject := self._known.get(workflow_id)) is not None:
            self._known.move_to_end(workflow_id)
            return subject
        async with self._database.connection() as conn:
            found: str | None = await conn.fetchval(self._statement, workflow_id)
        if found is None:
            return SYSTEM  # not remembered: its journey's row may come later
        self._known[workflow_id] = found
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def key(self, subject: str, *, create: bool) -> DataKey:
        """The subject's key, made where `create` says so. `ErasedError` once destroyed."""
        if (cached := self._keyring.cached(subject)) is not None:
            return cached
        async with self._database.connection() as conn:
            if create:
                return await self._keyring.obtain(conn, subject)
            return await self._keyring.key(conn, subject)


class SubjectCodec(PayloadCodec, WithSerializationContext):
    """Seals payloads under the key of the data subject of the workflow in whose context it stands."""

    def __init__(self, subjects: Subjects, workflow_id: str | None = None) -> None:
        self._subjects = subjects
        self._workflow_id = workflow_id

    def with_context(self, context: SerializationContext) -> Self:
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return type(self)(self._subjects, context.workflow_id)
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [await self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [await self._open(payload) for payload in payloads]

    async def _seal(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") in (ENCODING, ERASED.encode()):
            return payload
        if PERSONAL in payload.metadata:
            return await self._seal_parts(payload)
        subject = SYSTEM if IMPERSONAL in payload.metadata else await self._subjects.of(self._workflow_id)
        return await self._seal_whole(payload, subject)

    async def _seal_whole(self, payload: Payload, subject: str) -> Payload:
        try:
            key = await self._subjects.key(subject, create=True)
        except ErasedError:
            return erased_payload(subject)
        sealed = key.encrypt(payload.SerializeToString())
        return Payload(metadata={"encoding": ENCODING, "subject": subject.encode()}, data=sealed)

    async def _seal_parts(self, payload: Payload) -> Payload:
        """What steers a journey for `system`, what is personal for the customer, in one payload."""
        value = from_json(payload.data)
        slots, taken = personal.take(value, payload.metadata.pop(PERSONAL).decode().split(","))
        if not slots:
            return await self._seal_whole(payload, SYSTEM)
        subject = await self._subjects.of(self._workflow_id)
        try:
            sealed = (await self._subjects.key(subject, create=True)).encrypt(to_json(taken))
        except ErasedError:
            sealed = b""
        open_part = Payload(metadata=payload.metadata, data=to_json({"value": value, "slots": slots}))
        key = await self._subjects.key(SYSTEM, create=True)
        metadata = {"encoding": ENCODING, "subject": SYSTEM.encode(), _OF: subject.encode(), _SEALED: sealed}
        return Payload(metadata=metadata, data=key.encrypt(open_part.SerializeToString()))

    async def _open_parts(self, payload: Payload, of: str, sealed: bytes) -> Payload:
        """The payload that was sealed in parts. What was personal of an erased customer is left out, and says so."""
        part = from_json(payload.data)
        value, slots = part["value"], part["slots"]
        try:
            if slots:  # older builds sealed payloads in parts that had none
                personal.put_back(value, slots, from_json((await self._subjects.key(of, create=False)).decrypt(sealed)))
        except ErasedError:
            personal.leave_out(value, slots, of)
        return Payload(metadata=payload.metadata, data=to_json(value))

    async def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        subject = payload.metadata["subject"].decode()
        try:
            key = await self._subjects.key(subject, create=False)
        except ErasedError:
            return erased_payload(subject)
        try:
            opened = Payload.FromString(key.decrypt(payload.data))
        except DecodeError as error:
            raise InputError(f"a payload of `{subject}` was sealed by something else than this codec") from error
        if _OF not in payload.metadata:
            return opened
        return await self._open_parts(opened, payload.metadata[_OF].decode(), payload.metadata[_SEALED])


@dataclass(frozen=True)
class SubjectConverter(DataConverter):
    """Temporal's, kept for each workflow: the SDK asks for one with every payload, and would make each anew."""

    _made: OrderedDict[str | None, Self] = field(default_factory=OrderedDict, repr=False, compare=False)

    def with_context(self, context: SerializationContext) -> Self:
        if not isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return self
        made = self._made.get(context.workflow_id)
        if made is None:
            made = self._made[context.workflow_id] = super().with_context(context)
            if len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)
        return made


def data_converter(database: Database, keyring: Keyring) -> DataConverter:
    """The data converter of every Journeyman client and worker: pydantic, sealed, failures too."""
    return SubjectConverter(
        payload_converter_class=JourneymanPayloadConverter,
        payload_codec=SubjectCodec(Subjects(database, keyring)),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
