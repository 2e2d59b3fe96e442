"""What a person is not shown of a draft stays as it was when they edit it."""

from collections.abc import Collection

from pydantic import JsonValue

from journeyman.errors import InputError


def fields_of(value: JsonValue) -> frozenset[str]:
    """The names of all fields in it, at any depth."""
    match value:
        case dict():
            return frozenset(value).union(*(fields_of(inner) for inner in value.values()))
        case list():
            return frozenset[str]().union(*(fields_of(inner) for inner in value))
    return frozenset()


def keep_unseen(given: JsonValue, draft: JsonValue, shown: Collection[str], path: str = "output") -> JsonValue:
    """`given`, with every field of the draft that is not `shown` as it is there.

    Raises InputError where the person gives such a field another value, or another number of rows that hold one.
    """
    if isinstance(draft, dict) and isinstance(given, dict):
        kept = dict(given)
        for field, was in draft.items():
            place = f"{path}.{field}"
            if field in shown:
                if field in given:
                    kept[field] = keep_unseen(given[field], was, shown, place)
            elif field in given and given[field] != was:
                raise InputError(f"`{place}` is not shown to you and stays as it was; leave it out", field=place)
            else:
                kept[field] = was
        return kept
    if isinstance(draft, list) and isinstance(given, list):
        if len(given) == len(draft):
            rows = zip(given, draft, strict=True)
            return [keep_unseen(one, was, shown, f"{path}.{row}") for row, (one, was) in enumerate(rows)]
        if not fields_of(draft) <= frozenset(shown):
            raise InputError(
                f"`{path}` has rows with fields that are not shown to you; leave their number as it was", field=path
            )
    return given
