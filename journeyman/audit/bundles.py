"""Policies as they were: every bundle that was ever published is kept, and open to all."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from journeyman.errors import InputError, NotFoundError
from journeyman.governance import Authorizer, Bundle, Resource
from journeyman.governance.bundle import digest
from journeyman.governance.cases import CaseResult, load_cases, run
from journeyman.governance.source import policies_of
from journeyman.publishing import sql as publishing
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk
from journeyman.tasks.viewing import viewer
from journeyman.views.listing import Found, Place, filled

sql = load("traces")

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Publication:
    """That a bundle was put in force: it was until the next one, in the place of the one `before`."""

    id: int
    bundle: str
    published_by: str
    at: datetime
    until: datetime | None
    before: str | None


@dataclass(frozen=True)
class PolicyThen:
    """One policy of a bundle, as it was written."""

    id: str
    effect: str
    intent: str
    serves: str
    handoff: str
    file: str
    line: int
    text: str


@dataclass(frozen=True)
class BundleThen:
    """A bundle as it is kept. `intact`: its files hash to its name; else they are not what was published."""

    hash: str
    intact: bool
    policies: tuple[PolicyThen, ...]
    files: Mapping[str, str]

    def policy(self, id: str) -> PolicyThen | None:
        return next((policy for policy in self.policies if policy.id == id), None)


@dataclass(frozen=True)
class Changed:
    """A policy, or a file that holds none, that two bundles write otherwise; empty where one lacks it."""

    name: str
    how: Literal["added", "removed", "changed"]
    before: str
    after: str


async def published(desk: Desk, person_id: str, *, before: Place | None = None, limit: int = 100) -> Found[Publication]:
    """What was put in force, the newest first, of what this person may view. `before` goes on after a page. Raises InputError."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)

        async def read(before: Place | None) -> list[tuple[Publication, bool]]:
            rows = await conn.fetch(sql["publications"], limit, _number(before))
            resources = [(Resource.bundle(row["hash"]), None) for row in rows]
            return list(zip(map(_publication, rows), looking.shown("bundle", resources), strict=True))

        return await filled(read, lambda each: (each.at, str(each.id)), before, limit)


def _publication(row: Any) -> Publication:
    return Publication(row["id"], row["hash"], row["published_by"], row["at"], row["until"], row["before"])


def _number(place: Place | None) -> int | None:
    if place is None:
        return None
    if not place[1].isdecimal() or int(place[1]) >= 2**63:
        raise InputError("the cursor is not one of this list; send `next` of the page before, as it is", field="cursor")
    return int(place[1])


async def show(desk: Desk, bundle: str, person_id: str) -> BundleThen:
    """A bundle as it is kept. Raises NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        looking.require(Resource.bundle(bundle), "bundle")
        found = await kept(conn, bundle)
    if found is None:
        raise NotFoundError(f"there is no bundle `{bundle}`; see those that were published", field="bundle")
    return found


async def kept(conn: Connection, bundle: str) -> BundleThen | None:
    """The same for whoever has asked policy already; None for what is no hash, as in a body that was tampered with."""
    if not _HASH.fullmatch(bundle):
        return None
    files = await conn.fetchval(publishing["bundle"], bundle)
    return None if files is None else _then(bundle, tuple(sorted(files.items())))


def changes(before: BundleThen, after: BundleThen) -> list[Changed]:
    """What is written otherwise, policy by policy, in the order of the later bundle."""
    return list(_changes(_named(before), _named(after)))


async def results(desk: Desk, bundle: str, person_id: str, folder: Path) -> list[CaseResult]:
    """The cases of a folder, asked of a bundle. Raises NotFoundError, DeniedError, PolicyError where it cannot be asked."""
    found = await show(desk, bundle, person_id)
    return await asyncio.to_thread(_results, tuple(sorted(found.files.items())), folder)


@lru_cache(maxsize=8)
def _results(files: tuple[tuple[str, str], ...], folder: Path) -> list[CaseResult]:
    return run(Authorizer(Bundle.from_files(dict(files))), load_cases(folder))


@lru_cache(maxsize=32)
def _then(hash: str, files: tuple[tuple[str, str], ...]) -> BundleThen:
    found = [
        PolicyThen(
            id=policy.id,
            effect=policy.effect,
            intent=policy.intent,
            serves=policy.annotations.get("serves", ""),
            handoff=policy.annotations.get("handoff", ""),
            file=policy.file,
            line=policy.line,
            text=policy.text.strip(),
        )
        for name, text in files
        if name.endswith(".cedar")
        for policy in policies_of(name, text)
    ]
    return BundleThen(hash, digest(dict(files)) == hash, tuple(found), dict(files))


def _named(bundle: BundleThen) -> dict[str, str]:
    policies = {policy.id or f"{policy.file}:{policy.line}": _whole(policy) for policy in bundle.policies}
    return policies | {name: text for name, text in bundle.files.items() if not name.endswith(".cedar")}


def _whole(policy: PolicyThen) -> str:
    """With its intent, by which people are told why."""
    return f"// {policy.intent}\n{policy.text}" if policy.intent else policy.text


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Changed]:
    for name, text in after.items():
        if name not in before:
            yield Changed(name, "added", "", text)
        elif before[name] != text:
            yield Changed(name, "changed", before[name], text)
    for name, text in before.items():
        if name not in after:
            yield Changed(name, "removed", text, "")
