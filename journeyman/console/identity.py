"""Who asks: a person with a session, or a program with a person's token.

Cookies and tokens are 256 random bits; Postgres keeps their hashes alone. A session ends by itself when one of the roles that
the person had when they signed in is taken away; a token never may more than its person, and only what its scopes say.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from journeyman.errors import InputError, NotFoundError
from journeyman.governance import Facts, Resource
from journeyman.identifiers import new_id
from journeyman.ledger.entry import Actor, Entry
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.people import person_of
from journeyman.tasks.permission import permission

sql = load("console")

LIFE = timedelta(hours=12)
"""Of a session, however busy."""
IDLE = timedelta(hours=2)
"""Without a request that somebody makes, a session ends: pages that stay open and read again what changes do not keep it."""
_SEEN = timedelta(minutes=1)  # how exactly the last request is known
_TOKEN_LIFE = timedelta(days=90)

NOUNS = (
    "agents",
    "callbacks",
    "chat",
    "customers",
    "events",
    "journeys",
    "knowledge",
    "people",
    "policies",
    "queues",
    "tasks",
    "traces",
)
SCOPES = frozenset(f"{noun}:{what}" for noun in NOUNS for what in ("read", "write"))
"""What a token can be for: reading or writing of each noun of the API."""

_SCOPE = re.compile(r"/api/v1/([a-z]+)")


@dataclass(frozen=True)
class Caller:
    """A person, and how they were authenticated: `oidc`, `picker` or `token`."""

    id: str
    name: str
    roles: frozenset[str]
    auth: str
    scopes: frozenset[str] | None = None
    """Of a token; None is a session, which may all that its person may."""

    @property
    def actor(self) -> Actor:
        """As the ledger names them."""
        return Actor(kind="person", id=self.id, auth=self.auth)

    def scoped(self, method: str, path: str) -> bool:
        """Whether the token's scopes hold a request."""
        if self.scopes is None:
            return True
        noun = _SCOPE.match(path)
        what = "read" if method in ("GET", "HEAD") else "write"
        return noun is not None and f"{noun[1]}:{what}" in self.scopes


@dataclass(frozen=True)
class Token:
    """A token as it is listed: never its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


async def sign_in(desk: Desk, person: str, *, auth: str, now: datetime) -> str:
    """Begin a session; returns what the cookie is to hold. Raises NotFoundError for who is not in the roster, or has no role."""
    secret = secrets.token_urlsafe(32)
    async with desk.recording() as tx:
        found = await tx.conn.fetchval(sql["begin_session"], _digest(secret), person, auth, now, now + LIFE)
        if found is None:
            raise NotFoundError(
                f"there is no person `{person}` with a role; add them to the roster, or give them one", field="person"
            )
        tx.record(_entry("person.signed_in", person, auth, now))
    return secret


async def sign_out(desk: Desk, secret: str, caller: Caller, *, now: datetime) -> None:
    """End the session of a cookie."""
    async with desk.recording() as tx:
        if await tx.conn.fetchval(sql["end_session"], _digest(secret), now) is None:
            tx.unchanged()
        else:
            tx.record(_entry("person.signed_out", caller.id, caller.auth, now))


async def sign_out_everywhere(desk: Desk, caller: Caller, *, now: datetime) -> None:
    """End all sessions of one's own. Their tokens stay."""
    async with desk.recording() as tx:
        await tx.conn.execute(sql["end_sessions_of"], caller.id, now)
        entry = _entry("person.signed_out", caller.id, caller.auth, now)
        tx.record(entry.model_copy(update={"facts": {"everywhere": True}}))


