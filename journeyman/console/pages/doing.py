"""What is done on a task's page: words to the customer, notes, the result, and every other deed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from journeyman.console.asked import Asked, once
from journeyman.console.form import BLANK, How, rearranges
from journeyman.console.pages.deeds import DEEDS, keywords, typed_in
from journeyman.console.pages.explaining import explained
from journeyman.console.pages.page import Posted, Shown, go, is_part, render
from journeyman.console.pages.sheet import WORDS, WORK, Refused, items_of, refuse, sheet, typed_work
from journeyman.console.pages.work import PREFIX, Work, is_form
from journeyman.console.words import Name, TaskId
from journeyman.errors import ConflictError, DeniedError, ErasedError, InputError, NotFoundError
from journeyman.tasks import closing, consulting, drafts, speaking, working
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.models import Task
from journeyman.views import looking

router = APIRouter(prefix="/desk/tasks/{task}", include_in_schema=False)

_REFUSED = (InputError, DeniedError, ErasedError)
"""What is told where one typed. All else is told on a page of its own."""


@router.post("/say")
async def say(request: Request, asked: Posted, task: TaskId) -> Response:
    """Tell the customer something."""
    return await _words(request, asked, task, "say", speaking.say)


@router.post("/note")
async def note(request: Request, asked: Posted, task: TaskId) -> Response:
    """Write a note beside the task, for those who work on it; with `to`, it asks a colleague."""
    before = await asked.shown(task)
    answer = await _words(request, asked, task, "note", working.comment)
    if asked.person in before.consulted and answer.status_code < 400:
        return go(request, "/desk")  # they have answered, and are done with it
    return answer


@router.post("/consulted/{colleague}/take-back")
async def take_back(request: Request, asked: Posted, task: TaskId, colleague: Name) -> Response:
    """Ask a colleague no longer. The notes tell it, as they are read again."""
    await once(lambda: consulting.take_back(asked.desk, task, asked.person, colleague, **asked.deed))
    return Response(status_code=204) if is_part(request) else go(request, f"/desk/tasks/{task}")


@router.post("/deeds/{deed}")
async def do(request: Request, asked: Posted, task: TaskId, deed: Name) -> Response:
    """Any other deed."""
    known = DEEDS.get(deed)
    if known is None:
        raise NotFoundError(f"nothing is done with a task by `{deed}`; open the task again", field="deed")
    typed = typed_in(await items_of(request))
    try:
        given = keywords(known, typed, asked.now)
        if known.action is Action.DISPOSE:
            given["suggestion"] = typed.get("suggestion")  # of the copilot
        takes = known.action is Action.CLAIM  # what was offered meanwhile is still there to be taken
        after = await _once(replace(asked, revision=None) if takes else asked, task, known.operation, **given)
    except _REFUSED as error:
        return await refuse(request, asked, task, Refused(deed, typed, await explained(asked.console, error)))
    await drafts.drop(asked.desk, task, asked.person, deed)
    return go(request, _next(asked, after))


@router.post("/form")
async def arrange(request: Request, asked: Shown, task: TaskId) -> Response:
    """The form of the result with a row more or less."""
    return render(asked, "task/fields.html", work=await _posted(request, asked, await asked.shown(task)), task_id=task)


@router.post("/changes")
async def changes(request: Request, asked: Shown, task: TaskId) -> Response:
    """What differs from the draft, as one edits it."""
    work = await _posted(request, asked, await asked.shown(task))
    return render(asked, "task/changes.html", changes=work.changes)


@router.post("/complete")
async def complete(request: Request, asked: Posted, task: TaskId) -> Response:
    """Close the task with a result."""
    return await _submit(request, asked, task, Action.COMPLETE)


@router.post("/edit")
async def edit(request: Request, asked: Posted, task: TaskId) -> Response:
    """Let the draft count as it was edited."""
    return await _submit(request, asked, task, Action.EDIT)


@router.post("/accept")
async def accept(request: Request, asked: Posted, task: TaskId) -> Response:
    """Let the draft count as it is."""
    return await _submit(request, asked, task, Action.ACCEPT)


async def _words(
    request: Request, asked: Asked, task_id: str, form: str, operation: Callable[..., Awaitable[Any]]
) -> Response:
    typed = typed_in(await items_of(request))
    try:
        text = typed.get("text", "")
        began = typed.get("suggestion")  # of the copilot
        if form == "note" and (to := typed.get("to")):
            await once(
                lambda: consulting.consult(asked.desk, task_id, asked.person, to, text, suggestion=began, **asked.deed)
            )
        else:
            await once(lambda: operation(asked.desk, task_id, asked.person, text, suggestion=began, **asked.deed))
    except _REFUSED as error:
        return await refuse(request, asked, task_id, Refused(form, typed, await explained(asked.console, error)))
    await drafts.drop(asked.desk, task_id, asked.person, form)
    if not is_part(request):
        return go(request, f"/desk/tasks/{task_id}")
    task = await asked.shown(task_id)
    look = typed.get("look", "")
    fresh: dict[str, Any] = {"typed": {}, "problem": None, "sent": True, "choices": {}}
    answer = render(asked, f"task/{form}.html", task=task, look_id=look, revision=task.revision, **fresh)
    answer.headers["HX-Trigger"] = WORDS[form]
    return answer


async def _submit(request: Request, asked: Asked, task_id: str, action: Action) -> Response:
    """Close a task by the form of its result, or by the words of a message under review."""
    items = await items_of(request)
    typed = typed_in(items)
    work: Work | None = None
    try:
        task = await asked.shown(task_id)
        if is_form(task):
            work = await _posted(request, asked, task)
            if rearranges(items):  # without scripts, a button of the form leads here
                return await sheet(asked, task_id, refused=Refused(WORK, typed, work=work))
        if action is not Action.COMPLETE:
            await _as_meant(asked, task, action, typed, work)
        comment, began = typed.get("comment", ""), typed.get("suggestion")
        if action is Action.ACCEPT:
            after = await _once(asked, task_id, closing.accept, comment=comment, suggestion=began)
        else:
            output = work.result() if work else typed.get(PREFIX, "")
            operation = closing.complete if action is Action.COMPLETE else closing.edit
            after = await _once(asked, task_id, operation, output=output, comment=comment, suggestion=began)
    except _REFUSED as error:
        if work is not None and isinstance(error, InputError):
            work.blamed(error)
        return await refuse(request, asked, task_id, Refused(WORK, typed, await explained(asked.console, error), work))
    return go(request, _next(asked, after))


async def _as_meant(asked: Asked, task: Task, action: Action, typed: dict[str, str], work: Work | None) -> None:
    """Raise ConflictError where a draft is accepted as it is and was changed, or counts as edited and was not."""
    if work is not None:
        if work.was is BLANK:
            return
        changed = any(change.how is not How.UNCHANGED for change in work.changes)
    else:
        draft = await looking.draft(asked.console.desk, typed.get("look", ""), task.id, asked.person, now=asked.now)
        changed = typed.get(PREFIX, "").strip() != str(draft).replace("\r\n", "\n").strip()
    if action is Action.ACCEPT and changed:
        raise ConflictError("you have changed the draft; let it count as edited, or undo what you changed")
    if action is Action.EDIT and not changed:
        raise ConflictError("you have not changed the draft; accept it as it is")


async def _posted(request: Request, asked: Asked, task: Task) -> Work:
    items = await items_of(request)
    return await typed_work(asked, task, items, typed_in(items).get("look", ""))


async def _once(asked: Asked, task_id: str, operation: Callable[..., Awaitable[Task]], **given: Any) -> Task:
    return await once(
        lambda: operation(asked.desk, task_id, asked.person, **given, **asked.change), lambda: asked.task(task_id)
    )


def _next(asked: Asked, after: Task) -> str:
    """Where one goes on: at the task while it is one's own, else at the desk."""
    return f"/desk/tasks/{after.id}" if after.open and after.assignee == asked.person else "/desk"
