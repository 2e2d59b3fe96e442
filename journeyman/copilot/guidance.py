"""What to do next with a task, and which mandated notices its customer was not given: by rules, from what the rows say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.conversation import transcript
from journeyman.conversation.notices import due
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Task
from journeyman.tasks.viewing import in_conversation

sql = load("copilot")

_QUERY: Final = 200  # characters

_LAST: Final = {
    "work": "Fill in the result and complete it",
    "callback": "Call the customer back",
    "review": "Decide on the draft",
    "approval": "Decide on the tool call",
    "question": "Answer the AI agent",
}


@dataclass(frozen=True)
class Guidance:
    """`steps` are in their order: the first is the next best action."""

    missing: tuple[str, ...]
    """Names of mandated notices that were not given in this journey, and are before a person speaks."""
    language: str
    waits_since: datetime | None
    """When the customer wrote what nobody has answered yet."""
    steps: tuple[str, ...]


async def last_words(desk: Desk, task_id: str, person_id: str, *, now: datetime) -> str:
    """What the customer said last, in one line. Raises NotFoundError, DeniedError as `guide` does."""
    async with desk.database.connection() as conn:
        task = await in_conversation(desk, conn, task_id, person_id, now)
        messages = await transcript.read(conn, desk.keyring, task.journey_id, task.customer_id)
    said = next((each.text for each in reversed(messages) if each.author_kind == "customer"), "")
    return " ".join(said.split())[:_QUERY]


async def guide(desk: Desk, task_id: str, person_id: str, notices: Sequence[str], *, now: datetime) -> Guidance:
    """`notices` are those that the journey's kind mandates. Raises NotFoundError, DeniedError where policy does not show the
    task's conversation."""
    async with desk.database.connection() as conn:
        task = await in_conversation(desk, conn, task_id, person_id, now)
        row = await conn.fetchrow(sql["moment"], task.journey_id)
    missing = tuple(due(notices, row["notices"], by_ai=False))
    steps = _steps(task, missing, row["waits_since"], now)
    return Guidance(missing, row["language"], row["waits_since"], steps)


def _steps(task: Task, missing: Sequence[str], waits_since: datetime | None, now: datetime) -> tuple[str, ...]:
    if not task.open:
        return ()
    found = []
    if task.state == State.SUSPENDED:
        found.append("Go on with it: it is paused")
    if missing:
        found.append("Give the customer the notices that are missing")
    if waits_since is not None:
        found.append("Reply: the customer waits for an answer")
    if task.due_date is not None and task.due_date < now:
        found.append("Finish it or ask a supervisor: it is late")
    return (*found, _LAST[task.kind])
