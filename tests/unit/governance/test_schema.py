"""The Cedar types of tools' arguments."""

from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, Optional

import cedarpy
import pytest
from pydantic import BaseModel, Field, create_model

from journeyman.errors import DefinitionError
from journeyman.governance.schema import drift, generate, record_of
from tests.unit.governance.shipped import files
from tests.unit.governance.tools import SHIPPED, Declared


class Colour(StrEnum):
    RED = "red"


class Size(Enum):
    BIG = "big"


class Place(BaseModel):
    street: str
    floor: int | None = None


class Everything(BaseModel):
    text: str
    flag: bool
    count: int
    choice: Literal["a", "b"]
    colour: Colour
    size: Size | None
    names: list[str]
    numbers: set[int] = Field(default_factory=set)
    places: frozenset[Annotated[str, Field(max_length=3)]] | None = None
    bounded: Annotated[int, Field(ge=0)] = 0
    old: Optional[str] = None  # noqa: UP045 - both spellings are met
    place: Place
    many: list[Place]


class Recursive(BaseModel):
    child: "Recursive | None" = None


def test_every_type_that_policies_can_test_has_its_cedar_type() -> None:
    expected = """{
      text: String, flag: Bool, count: Long, choice: String, colour: String, size?: String, names: Set<String>,
      numbers: Set<Long>, places?: Set<String>, bounded: Long, old?: String,
      place: { street: String, floor?: Long, },
      many: Set<{ street: String, floor?: Long, }>,
    }"""
    assert record_of(Everything, owner="tool `x`").split() == expected.split()


def test_what_is_generated_is_a_schema() -> None:
    text = generate([*SHIPPED, Declared("everything", Everything, "read")])
    cedarpy.Schema.from_str(files()["schema.cedarschema"] + text)


def test_words_of_cedar_may_name_a_field() -> None:
    fields: dict[str, Any] = {"in": (str, ...), "is": (bool, ...)}
    model = create_model("Words", **fields)
    text = generate([Declared("words", model, "read")])
    assert '"in": String' in text
    cedarpy.Schema.from_str(files()["schema.cedarschema"] + text)


@pytest.mark.parametrize(
    ("type_", "named", "remedy"),
    [
        (float, "float", "minor units"),
        (Decimal, "Decimal", "minor units"),
        (date, "date", "YYYY-MM-DD"),
        (dict[str, str], "dict", "named fields"),
        (Any, "Any", "use `str`"),
        (int | str, "int | str", "use `str`"),
        (IntEnum("Level", "LOW"), "Level", "use `str`"),
        (Literal[1, 2], "Literal", "use `str`"),
        (bytes, "bytes", "use `str`"),
        (list[float], "float", "minor units"),
        (tuple[int, str], "tuple", "use `str`"),
    ],
)
def test_a_type_that_cedar_lacks_is_an_error_with_field_and_remedy(type_: Any, named: str, remedy: str) -> None:
    model = create_model("Args", value=(type_, ...))
    with pytest.raises(DefinitionError, match=r"^tool `t`: field `value(\[\])?` is of type") as raised:
        generate([Declared("t", model, "read")])
    assert named in str(raised.value)
    assert remedy in str(raised.value)


def test_a_model_within_itself_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="field `child` contains its own model"):
        generate([Declared("t", Recursive, "read")])


def test_an_alias_is_an_error() -> None:
    model = create_model("Aliased", value=(str, Field(alias="other")))
    with pytest.raises(DefinitionError, match="field `value` has an alias"):
        generate([Declared("t", model, "read")])


def test_a_field_within_a_model_is_named_by_its_path() -> None:
    inner = create_model("Inner", amount=(float, ...))
    outer = create_model("Outer", items=(list[inner], ...))
    with pytest.raises(DefinitionError, match=r"field `items\[\]\.amount`"):
        generate([Declared("t", outer, "read")])


@pytest.mark.parametrize("name", ["perform", "complete", "say", "act", "call_tool", "propose", "canary"])
def test_a_tool_cannot_take_the_name_of_an_action(name: str) -> None:
    with pytest.raises(DefinitionError, match="rename the tool"):
        generate([Declared(name, Place, "read")])


def test_every_action_of_the_schema_is_a_taken_name() -> None:
    taken = files()["schema.cedarschema"]
    for line in taken.splitlines():
        if line.startswith("action "):
            for name in line.removeprefix("action ").split(" in ")[0].split(" appliesTo ")[0].rstrip(";").split(", "):
                with pytest.raises(DefinitionError, match="rename the tool"):
                    generate([Declared(name, Place, "read")])


def test_two_tools_of_one_name_are_an_error() -> None:
    with pytest.raises(DefinitionError, match="two tools are called `t`"):
        generate([Declared("t", Place, "read"), Declared("t", Everything, "read")])
    generate([Declared("t", Place, "read"), Declared("t", Place, "read")])


def test_drift_is_told_with_its_line() -> None:
    checked_in = generate([Declared("t", Place, "read")])
    assert drift(checked_in, [Declared("t", Place, "read")]) is None
    told = drift(checked_in, [Declared("t", Place, "at_most_once")])
    assert told is not None
    assert told.startswith("tools.cedarschema:4: it says `// t: read` where the tools say `// t: at_most_once`")
    assert drift(checked_in + "x", [Declared("t", Place, "read")]) is not None
    assert drift("", [Declared("t", Place, "read")]) is not None
