"""Search over tasks: by number, or by what the person's queues hold, the newest first."""

from collections.abc import Mapping
from typing import Final, get_args

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from journeyman.console.asked import Asked
from journeyman.console.cursor import after, goes_on
from journeyman.console.pages.page import STATES, Shown, render
from journeyman.errors import InputError
from journeyman.tasks.lifecycle import CLOSED, State
from journeyman.tasks.models import Kind, Task
from journeyman.views import inbox, queues
from journeyman.views.inbox import Search
from journeyman.views.listing import Found, Place

router = APIRouter(prefix="/desk/search", include_in_schema=False)

PAGE: Final = 50

_WORDS: Final[Mapping[str, tuple[State, ...]]] = {
    words: tuple(state for state in State if STATES[state] == words) for words in dict.fromkeys(STATES.values())
}
"""The states behind each word."""


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
    more = goes_on(found.after)
    return render(
        asked,
        "search.html",
        here="/desk",
        wanted=wanted,
        found=found,
        more=more,
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
        assignee=asked.person if wanted.whose == "mine" else None,
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
