"""Who of a roster comes to work."""

from collections.abc import Mapping
from typing import Any


def attending(staff: Mapping[str, Any]) -> list[str]:
    """The ids of a roster document's people, without its auditors: they change nothing, not even whether they are there."""
    return [id for id, person in staff.get("people", {}).items() if "auditor" not in person.get("roles", ())]
