"""The fields of a model in words."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from journeyman.cli.fields import fields


class Way(StrEnum):
    """How it goes."""

    POST = "post"
    VAN = "van"


class Parcel(BaseModel):
    weight: int
    inside: list["Parcel"] = []


class Remedy(BaseModel):
    outcome: Literal["send_again", "refund"] = Field(description="What is done about it")
    amount_minor: int | None = Field(default=None, description="What is paid back, in minor units")
    way: Way
    by: date
    sure: bool
    parcels: list[Parcel]
    because: str = "of us"
    done: Literal[True]
    more: dict[str, str] = {}


def test_each_field_is_told_with_type_choices_and_what_it_is_for() -> None:
    assert dict(fields(Remedy)) == {
        "outcome": '"send_again" | "refund": What is done about it',
        "amount_minor": "integer | null, may be left out: What is paid back, in minor units",
        "way": '"post" | "van"',
        "by": "text (date)",
        "sure": "true | false",
        "parcels": "list of {weight: integer, inside: list of Parcel}",
        "because": "text, may be left out",
        "done": "true",
        "more": "an object, may be left out",
    }


def test_a_model_that_holds_itself_is_told_too() -> None:
    assert dict(fields(Parcel)) == {
        "weight": "integer",
        "inside": "list of {weight: integer, inside: list of Parcel}, may be left out",
    }


def test_a_model_without_fields_has_none() -> None:
    assert list(fields(type("Nothing", (BaseModel,), {}))) == []
