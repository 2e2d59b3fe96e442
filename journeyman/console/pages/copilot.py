"""The copilot on a task's page: a part that the page includes, and a page of its own where scripts do not run."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from journeyman import copilot
from journeyman.agents.copilot import Kind
from journeyman.console.api.tasks import given_notice
from journeyman.console.asked import Asked, once
from journeyman.console.limits import limit_suggestions
from journeyman.console.pages.page import Posted, Shown, is_part, render
from journeyman.console.pages.sheet import WORDS, WORK
from journeyman.console.pages.telling import Teller, agents_of
from journeyman.console.words import Name, TaskId
from journeyman.copilot import Unavailable, guidance
from journeyman.customers import journeys
from journeyman.errors import DeniedError, NotFoundError
from journeyman.knowledge import Found
from journeyman.tasks import drafts, suggestions
from journeyman.tasks.change import task_of
from journeyman.tasks.models import Task
from journeyman.tasks.suggestions import Into, Suggestion
from journeyman.views.knowledge import consult, open_citation

router = APIRouter(prefix="/desk/tasks/{task}/copilot", include_in_schema=False)

TITLES: Final[dict[Kind, str]] = {"summary": "Summary", "reply": "Suggested reply", "wrap_up": "Closing notes"}
INTO: Final = {
    "say": ("Insert into the reply", "y i"),
    "note": ("Insert as a note", "y n"),
    WORK: ("Complete with it", "y c"),
    "dispose": ("Close with it", "y d"),
}
"""The forms of the task's page that a suggestion goes into: what the button says, and its key."""
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
        journey = await journeys.read(conn, (await task_of(conn, task)).journey_id)
    found = await consult(
        asked.desk,
        asked.person,
        q.replace("\x00", ""),
        auth=asked.caller.auth,
        kind=journey.kind,
        language=journey.language,
        limit=_FOUND,
    )
    if is_part(request):
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
    limit_suggestions(request, asked.person, asked.now)
    console = asked.console
    found = await copilot.suggest(
        console.copilot, task, asked.person, kind, clock=console.clock, auth=asked.caller.auth
    )
    return await _panel(request, asked, task, failed=found if isinstance(found, Unavailable) else None)


@router.post("/{suggestion}/insert")
async def insert(
    asked: Posted, task: TaskId, suggestion: Name, into: Annotated[str | None, Form(max_length=20)] = None
) -> Response:
    """Put a suggestion into a form, to be read, changed and sent by the person. Nothing is sent by it."""
    found = await asked.task(task)
    there = [
        each for each in await suggestions.read(asked.desk, task, asked.person, now=asked.now) if each.id == suggestion
    ]
    places = [(each, form) for each in there for form in forms(found, each) if into in (None, form)]
    if not places:
        raise NotFoundError(f"there is no suggestion `{suggestion}` to insert; ask for another", field="suggestion")
    inserted, form = places[0]
    await once(lambda: suggestions.insert(asked.desk, task, asked.person, suggestion, into=form, **asked.deed))
    await _put(asked, task, form, inserted)
    return RedirectResponse(f"/desk/tasks/{task}", 303)


@router.post("/notices/{notice}")
async def give_notice(request: Request, asked: Posted, task: TaskId, notice: Name) -> Response:
    """Give the customer a notice that is missing, in its exact words."""
    await once(lambda: given_notice(asked, task, notice))
    return await _panel(request, asked, task)


@router.post("/{suggestion}/dismiss")
async def dismiss(request: Request, asked: Posted, task: TaskId, suggestion: Name) -> Response:
    """One does not want it."""
    await once(lambda: suggestions.dismiss(asked.desk, task, asked.person, suggestion, **asked.deed))
    return await _panel(request, asked, task)


def forms(task: Task, suggestion: Suggestion) -> list[Into]:
    """The forms of the task's page that a suggestion goes into."""
    match suggestion.kind:
        case "reply":
            return ["say"]
        case "wrap_up":
            works = task.kind in ("work", "callback")
            found: list[Into] = ["note"]
            found += ["dispose"] if works and suggestion.disposition in task.dispositions else []
            return [*found, WORK] if works or task.kind == "review" else found
        case _:
            return []


async def _put(asked: Asked, task_id: str, form: str, suggestion: Suggestion) -> None:
    """Into what the person has typed there already."""
    put = {"suggestion": suggestion.id, "text" if form in WORDS else "comment": suggestion.text}
    if form == "dispose":
        put["disposition"] = suggestion.disposition or ""
    kept = (await drafts.read(asked.desk, task_id, asked.person)).get(form, [])
    typed = [(name, text) for name, text in kept if name not in put] + list(put.items())
    await drafts.keep(asked.desk, task_id, asked.person, form, typed, now=asked.now)


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
    task = await asked.task(task_id)
    mandated = asked.console.project.mandated(task.journey_kind, task.journey_version)
    guided = await guidance.guide(asked.desk, task_id, asked.person, mandated, now=asked.now)
    notices = [(name, console.project.notices.text(name, guided.language)[1]) for name in guided.missing]
    suggested = await suggestions.read(asked.desk, task_id, asked.person, now=asked.now)
    told: dict[str, Any] = {
        "task": task,
        "mine": task.open and task.assignee == asked.person,
        "refused": await copilot.available(console.copilot, task_id, asked.person, now=asked.now),
        "failed": failed,
        "suggested": suggested,
        "guided": guided,
        "notices": notices,
        "titles": TITLES,
        "forms": {each.id: forms(task, each) for each in suggested},
        "into": INTO,
        "told": Teller({}, asked.person, agents=agents_of(asked.console)),
        "flags": FLAGS,
        "found": found,
        "q": q or await _query(asked, task_id),
    }
    if is_part(request):
        return render(asked, "copilot/panel.html", **told)
    return render(asked, "copilot.html", here="/desk", **told)


async def _query(asked: Asked, task_id: str) -> str:
    """What the customer said last, as far as one may read it: what one would look up."""
    try:
        return await guidance.last_words(asked.desk, task_id, asked.person, now=asked.now)
    except DeniedError:
        return ""
