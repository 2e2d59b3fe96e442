"""What a browser posted, as the form it was typed into. Nothing typed is lost, and nothing that the form does not name is seen.

Beside its controls, each under its own name, a list posts the places of its rows, a group that may be left out `given` if it is
there, and an `EITHER` the place of the offer that was chosen. The buttons `add` and `remove` carry the name of a list, a row, or
of a group; `choose` only shows what was chosen. After one of them the page shows the form anew and checks nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.console.form.filled import (
    BLANK,
    MOST_ROWS,
    Filled,
    context_of,
    currency_of,
    fill,
    join,
    offered,
    rows_named,
    with_currency,
)
from journeyman.console.form.scalars import Context, clean
from journeyman.console.form.tree import Field, Form, Kind
from journeyman.errors import InputError

MOST_FIELDS: Final = 2_000
_LONGEST_NAME: Final = 300
_DEEPEST_NAME: Final = 40
_BUTTONS: Final = ("add", "remove", "choose")


@dataclass
class _Posted:
    """The fields by name, the next words of the names that begin with a name, and the buttons that were pressed."""

    texts: dict[str, str] = field(default_factory=dict)
    places: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


def rearranges(items: Iterable[tuple[str, object]]) -> bool:
    """Whether a button was pressed that only changes what the form has room for: it is to be shown anew, not checked."""
    return any(name in _BUTTONS for name, _ in items)


def posted(form: Form, items: Iterable[tuple[str, object]]) -> Filled:
    """The form with what was posted, each name and text as the browser sent them. What is no text (a file) counts as nothing.

    Raises InputError if it is more than any form holds.
    """
    given = _sorted(items)
    return _read(form.root, form.prefix, "", given, form.prefix, context_of(form))


def _sorted(items: Iterable[tuple[str, object]]) -> _Posted:
    found = _Posted()
    pressed: Mapping[str, set[str]] = {button: set() for button in _BUTTONS}
    for count, (name, text) in enumerate(items):
        if count >= MOST_FIELDS:
            raise InputError(
                f"the form has more than {MOST_FIELDS} fields; remove rows and send it again", field="form"
            )
        if not isinstance(text, str) or len(name) > _LONGEST_NAME:
            continue
        if name in pressed:
            pressed[name].add(text)
        words = name.split(".")
        if len(words) > _DEEPEST_NAME:
            continue
        for place in range(1, len(words)):
            found.places[".".join(words[:place])].add(words[place])
        if name in found.texts:  # a list posts its own name once a row
            found.places[name].add(found.texts[name])
        found.texts[name] = clean(text)
    found.add, found.remove = frozenset(pressed["add"]), frozenset(pressed["remove"])
    return found


def _read(field: Field, name: str, label: str, given: _Posted, sent: str, context: Context) -> Filled:
    """`sent` is the name that was posted; `name` the one it has now that rows were removed."""
    node = Filled(field, name, label or field.label, context)
    if node.withheld:
        return node
    if field.kind is Kind.GROUP:
        _read_group(node, given, sent)
    elif field.kind is Kind.LIST:
        _read_list(node, given, sent)
    elif field.kind is Kind.EITHER:
        _read_either(node, given, sent)
    elif field.kind is not Kind.FIXED:
        node.text = given.texts.get(sent, "")
    return node


def _read_group(node: Filled, given: _Posted, sent: str) -> None:
    if node.field.nullable:
        present = (
            bool(given.texts.get(sent) or given.places.get(sent) or sent in given.add) and sent not in given.remove
        )
        node.focus = sent in given.add or sent in given.remove
        if not present:
            return
        if sent in given.add:
            fresh = fill(node.field, node.name, node.label, {}, node.context)
            node.text, node.parts = fresh.text, fresh.parts
            return
        node.text = "given"
    currency = currency_of(node.field)
    if currency is not None:
        text = given.texts.get(join(sent, currency.own), "")
        chosen = [each.value for each in currency.choices if each.token == text or currency.kind is Kind.FIXED]
        node.context = with_currency(node.context, chosen[0] if chosen else text)
    node.parts = [
        _read(each, join(node.name, each.own), "", given, join(sent, each.own), node.context)
        for each in node.field.fields
    ]


def _read_list(node: Filled, given: _Posted, sent: str) -> None:
    told = {*given.places.get(sent, ()), given.texts.get(sent, "")}
    places = sorted({int(place) for place in told if place.isascii() and place.isdigit() and len(place) <= 4})
    rows = [place for place in places if f"{sent}.{place}" not in given.remove]
    for place in rows[:MOST_ROWS]:
        now = join(node.name, str(len(node.parts)))
        node.parts.append(_read(node.field.item, now, "", given, join(sent, str(place)), node.context))
    if len(rows) > MOST_ROWS:
        node.error = f"keep to {MOST_ROWS} rows; {len(rows)} were sent, and those behind are gone"
    elif sent in given.add and not node.full:
        node.parts.append(fill(node.field.item, join(node.name, str(len(node.parts))), "", BLANK, node.context))
        first = next((each for each in node.parts[-1].walk() if each.control), node.parts[-1])
        first.focus = True
    node.focus = node.focus or len(rows) < len(places)
    rows_named(node)


def _read_either(node: Filled, given: _Posted, sent: str) -> None:
    node.text = given.texts.get(sent, "")
    if node.text in {way.token for way in node.field.ways}:
        place = int(node.text)
        fresh = offered(node, place)
        node.parts = [_read(fresh.field, fresh.name, fresh.label, given, join(sent, node.text), node.context)]
