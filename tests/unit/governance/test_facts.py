"""Every fact that a policy may read is set somewhere: what nothing sets, nobody may rely on."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import journeyman
from journeyman.conversation.speech import Speech
from journeyman.governance import Facts

_ASSEMBLED_IN = ("temporal", "tasks")
_SPOKEN = {f"speech_{field.name}" for field in fields(Speech)}


@pytest.fixture(scope="module")
def assembled() -> str:
    root = Path(journeyman.__file__).parent
    return "\n".join(path.read_text() for part in _ASSEMBLED_IN for path in sorted((root / part).rglob("*.py")))


@pytest.mark.parametrize("name", sorted(Facts.model_fields))
def test_a_fact_is_set(name: str, assembled: str) -> None:
    assert name in _SPOKEN or re.search(rf'"{name}": |\b{name}=', assembled)
