"""What stands in a journey where a value was whose data subject was erased. Pure: for workflow code too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, JsonValue

ModelT = TypeVar("ModelT", bound=BaseModel)

MARK: Final = "journeyman.erased"
"""The member by which JSON tells that the rest of it is gone; its value is the subject."""


@dataclass(frozen=True, order=False)
class Erased:
    """Stands where a value was whose data subject was erased.

    It absorbs: attributes, items and calls of it are it, it is empty and false, and no comparison with anything else
    holds. So a history can be replayed through code that reads the value, unless the code chose its way by it: what a
    journey chooses its way by is marked with `Steers`.
    """

    subject: str

    def __getattr__(self, name: str) -> Self:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Self:
        return self

    def __call__(self, *args: object, **kwargs: object) -> Self:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __contains__(self, item: object) -> bool:
        return False

    def __lt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return False

    def __ge__(self, other: object) -> bool:
        return False

    def __str__(self) -> str:
        return "[erased]"


def read(model: type[ModelT], value: JsonValue) -> ModelT:
    """A model from its JSON. Of an erased customer, one whose members absorb, but for those that steer.

    Raises ValidationError if it does not fit.
    """
    if not isinstance(value, dict) or MARK not in value:
        return model.model_validate(value)
    gone = Erased(str(value[MARK]))
    members: dict[str, Any] = {name: value.get(name, gone) for name in model.model_fields}
    return model.model_construct(**members)
