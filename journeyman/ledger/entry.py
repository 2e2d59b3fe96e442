"""What one entry of the ledger says, and its body: the bytes that become a leaf.

No personal data stands in a body. Values that are personal or bulky are committed to by a salted hash and sealed beside it;
when their key is destroyed the salt is gone with them, so that nobody can test a guess against the commitment.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from journeyman.errors import InputError
from journeyman.identifiers import new_id
from journeyman.ledger.canonical import canonical

VERSION = 1
ERASURE = "customer.erased"
"""The type of the entry that says of its subject that their key was destroyed, by whom and why."""

SALT_BYTES = 32

_MEMBERS = ("actor", "at", "facts", "id", "policies", "refs", "subject", "type", "v", "values")
_COMMITMENT = re.compile(r"[0-9a-f]{64}")


def _to_milliseconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


Word = Annotated[str, StringConstraints(min_length=1)]
Moment = Annotated[AwareDatetime, AfterValidator(_to_milliseconds)]


class Actor(BaseModel):
    """Who did it. `auth` says how a person was authenticated: `token`, `cli`, `simulated`, ..."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ai", "person", "system", "customer"]
    id: Word
    auth: str = ""


class Entry(BaseModel):
    """What a caller records.

    `type` is a stable name (`decision.perform`, `task.claimed`, `message.said`), `at` the domain's time, kept to the
    millisecond; `subject` the data subject of `values`; `refs` ids, `facts` details that are not personal, in clear. `id`
    makes every body, and so every leaf, one of its kind: leave it to its default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Word
    at: Moment
    actor: Actor
    journey: Word | None = None
    subject: Word = "system"
    refs: dict[str, str] = {}
    facts: dict[str, str | bool | int] = {}
    policies: list[str] = []
    values: dict[str, JsonValue] = {}
    id: Word = Field(default_factory=lambda: new_id("ent"))


def body(entry: Entry, commitments: dict[str, str]) -> bytes:
    """The entry's canonical JSON. `commitments` has one for each of its values, by name. Raises InputError."""
    if commitments.keys() != entry.values.keys():
        raise InputError("every value of an entry has one commitment, and nothing else has", field="values")
    members: dict[str, object] = {
        "v": VERSION,
        "id": entry.id,
        "type": entry.type,
        "at": moment_text(entry.at),
        "actor": entry.actor.model_dump(),
        "subject": entry.subject,
        "refs": entry.refs,
        "facts": entry.facts,
        "policies": entry.policies,
        "values": commitments,
    }
    if entry.journey is not None:
        members["journey"] = entry.journey
    return canonical(members)


def commitment(salt: bytes, value: JsonValue) -> str:
    """Hex SHA-256(salt || canonical(value)): binds to the value without telling it."""
    if len(salt) != SALT_BYTES:
        raise InputError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}", field="salt")
    return hashlib.sha256(salt + canonical(value, floats=True)).hexdigest()


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-03-01T09:00:00.000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def body_problem(parsed: object) -> str | None:
    """What is wrong with a parsed body of this version, or None. A reader of an untrusted pack asks before it uses one."""
    if not isinstance(parsed, dict):
        return "the body is not an object"
    if parsed.get("v") != VERSION:
        return f"the body's version is not {VERSION}"
    if tuple(sorted(parsed.keys() - {"journey"})) != _MEMBERS:
        return "the body lacks members or has others"
    if not all(isinstance(parsed.get(name, ""), str) for name in ("at", "id", "journey", "subject", "type")):
        return "a member of the body that names something is not a string"
    if not isinstance(parsed["policies"], list):
        return "the body's policies are not a list"
    if not all(isinstance(parsed[name], dict) for name in ("actor", "facts", "refs", "values")):
        return "a member of the body that must be a map is none"
    if not all(isinstance(made, str) and _COMMITMENT.fullmatch(made) for made in parsed["values"].values()):
        return "a commitment in the body is not a SHA-256 in hex"
    return None
