"""What a model demands of one value, read from an annotation's marks."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Bounds as pydantic names them. `money`: the numbers are minor units."""

    ge: Any = None
    gt: Any = None
    le: Any = None
    lt: Any = None
    multiple_of: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    money: bool = False

    def in_words(self, kind: str) -> str:
        """What a person should know before typing; money is told where its currency is known."""
        told = []
        if kind in ("whole", "number", "decimal"):
            told = [
                f"{words} {bound}"
                for words, bound in (
                    ("at least", self.ge), ("more than", self.gt), ("at most", self.le), ("less than", self.lt),
                    ("in steps of", self.multiple_of),
                )
                if bound is not None
            ]  # fmt: skip
        elif kind in ("text", "long_text"):
            if (self.min_length or 0) > 1:
                told.append(f"at least {self.min_length} characters")
            if self.max_length is not None:
                told.append(f"at most {self.max_length} characters")
        text = ", ".join(told)
        return text[:1].upper() + text[1:]


NO_LIMITS = Limits()
_NAMES = tuple(field.name for field in fields(Limits) if field.name != "money")


def limits(marks: Iterable[Any], *, money: bool) -> Limits:
    """Of marks such as `annotated_types.Ge` and pydantic's own: of one kind the last counts, as it does for pydantic."""
    found: dict[str, Any] = {}
    for mark in marks:
        for name in _NAMES:
            bound = getattr(mark, name, None)
            if bound is not None and not callable(bound):
                found[name] = getattr(bound, "pattern", bound)
    return Limits(**found, money=money)
