"""`Erased`: what stands where something was."""

import copy

from pydantic import BaseModel
from temporalio.converter import DataConverter

from journeyman.journey.erased import Erased
from journeyman.temporal.erased import JourneymanPayloadConverter, erased_payload


class Report(BaseModel):
    name: str


def test_it_absorbs_whatever_is_done_with_it() -> None:
    erased = Erased("cust-1")
    value: object = erased.report.lines[0].amount(1)
    assert value is erased
    assert not erased
    assert list(erased) == []
    assert len(erased) == 0
    assert "x" not in erased
    assert not any((erased > 1, erased < 1, erased >= 1, erased <= 1))
    assert f"Dear {erased}" == "Dear [erased]"
    assert copy.deepcopy(erased) == erased


def test_it_converts_whatever_type_is_hoped_for() -> None:
    converter = JourneymanPayloadConverter()
    assert converter.from_payloads([erased_payload("cust-1")], [Report]) == [Erased("cust-1")]
    assert converter.from_payloads(converter.to_payloads([Erased("cust-1")]), [int]) == [Erased("cust-1")]


def test_pydantic_models_and_plain_values_come_back() -> None:
    converter = DataConverter(payload_converter_class=JourneymanPayloadConverter).payload_converter
    values = [Report(name="Ada"), None, b"bytes", {"a": [1, 2.5]}]
    made = converter.to_payloads(values)
    assert converter.from_payloads(made, [Report, type(None), bytes, dict]) == values
