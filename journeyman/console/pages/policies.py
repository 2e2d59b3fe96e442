"""The pages of policies: what was in force when, one bundle as it was, what differs, and what its cases say."""

from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from journeyman.audit import bundles
from journeyman.console.api.policies import BundleId, both, results
from journeyman.console.cursor import after as place
from journeyman.console.cursor import goes_on
from journeyman.console.form import words
from journeyman.console.pages.page import Shown, render
from journeyman.console.words import Name

router = APIRouter(prefix="/policies", include_in_schema=False)

_PAGE = 50


@router.get("")
async def published(asked: Shown, cursor: str | None = None) -> Response:
    """Bundles over time, each with the one before it."""
    found = await bundles.published(asked.desk, asked.person, before=place(cursor), limit=_PAGE)
    return render(asked, "policies.html", here="/policies", publications=found, more=goes_on(found.after))


@router.get("/{bundle}")
async def one(asked: Shown, bundle: BundleId, since: Name | None = None) -> Response:
    """One bundle as it was; `since`: what it writes otherwise than that one."""
    if since:
        before, after = await both(asked, since, bundle)
        changes = [(each, words(each.before, each.after)) for each in bundles.changes(before, after)]
        return render(asked, "policies/changes.html", here="/policies", before=before, bundle=after, changes=changes)
    found = await bundles.show(asked.desk, bundle, asked.person)
    files = [(name, list(group)) for name, group in groupby(found.policies, key=lambda policy: policy.file)]
    others = [name for name in found.files if not name.endswith(".cedar")]
    return render(asked, "policies/bundle.html", here="/policies", bundle=found, files=files, others=others)


@router.get("/{bundle}/cases")
async def cases(asked: Shown, bundle: BundleId) -> Response:
    """The project's cases of today, asked of this bundle; those that fail first."""
    found = sorted(await results(asked, bundle), key=lambda result: result.passed)
    failed = sum(not result.passed for result in found)
    return render(asked, "policies/cases.html", here="/policies", bundle=bundle, results=found, failed=failed)
