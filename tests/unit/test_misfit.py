"""Which models take no field that they do not have."""

from collections.abc import Callable

import pytest
from pydantic import BaseModel, ConfigDict, computed_field

from journeyman.misfit import unknown_fields


class Plain(BaseModel):
    """Says nothing of it."""

    minor: int


class Open(BaseModel):
    """Takes whatever is given."""

    model_config = ConfigDict(extra="allow")


class Doubled(BaseModel):
    """Writes more than it reads."""

    minor: int

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def twice(self) -> int:
        """Derived."""
        return 2 * self.minor


class Whole(BaseModel):
    """Has a part that does."""

    parts: list[Doubled]


class Called(BaseModel):
    """Has a field that JSON schema cannot tell of."""

    what: Callable[[], int]


@pytest.mark.parametrize(
    ("model", "becomes"), [(Plain, "forbid"), (Open, None), (Doubled, None), (Whole, None), (Called, None)]
)
def test_what_a_model_writes_it_takes_back(model: type[BaseModel], becomes: str | None) -> None:
    assert unknown_fields(model) == becomes
