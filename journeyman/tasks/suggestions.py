"""What the copilot has suggested, and what the person who works made of it: used, with what they changed, or dismissed.

The ledger is where a suggestion is kept, sealed under the key of the customer whom it is about; nothing else keeps it.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from journeyman.agents.copilot import Kind
from journeyman.conversation.masking import scrub
from journeyman.errors import ConflictError, NotFoundError
from journeyman.ledger.audit import open_value
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.models import Person, Task
from journeyman.tasks.operation import Operation, operation
from journeyman.tasks.viewing import in_conversation

sql = load("copilot")

Into = Literal["say", "note", "work", "dispose"]
"""Where a suggestion is put: the reply, a note, the result of the work, its disposition."""

_LONGEST = 20_000  # characters that are compared
_MOST_PAIRS = 20_000  # of equal words: a model that says one word for ever is not to hold up everyone


class Suggestion(BaseModel):
    """A text of an AI agent, for the person who asked for it. It has no effect until they use it."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    text: str
    """Secrets masked; plain text, and never markup."""
    disposition: str | None = None
    """Of a wrap-up: how the work ended, one of the task's `dispositions`."""
    sources: tuple[str, ...] = ()
    """Citations of the knowledge that the model was shown."""
    position: int = 0
    """Of the last message that it was shown."""
    flags: tuple[str, ...] = ()
    """Of a reply: what to look at before it is said, as stable words (`links_unlisted`, `asks`, ...)."""
    agent: str
    model: str
    at: datetime


def works(task: Task, person: Person) -> None:
    """ConflictError where the person does not work on the task now: only who does is helped."""
    if not task.open:
        raise ConflictError(
            "task `{task}` is {state}; there is nothing to help with any more", task=task.id, state=task.state
        )
    if task.assignee != person.id:
        raise ConflictError(
            "task `{task}` is not with `{person}`; {claim} it first", task=task.id, person=person.id, claim=Action.CLAIM
        )


async def read(desk: Desk, task_id: str, person_id: str, *, now: datetime) -> tuple[Suggestion, ...]:
    """What was suggested to the person for this task and neither used nor dismissed, the newest of each kind.

    Raises NotFoundError, DeniedError where policy does not show them its conversation.
    """
    async with desk.database.connection() as conn:
        task = await in_conversation(desk, conn, task_id, person_id, now)
        found: dict[Kind, Suggestion] = {}
        for row in await conn.fetch(sql["suggestions"], task.journey_id, task_id, person_id, None):
            opened = None if row["ended"] else _suggestion(row, (await open_value(conn, desk.keyring, row)).value)
            if opened is not None:
                found.setdefault(opened.kind, opened)
        return tuple(found.values())


async def insert(
    desk: Desk, task_id: str, person_id: str, suggestion: str, *, into: Into, now: datetime, auth: str
) -> None:
    """The person puts it where they type, and may yet change it, send it or delete it. Raises as `dismiss` does."""
    async with operation(desk, task_id, person_id, now=now, auth=auth) as op:
        await op.permit("complete", None)
        works(op.task, op.person)
        _record(op, "copilot.inserted", await _open(op, suggestion), {"into": into}, {})


async def dismiss(desk: Desk, task_id: str, person_id: str, suggestion: str, *, now: datetime, auth: str) -> None:
    """The person does not want it. Raises NotFoundError, DeniedError, ConflictError where it was used or dismissed before."""
    async with operation(desk, task_id, person_id, now=now, auth=auth) as op:
        await op.permit("complete", None)
        works(op.task, op.person)
        found = await _open(op, suggestion)
        _record(op, "copilot.dismissed", found, {}, {})


async def used(op: Operation, suggestion: str, text: str, *, disposition: str | None = None) -> None:
    """The person sends `text`, which began as this suggestion: that, and what they changed, goes on the record with it; and where
    the work is closed with it, how it ended by the suggestion, and by the person.

    Raises NotFoundError, ConflictError where it was used or dismissed before.
    """
    found = await _open(op, suggestion)
    text = scrub(text.strip())
    changes = difference(found.text, text)
    facts: dict[str, str | bool | int] = {"edited": bool(changes), "kept": round(1000 * _likeness(found.text, text))}
    facts |= {"suggested_disposition": found.disposition} if found.disposition else {}
    facts |= {"disposition": disposition} if disposition else {}
    _record(op, "copilot.used", found, facts, {"suggested": found.text, "used": text, "changes": changes})


def difference(was: str, now: str) -> list[JsonValue]:
    """What changed, word by word: `{"was": ..., "now": ...}` for each place, in order."""
    before, after = _words(was, now)
    return [
        {"was": " ".join(before[a:b]), "now": " ".join(after[c:d])}
        for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def _likeness(was: str, now: str) -> float:
    return SequenceMatcher(None, *_words(was, now), autojunk=False).ratio()


def _words(was: str, now: str) -> tuple[list[str], list[str]]:
    """What is compared: the words; the whole, where words are repeated too often to be matched in time."""
    before, after = was[:_LONGEST].split(), now[:_LONGEST].split()
    counted = Counter(after)
    if sum(counted[word] for word in before) > _MOST_PAIRS:
        return [" ".join(before)], [" ".join(after)]
    return before, after


async def _open(op: Operation, suggestion: str) -> Suggestion:
    args = (op.task.journey_id, op.task.id, op.person.id, suggestion)
    row = await op.tx.conn.fetchrow(sql["suggestions"], *args)
    found = None if row is None else _suggestion(row, (await open_value(op.tx.conn, op.tx.keyring, row)).value)
    if row is None or found is None:
        raise NotFoundError(f"there is no suggestion `{suggestion}` to you for this task", field="suggestion")
    if row["ended"]:
        raise ConflictError(f"suggestion `{suggestion}` was used or dismissed before; ask for another")
    return found


def _suggestion(row: Mapping[str, Any], value: object) -> Suggestion | None:
    """As it was recorded; None where its customer was erased."""
    if not isinstance(value, dict):
        return None
    refs, facts = row["body"]["refs"], row["body"]["facts"]
    return Suggestion.model_validate(
        value
        | {"id": refs["suggestion"], "kind": facts["kind"], "position": facts["position"], "model": facts["model"]}
        | {"agent": row["body"]["actor"]["id"], "at": row["at"]}
    )


def _record(
    op: Operation,
    type: str,
    found: Suggestion,
    facts: Mapping[str, str | bool | int],
    values: Mapping[str, JsonValue],
) -> None:
    about = {"kind": found.kind, "agent": found.agent}
    op.record(type, refs={"suggestion": found.id}, facts=about | dict(facts), values=values)
