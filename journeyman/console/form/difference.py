"""What a person changed of a draft, field by field: shown as they edit it, and recorded when they submit.

Two forms of one model are laid side by side as they are shown, so that what cannot be read yet is compared as it was typed.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from journeyman.console.form.filled import Filled, inside_of, trail
from journeyman.console.form.scalars import read
from journeyman.console.form.tree import Kind
from journeyman.conversation.masking import scrubbed
from journeyman.errors import InputError

_SENTENCES: Final = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")
_WORDS: Final = re.compile(r"\w+|[^\w\s]|\s+")
_MOST_PAIRS: Final = 20_000  # of words that are alike: what matching takes its time for


class How(StrEnum):
    """What became of a field."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Piece:
    """A run of a text: of both (unchanged), of the new one alone (added), of the old one alone (removed)."""

    how: How
    text: str


@dataclass(frozen=True)
class Change:
    """One field: where it is in the new form (in the old one if it was removed), and what it said and says, as shown.
    `text`: it holds words, which are compared one by one."""

    path: str
    label: str
    how: How
    before: str = ""
    after: str = ""
    text: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Both texts word by word, in one reading order."""
        return words(self.before, self.after)

    def entry(self) -> dict[str, str]:
        """As it is recorded, secrets cut out. Personal: it belongs among an entry's `values`."""
        return {
            "field": self.path,
            "change": self.how.value,
            "from": self._kept(self.before),
            "to": self._kept(self.after),
        }

    def _kept(self, told: str) -> str:
        name = next((word for word in reversed(self.path.split(".")) if not word.isdigit()), "")
        return str(scrubbed(told, name)) if self.text else told


def difference(draft: Filled, now: Filled) -> list[Change]:
    """Each field of a draft and of what stands in its place, in the order of the page; both are of one form."""
    return list(_between(draft, now, ()))


def edits(draft: Filled, now: Filled) -> list[dict[str, str]]:
    """What a person changed, as it is recorded."""
    return [change.entry() for change in difference(draft, now) if change.how is not How.UNCHANGED]


def words(before: str, after: str) -> tuple[Piece, ...]:
    """The difference of two texts: sentence by sentence, and those that were changed word by word. What repeats itself too
    often to be matched in time is told as a whole."""
    found: list[Piece] = []
    for how, text in _matched(before, after, (_SENTENCES, _WORDS)):
        if found and found[-1].how is how:
            found[-1] = Piece(how, found[-1].text + text)
        elif text:
            found.append(Piece(how, text))
    return tuple(found)


def _matched(before: str, after: str, parts: Sequence[re.Pattern[str]]) -> Iterator[tuple[How, str]]:
    """`parts` are what the texts are matched by: the first, and what differs by those after it."""
    if not (before and after and parts):
        yield How.REMOVED, before
        yield How.ADDED, after
        return
    old, new = parts[0].findall(before), parts[0].findall(after)
    counted = Counter(new)
    alike = sum(counted[part] for part in old if not part.isspace())
    if alike > _MOST_PAIRS:
        yield from _matched(before, after, ())
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield How.UNCHANGED, "".join(old[i1:i2])
        else:
            yield from _matched("".join(old[i1:i2]), "".join(new[j1:j2]), parts[1:])


def _between(old: Filled | None, new: Filled | None, inside: tuple[str, ...]) -> Iterator[Change]:
    node = new or old
    assert node is not None  # one of them is there
    labels = inside_of(node, inside)
    if node.withheld:
        return
    if old is not None and new is not None and _shape(old) != _shape(new):
        yield from _between(old, None, inside)
        yield from _between(None, new, inside)
    elif node.field.kind is Kind.LIST:
        for before, after in _aligned(old.parts if old else [], new.parts if new else []):
            yield from _between(before, after, labels)
    elif node.field.kind in (Kind.GROUP, Kind.EITHER):
        for place in range(len(node.parts)):
            yield from _between(old.parts[place] if old else None, new.parts[place] if new else None, labels)
    elif node.field.kind is not Kind.FIXED:
        yield from _of_scalar(old, new, trail(node, inside))


def _of_scalar(old: Filled | None, new: Filled | None, label: str) -> Iterator[Change]:
    node = new or old
    assert node is not None  # one of them is there
    before, after = (told(old) if old else ""), (told(new) if new else "")
    if before == after == "" and not (old and new):
        return
    if not old:
        how = How.ADDED
    elif not new:
        how = How.REMOVED
    elif _same(old, new):
        how = How.UNCHANGED
    else:
        how = How.ADDED if not before else How.REMOVED if not after else How.CHANGED
    text = node.field.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.JSON)
    yield Change(node.name, label, how, before, after, text)


def told(node: Filled) -> str:
    """What a scalar field says to a reader: the label of a choice, an amount with its currency."""
    field, text = node.field, node.text
    if field.kind is Kind.YES_NO:
        return {"yes": "Yes", "no": "No"}.get(text, "No" if field.control == "checkbox" and not text else text)
    if field.kind is Kind.CHOICE:
        return next((choice.label for choice in field.choices if choice.token == text), text)
    if field.kind is Kind.MONEY and text and node.context.currency:
        return f"{text} {node.context.currency}"
    return text


def _same(old: Filled, new: Filled) -> bool:
    """Whether both say the same, however it is written."""
    if told(old) == told(new):
        return True
    if old.field.kind in (Kind.TEXT, Kind.LONG_TEXT) or old.context != new.context or not (old.text and new.text):
        return False
    try:
        return json.dumps(read(old.field, old.text, old.context)) == json.dumps(read(new.field, new.text, new.context))
    except InputError:
        return False


def _shape(node: Filled) -> tuple[str, bool]:
    """Which offer of an `EITHER` it is, and whether a group is there."""
    kind = node.field.kind
    return (node.text if kind is Kind.EITHER else ""), (node.present if kind is Kind.GROUP else True)


def _aligned(old: Sequence[Filled], new: Sequence[Filled]) -> Iterator[tuple[Filled | None, Filled | None]]:
    """The rows of two lists, those that say the same beside each other."""
    matcher = SequenceMatcher(None, [_row(each) for each in old], [_row(each) for each in new], autojunk=False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        befores, afters = old[i1:i2], new[j1:j2]
        for place in range(max(len(befores), len(afters))):
            yield (
                befores[place] if place < len(befores) else None,
                afters[place] if place < len(afters) else None,
            )


def _row(node: Filled) -> tuple[str, ...]:
    return tuple(f"{each.field.own}={told(each)}" for each in node.walk())
