"""Search over tasks: by number, by customer, or by what the person's queues hold, the newest first."""

from collections.abc import Mapping
from typing import Annotated, Final, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from journeyman.console.asked import Asked
from journeyman.console.cursor import after, goes_on
from journeyman.console.pages.explaining import explained
from journeyman.console.pages.page import Shown, go, render
from journeyman.console.pages.wording import STATES
from journeyman.console.problem import Problem
from journeyman.errors import DeniedError, InputError
from journeyman.tasks.lifecycle import CLOSED, State
from journeyman.tasks.models import Kind, Task
from journeyman.views import inbox, queues
from journeyman.views.customers import find as find_customers
from journeyman.views.inbox import Search
from journeyman.views.labels import labels_of
from journeyman.views.listing import Found, Place

router = APIRouter(prefix="/desk/search", include_in_schema=False)

PAGE: Final = 50

_WORDS: Final[Mapping[str, tuple[State, ...]]] = {
    words: tuple(state for state in State if STATES[state] == words) for words in dict.fromkeys(STATES.values())
} | {STATES[State.IN_PROGRESS]: (State.RESERVED, State.IN_PROGRESS)}
"""The states behind each word; what is `Yours` is the reader's."""


class Wanted(BaseModel):
    """What the form holds."""

    model_config = ConfigDict(frozen=True)

    q: str = ""
    queue: str = ""
    state: str = ""
    kind: str = ""
    whose: str = ""
    late: bool = False
    cursor: str = ""


@router.get("")
async def search(
    asked: Shown,
    q: str = "",
    queue: str = "",
    state: str = "",
    kind: str = "",
    whose: str = "",
    late: str = "",
    cursor: str = "",
) -> Response:
    """The page. A number of a task, or of a journey, needs no filter."""
    wanted = Wanted(
        q=_plain(q, "q"),
        queue=_plain(queue, "queue"),
        state=state,
        kind=kind,
        whose=whose,
        late=bool(late),
        cursor=cursor,
    )
    found = await _found(asked, wanted)
    return await _page(asked, wanted, found, more=goes_on(found.after))


@router.post("")
async def find(request: Request, asked: Shown, text: Annotated[str, Form()] = "") -> Response:
    """The tasks of a customer, by what they say of themselves: that stands in no address, and that it was sought on the record.
    A number of ours leads to what it is of."""
    sought = _plain(text, "text")
    if not sought or sought.startswith(("task-", "jrn-")):
        return go(request, f"/desk/search?{urlencode({'q': sought})}")
    try:
        customers = await find_customers(asked.desk, asked.person, sought, **asked.deed)
    except (InputError, DeniedError) as error:
        return await _page(asked, Wanted(), [], sought=sought, problem=await explained(asked.console, error))
    found = await inbox.of_customers(asked.desk, asked.person, [each.id for each in customers], now=asked.now)
    return await _page(asked, Wanted(), found, sought=sought)


async def _page(
    asked: Asked,
    wanted: Wanted,
    found: list[Task],
    *,
    more: str | None = None,
    sought: str = "",
    problem: Problem | None = None,
) -> Response:
    return render(
        asked,
        "search.html",
        status=problem.status if problem else 200,
        here="/desk",
        wanted=wanted,
        found=found,
        labels=await labels_of(asked.desk, asked.person, found, now=asked.now),
        more=more,
        sought=sought,
        problem=problem,
        queues=await queues.overviews(asked.desk, asked.person, now=asked.now),
        states=list(_WORDS),
        kinds=get_args(Kind),
    )


async def _found(asked: Asked, wanted: Wanted) -> Found[Task]:
    if wanted.q:
        for search in (Search(task_id=wanted.q), Search(journey_id=wanted.q)):
            if found := await inbox.search(asked.desk, asked.person, search, now=asked.now):
                return found
        return Found()
    common = Search(
        queue=wanted.queue or None,
        kind=_one_of(wanted.kind, get_args(Kind), "kind"),
        assignee=asked.person if wanted.whose == "mine" or wanted.state == STATES[State.RESERVED] else None,
        late_at=asked.now if wanted.late else None,
        before=after(wanted.cursor or None),
        limit=PAGE,
    )
    fits: list[Task] = []
    read_to: list[Place] = []
    for state in _WORDS[wanted.state] if _one_of(wanted.state, tuple(_WORDS), "state") else (None,):
        search = common.model_copy(update={"state": state, "closed": state in CLOSED})
        part = await inbox.search(asked.desk, asked.person, search, now=asked.now)
        fits += part
        read_to += [part.after] if part.after else []
    after_all = max(read_to, default=None)  # what is before it may not have been read of each
    fits = [task for task in sorted(fits, key=_place, reverse=True) if after_all is None or _place(task) >= after_all]
    return Found(fits[:PAGE], _place(fits[PAGE - 1]) if len(fits) > PAGE else after_all)


def _place(task: Task) -> Place:
    return task.created_at, task.id


def _one_of(given: str, known: tuple[str, ...], field: str) -> str | None:
    if given and given not in known:
        raise InputError(f"`{given}` is none of them; there are {', '.join(known)}", field=field)
    return given or None


def _plain(given: str, field: str) -> str:
    if "\0" in given or len(given) > 200:
        raise InputError(f"`{field}` is no number of ours; send it as it is shown", field=field)
    return given.strip()