async def end_sessions(
    desk: Desk, person_id: str, *, tokens: bool = False, by: str | None, auth: str, now: datetime
) -> None:
    """End all sessions of somebody else, where policy lets `by` (None: the operator) `manage` them. Their tokens stay, unless
    `tokens` are revoked with them.

    Raises NotFoundError, DeniedError.
    """
    async with desk.recording() as tx:
        person = await person_of(tx.conn, person_id)
        resource, facts = Resource.person(principal_of(person)), Facts(simulated=person.simulated)
        permitted = await permission(desk, tx.conn, by, "manage", resource, auth=auth, facts=facts)
        ended = len(await tx.conn.fetch(sql["end_sessions_of"], person_id, now))
        told: dict[str, str | bool | int] = {"sessions": ended}
        tx.record(permitted.entry("person.sessions_ended", now, refs={"person": person_id}, facts=told))
        if tokens:
            for row in await tx.conn.fetch(sql["revoke_tokens_of"], person_id, now):
                tx.record(permitted.entry("token.revoked", now, refs={"token": row["id"], "person": person_id}))


async def by_cookie(conn: Connection, secret: str, now: datetime, *, attended: bool = True) -> Caller | None:
    """Whose session it is, while it lasts. `attended`: somebody is there, and it is not a page that asks by itself."""
    digest = _digest(secret)
    row = await conn.fetchrow(sql["session"], digest, now, now - IDLE)
    if row is None:
        return None
    if attended and now - row["seen_at"] > _SEEN:
        await conn.execute(sql["see_session"], digest, now)
    return Caller(row["id"], row["name"], frozenset(row["roles"]), row["auth"])


async def by_token(conn: Connection, secret: str, now: datetime) -> Caller | None:
    """Whose token it is, while it counts: not revoked, not lapsed, and its person has a role."""
    row = await conn.fetchrow(sql["token"], _digest(secret), now)
    if row is None:
        return None
    return Caller(row["person"], row["name"], frozenset(row["roles"]), "token", frozenset(row["scopes"]))


async def make_token(
    desk: Desk,
    person: str,
    name: str,
    scopes: frozenset[str],
    *,
    by: Actor,
    now: datetime,
    life: timedelta = _TOKEN_LIFE,
) -> tuple[str, str]:
    """A token for a person: its id, and the secret, which nobody can read again. Raises InputError, NotFoundError."""
    if unknown := scopes - SCOPES:
        raise InputError(f"`{min(unknown)}` is no scope; there are {', '.join(sorted(SCOPES))}", field="scopes")
    if not scopes:
        raise InputError("a token without a scope may nothing; name one, such as `tasks:read`", field="scopes")
    id, secret = new_id("tok"), f"jny_{secrets.token_urlsafe(32)}"
    async with desk.recording() as tx:
        if await tx.conn.fetchval(sql["is_person"], person) is None:
            raise NotFoundError(f"there is no person `{person}`; add them to the roster", field="person")
        await tx.conn.execute(sql["add_token"], id, _digest(secret), person, name, sorted(scopes), now, now + life)
        facts: dict[str, str | bool | int] = {"scopes": " ".join(sorted(scopes)), "days": life.days}
        tx.record(Entry(type="token.made", at=now, actor=by, refs={"token": id, "person": person}, facts=facts))
    return id, secret


async def revoke_token(desk: Desk, id: str, *, by: Actor, now: datetime) -> None:
    """Let a token count no more. Raises NotFoundError."""
    async with desk.recording() as tx:
        person = await tx.conn.fetchval(sql["revoke_token"], id, now)
        if person is None:
            raise NotFoundError(f"there is no token `{id}` that counts; see those of its person", field="token")
        tx.record(Entry(type="token.revoked", at=now, actor=by, refs={"token": id, "person": person}))


async def tokens_of(conn: Connection, person: str) -> list[Token]:
    """A person's tokens, the newest first."""
    rows = await conn.fetch(sql["tokens_of"], person)
    return [Token(**{**dict(row), "scopes": tuple(row["scopes"])}) for row in rows]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _entry(type: str, person: str, auth: str, now: datetime) -> Entry:
    return Entry(type=type, at=now, actor=Actor(kind="person", id=person, auth=auth), refs={"person": person})
