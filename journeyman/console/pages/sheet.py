"""A task's page put together: what is shown of the task, and the form that was not taken, with all that was typed into it."""

import json
from asyncio import gather
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import JsonValue
from starlette.responses import Response

from journeyman.console.asked import Asked
from journeyman.console.form import BLANK
from journeyman.console.pages.deeds import DEEDS, HOLDS, available
from journeyman.console.pages.page import is_part, live_of, render
from journeyman.console.pages.telling import teller_of
from journeyman.console.pages.wording import PRESENCES
from journeyman.console.pages.work import PREFIX, Items, Work, work_of
from journeyman.console.problem import Problem
from journeyman.customers import record
from journeyman.errors import DeniedError, InputError
from journeyman.tasks import callbacks, drafts
from journeyman.tasks.drafts import Typed as Kept
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.models import Task
from journeyman.views import looking
from journeyman.views.consultations import advisers
from journeyman.views.looking import Look
from journeyman.views.receivers import receivers

WORK: Final = "work"
"""The form of the task's result."""
WORDS: Final[Mapping[str, str]] = {"say": "said", "note": "noted"}
"""The forms that take words, and what the page then hears."""
HIDDEN: Final = frozenset({"once", "revision", "look", "position", "args_hash"})
"""What a form carries that nobody typed."""
FOUND: Final[Mapping[str, str]] = {"transfer": "to", "call-back": "slot", "note": "colleague"}
"""The forms with choices that are found when they are unfolded, and the fields of these."""
_SLOTS: Final = 8
_WORKED: Final = frozenset({Action.COMPLETE, Action.EDIT, Action.ACCEPT})


Choices = Mapping[str, list[tuple[str, str, str]]]
"""(group, value, words), by field. A field that is not there is found when its form is unfolded."""


@dataclass(frozen=True)
class Refused:
    """A form that was not taken: which, what was typed into it, and why not. `work` is the form of the result as it was typed."""

    form: str
    typed: Mapping[str, str]
    problem: Problem | None = None
    work: Work | None = None


async def sheet(asked: Asked, task_id: str, *, refused: Refused | None = None, opened: str | None = None) -> Response:
    """The whole page; a look at the task begins with it. With `refused` it tells why, where it was typed."""
    desk, after = asked.console.desk, asked.console.position
    since = asked.revision if refused and refused.problem else None
    look = await looking.begin(desk, task_id, asked.person, since=since, **asked.deed)
    page, task = look.page, look.page.task
    heard = () if asked.person in task.consulted else (("journey", task.journey_id),)
    kept, told = await gather(_kept(asked, task), teller_of(asked, look.names))
    unfolded = {opened, *(form for form, typed in kept.items() if form != "note" or dict(typed).get("to"))}
    unfolded |= {refused.form} if refused else set()
    draft = page.content.get("draft")
    work = refused.work if refused and refused.work else _work(asked, look, draft, kept.get(WORK))
    problem = refused.problem if refused else None
    deeds = [deed for deed in available(page.actions) if deed.action not in _WORKED]
    there = {*WORDS, *(deed.name for deed in deeds), *([WORK] if work or task.draft_kind == "message" else [])}
    return render(
        asked,
        "task.html",
        status=problem.status if problem else 200,
        here="/desk",
        live=live_of(asked.console, *heard, after=after),
        look=look,
        page=page,
        task=task,
        customer=look.customer,
        work=work,
        draft=draft,
        tool=_tool(asked, draft),
        exact=json.dumps(draft.get("args"), indent=2) if isinstance(draft, dict) else "",
        deeds=deeds,
        kept={form: dict(typed) for form, typed in kept.items()},
        refused=refused,
        loose=problem if refused and refused.form not in there else None,
        opened=refused.form if refused else opened,
        choices=await choices(asked, task, page.actions, {form for form in unfolded if form}),
        can={str(action) for action in page.actions},
        told=told,
        fresh=False,
    )


