"""Policies: what was in force when, one bundle as it was, what differs between two, and what its cases say."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from journeyman.audit import bundles
from journeyman.audit.bundles import BundleThen, Changed, PolicyThen, Publication
from journeyman.console.asked import Asked, Reads, asks
from journeyman.console.cursor import Listed, PageSize, after, goes_on
from journeyman.console.words import Name
from journeyman.errors import ConflictError, PolicyError
from journeyman.governance.cases import CaseResult

router = APIRouter(prefix="/policies", tags=["policies"])

BundleId = Annotated[Name, Path(description="The bundle's hash.")]


class KeptBundle(BaseModel):
    """A bundle as it is kept."""

    hash: str
    intact: bool = Field(description="Its files hash to its name; else they are not what was published.")
    policies: tuple[PolicyThen, ...]
    files: dict[str, str]


class Case(BaseModel):
    """A question that the bundle's authors expect an answer to, and the one that it gets."""

    file: str
    name: str
    about: str = Field(description="The policy that it is about.")
    action: str
    expected: bool
    allowed: bool
    policies: tuple[str, ...] = Field(description="What determined it.")
    reason: str | None
    passed: bool
    failures: tuple[str, ...]


@router.get("", **asks("view", "Bundle", narrows=True))
async def published(asked: Reads, cursor: str | None = None, limit: PageSize = 50) -> Listed[Publication]:
    """What was put in force, the newest first."""
    found = await bundles.published(asked.desk, asked.person, before=after(cursor), limit=limit)
    return Listed(items=found, next=goes_on(found.after))


@router.get("/{bundle}", **asks("view", "Bundle"))
async def one(asked: Reads, bundle: BundleId) -> KeptBundle:
    """One bundle, as it was."""
    found = await bundles.show(asked.desk, bundle, asked.person)
    return KeptBundle(hash=found.hash, intact=found.intact, policies=found.policies, files=dict(found.files))


@router.get("/{bundle}/changes", **asks("view", "Bundle"))
async def changes(asked: Reads, bundle: BundleId, since: Name) -> Listed[Changed]:
    """What it writes otherwise than another one, policy by policy."""
    return Listed(items=bundles.changes(*await both(asked, since, bundle)))


@router.get("/{bundle}/cases", **asks("view", "Bundle"))
async def cases(asked: Reads, bundle: BundleId) -> Listed[Case]:
    """The project's cases of today, asked of this bundle."""
    return Listed(items=[_case(result) for result in await results(asked, bundle)])


async def both(asked: Asked, before: str, after: str) -> tuple[BundleThen, BundleThen]:
    """Two bundles."""
    return (
        await bundles.show(asked.desk, before, asked.person),
        await bundles.show(asked.desk, after, asked.person),
    )


async def results(asked: Asked, bundle: str) -> list[CaseResult]:
    """The project's cases, asked of a bundle. Raises ConflictError for one of another time, which they do not fit."""
    try:
        return await bundles.results(asked.desk, bundle, asked.person, asked.console.project.policies / "cases")
    except PolicyError as error:
        raise ConflictError(f"the cases cannot be asked of this bundle: {error}", field="bundle") from error


def _case(result: CaseResult) -> Case:
    case, decision = result.case, result.decision
    return Case(
        file=case.file,
        name=case.name,
        about=case.about,
        action=case.question.action,
        expected=case.allowed,
        allowed=decision.allowed,
        policies=tuple(decision.policies),
        reason=decision.reason,
        passed=result.passed,
        failures=result.failures,
    )
