"""The copilot on a task's page: a part that the page includes, and a page of its own where scripts do not run."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from journeyman import copilot
from journeyman.agents.copilot import Kind
from journeyman.console.api.tasks import given_notice
from journeyman.console.asked import Asked, once
from journeyman.console.pages.page import Posted, Shown, render
from journeyman.console.words import Name, TaskId
from journeyman.copilot import Unavailable, guidance
from journeyman.errors import DeniedError, NotFoundError
from journeyman.knowledge import Found
from journeyman.tasks import drafts, suggestions
from journeyman.tasks.change import task_of
from journeyman.views.knowledge import consult, open_citation

router = APIRouter(prefix="/desk/tasks/{task}/copilot", include_in_schema=False)

TITLES: Final[dict[Kind, str]] = {"summary": "Summary", "reply": "Suggested reply", "wrap_up": "Closing notes"}
FORMS: Final[dict[Kind, str]] = {"reply": "say", "wrap_up": "note"}
"""Which form of the task's page a suggestion goes into."""
FLAGS: Final = {
    "commitments": "it promises or decides something",
    "amounts_unverified": "it names an amount",
    "links_unlisted": "it has a link or number that is not on the list",
    "claims_human": "it speaks as a person: the words become yours",
    "asks": "it asks for a secret",
    "reveals": "it gives something away",
}
_FOUND: Final = 5


@router.get("")
async def panel(request: Request, asked: Shown, task: TaskId) -> Response:
    """The copilot, as things stand."""
    return await _panel(request, asked, task)


@router.get("/knowledge")
async def knowledge(
    request: Request, asked: Shown, task: TaskId, q: Annotated[str, Query(max_length=500)] = ""
) -> Response:
    """What is known, each passage with its source."""
    async with asked.console.database.connection() as conn:
        kind = (await task_of(conn, task)).journey_kind
    found = await consult(
        asked.desk, asked.person, q.replace("\x00", ""), auth=asked.caller.auth, kind=kind, limit=_FOUND
    )
    if "hx-request" in request.headers:
        return render(asked, "copilot/knowledge.html", found=found, q=q)
    return await _panel(request, asked, task, found=found, q=q)


@router.get("/source")
async def source(asked: Shown, task: TaskId, citation: Annotated[str, Query(max_length=500)]) -> Response:
    """The passage that a citation stands for, as it was when it was cited."""
    opened = await open_citation(asked.desk, asked.person, citation, auth=asked.caller.auth)
    return render(asked, "copilot/source.html", here="/desk", task_id=task, opened=opened)


@router.post("/ask")
async def ask(request: Request, asked: Shown, task: TaskId, kind: Annotated[Kind, Form()]) -> Response:
    """Ask for help and wait for it: where scripts run, the page hears it while it is written instead."""
    console = asked.console
    found = await copilot.suggest(
        console.copilot, task, asked.person, kind, clock=console.clock, auth=asked.caller.auth
    )
    return await _panel(request, asked, task, failed=found if isinstance(found, Unavailable) else None)


@router.post("/{suggestion}/insert")
async def insert(asked: Shown, task: TaskId, suggestion: Name) -> Response:
    """Put a suggestion into its form, to be read, changed and sent by the person. Nothing is sent by it."""
    for each in await suggestions.read(asked.desk, task, asked.person, now=asked.now):
        if each.id == suggestion and each.kind in FORMS:
            typed = [("text", each.text), ("suggestion", each.id)]
            await drafts.keep(asked.desk, task, asked.person, FORMS[each.kind], typed, now=asked.now)
            return RedirectResponse(f"/desk/tasks/{task}", 303)
    raise NotFoundError(f"there is no suggestion `{suggestion}` to insert; ask for another", field="suggestion")


@router.post("/notices/{notice}")
async def give_notice(request: Request, asked: Posted, task: TaskId, notice: Name) -> Response:
    """Give the customer a notice that is missing, in its exact words."""
    await once(lambda: given_notice(asked, task, notice), _nothing)
    return await _panel(request, asked, task)


@router.post("/{suggestion}/dismiss")
async def dismiss(request: Request, asked: Posted, task: TaskId, suggestion: Name) -> Response:
    """One does not want it."""
    await once(lambda: suggestions.dismiss(asked.desk, task, asked.person, suggestion, **asked.deed), _nothing)
    return await _panel(request, asked, task)


async def _panel(
    request: Request,
    asked: Asked,
    task_id: str,
    *,
    failed: Unavailable | None = None,
    found: list[Found] | None = None,
    q: str = "",
) -> Response:
    console = asked.console
    async with console.database.connection() as conn:
        task = await task_of(conn, task_id)
    mandated = asked.console.project.mandated(task.journey_kind, task.journey_version)
    guided = await guidance.guide(asked.desk, task_id, asked.person, mandated, now=asked.now)
    notices = [(name, console.project.notices.text(name, guided.language)[1]) for name in guided.missing]
    told: dict[str, Any] = {
        "task": task,
        "mine": task.open and task.assignee == asked.person,
        "refused": await copilot.available(console.copilot, task_id, asked.person, now=asked.now),
        "failed": failed,
        "suggested": await suggestions.read(asked.desk, task_id, asked.person, now=asked.now),
        "guided": guided,
        "notices": notices,
        "titles": TITLES,
        "forms": FORMS,
        "flags": FLAGS,
        "found": found,
        "q": q or await _query(asked, task_id),
    }
    if "hx-request" in request.headers:
        return render(asked, "copilot/panel.html", **told)
    return render(asked, "copilot.html", here="/desk", **told)


async def _query(asked: Asked, task_id: str) -> str:
    """What the customer said last, as far as one may read it: what one would look up."""
    try:
        return await guidance.last_words(asked.desk, task_id, asked.person, now=asked.now)
    except DeniedError:
        return ""


async def _nothing() -> None:
    return None