async def refuse(request: Request, asked: Asked, task_id: str, refused: Refused) -> Response:
    """A form that was not taken, as it was typed: in its own place where scripts run, else with the page around it."""
    if not is_part(request):
        return await sheet(asked, task_id, refused=refused)
    task = await asked.shown(task_id)
    more: dict[str, Any] = {}
    name = "work_form" if refused.form == WORK else refused.form
    if refused.form in DEEDS:
        name, more = "deed", {"deed": DEEDS[refused.form]}
    assert refused.problem
    answer = render(
        asked,
        f"task/{name}.html",
        status=refused.problem.status,
        task=task,
        look_id=refused.typed.get("look", ""),
        revision=refused.typed.get("revision", ""),
        typed=refused.typed,
        problem=refused.problem,
        work=refused.work,
        unfolded=True,
        sent=False,
        choices=await choices(asked, task, {*Action}, {refused.form}),
        **more,
    )
    answer.headers["HX-Retarget"] = f"#form-{refused.form}"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


async def items_of(request: Request) -> Items:
    """What was posted, in the order of the page."""
    return list((await request.form()).multi_items())


async def typed_work(asked: Asked, task: Task, items: Items, look: str) -> Work:
    """The form of the result as it was posted, beside the draft that its page shows."""
    draft: Any = BLANK
    if task.kind == "review" and look:
        draft = await looking.draft(asked.console.desk, look, task.id, asked.person, now=asked.now)
    return work_of(asked.desk, task, await zone_of(asked, task), draft=draft, typed=items)


async def zone_of(asked: Asked, task: Task) -> str:
    """The time zone of the task's customer: moments in the form are theirs."""
    async with asked.console.database.connection() as conn:
        return (await record.read(conn, task.customer_id)).time_zone


async def choices(asked: Asked, task: Task, actions: Collection[Action], forms: Collection[str]) -> Choices:
    """What there is to choose in the forms of a task with which a person could do this; what takes longer to find, in `forms`
    alone."""
    desk, now = asked.console.desk, asked.now
    found: dict[str, list[tuple[str, str, str]]] = {
        "until": [("", minutes, words) for minutes, words in HOLDS.items()],
        "disposition": [("", name, title) for name, title in task.dispositions.items()],
    }
    wanted = {field for form, field in FOUND.items() if form in forms}
    if "colleague" in wanted:
        able = await advisers(desk, task.id, asked.person, now=now)
        away = {each.id: f" ({PRESENCES[each.presence].lower()})" for each in able if each.presence != "online"}
        found["colleague"] = [("", each.id, each.name + away.get(each.id, "")) for each in able]
    if "to" in wanted and Action.TRANSFER in actions:
        whom = await receivers(desk, task.id, asked.person, now=now)
        found["to"] = [("People", f"person:{each.id}", each.name) for each in whom.people]
        found["to"] += [("Queues", f"queue:{each.id}", each.title) for each in whom.queues]
    if "slot" in wanted and Action.SUSPEND in actions:
        with suppress(DeniedError):  # who may not see the queue's callbacks agrees none
            zone = ZoneInfo(await zone_of(asked, task))
            free = await callbacks.slots(desk, asked.person, task.queue, now=now, limit=_SLOTS)
            found["slot"] = [("", each.isoformat(), f"{each.astimezone(zone):%a %d %b %H:%M %Z}") for each in free]
    return {field: [] for field in wanted} | found


async def _kept(asked: Asked, task: Task) -> Mapping[str, Kept]:
    """What the person has typed and not sent, by form."""
    return await drafts.read(asked.console.desk, task.id, asked.person) if task.open else {}


def _tool(asked: Asked, draft: JsonValue) -> str:
    """What the tool that an AI agent wants to call does, where it is known here."""
    named = draft.get("tool") if isinstance(draft, dict) else None
    tools = (tool for agent in asked.console.project.agents.values() for tool in agent.tools)
    return next((tool.title for tool in tools if tool.name == named), "")


def _work(asked: Asked, look: Look, draft: JsonValue, kept: Kept | None) -> Work | None:
    """The form of the result, for whoever may fill it in now: with what they typed before, else the draft."""
    page = look.page
    if page.output is None or not {Action.COMPLETE, Action.EDIT} & set(page.actions):
        return None
    was: Any = draft if page.task.kind == "review" and draft is not None else BLANK
    zone = look.time_zone
    typed = kept if kept and any(name.startswith(PREFIX) for name, _ in kept) else None  # else a note beside it alone
    try:
        return work_of(asked.desk, page.task, zone, draft=was, typed=typed)
    except InputError:
        return work_of(asked.desk, page.task, zone, draft=was)
