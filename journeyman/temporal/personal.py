"""The personal parts of a payload that steers a journey: taken out before it is sealed, and put back when it is opened.

A contract is sealed for `system`, so that the journey can be replayed for ever; the values at the paths that its class
names in `journeyman_personal` are sealed apart, for the customer. Pure.
"""

from collections.abc import Iterator
from typing import Any

from journeyman.journey.erased import MARK

Slot = list[str | int]
"""Where a personal value stands: keys of maps and indices of lists."""


def take(value: Any, paths: list[str]) -> tuple[list[Slot], list[Any]]:
    """Take the values at these paths out of a JSON value, in place; members that `steers` beside them names stay."""
    slots: list[Slot] = []
    taken: list[Any] = []
    for path in paths:
        for slot in list(_slots(value, path.split("."))):
            holder, key = _holder(value, slot)
            found = holder[key]
            stays = set(holder.get("steers") or ()) if isinstance(found, dict) else set()
            if stays:
                holder[key] = {name: member for name, member in found.items() if name in stays}
                found = {name: member for name, member in found.items() if name not in stays}
            else:
                holder[key] = "" if isinstance(found, str) else None
            slots.append(slot)
            taken.append(found)
    return slots, taken


def put_back(value: Any, slots: list[Slot], taken: list[Any]) -> None:
    """Undo `take`."""
    for slot, found in zip(slots, taken, strict=True):
        holder, key = _holder(value, slot)
        holder[key] = {**holder[key], **found} if isinstance(holder[key], dict) else found


def leave_out(value: Any, slots: list[Slot], subject: str) -> None:
    """Say of each place that what stood there is gone. A text that is gone is empty."""
    for slot in slots:
        holder, key = _holder(value, slot)
        if holder[key] != "":
            holder[key] = {**(holder[key] or {}), MARK: subject}


def _slots(value: Any, path: list[str]) -> Iterator[Slot]:
    """Every place of a path that holds something; `*` is each item of a list."""
    match path, value:
        case [], None | "":
            return
        case [], _:
            yield []
        case ["*", *rest], list():
            for index, item in enumerate(value):
                yield from ([index, *slot] for slot in _slots(item, rest))
        case [name, *rest], dict() if name in value:
            yield from ([name, *slot] for slot in _slots(value[name], rest))


def _holder(value: Any, slot: Slot) -> tuple[Any, Any]:
    for part in slot[:-1]:
        value = value[part]
    return value, slot[-1]
