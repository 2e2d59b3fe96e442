"""The demo's own scenarios, read from scenarios.toml."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from activities.providers.bank_accounts import Account
from journeyman.tasks.calendar import WEEKDAYS
from journeyman.testing.simulation import Act, Scene

_HERE = Path(__file__).parent

EMERGENCY = {
    "fraud-desk": "Block your card in the app, or call 0800 555 0199 at any hour.",
    "claims-care": "If anyone is hurt, call 112. For a tow truck, call 0800 555 0142.",
}


def acts(today: date | None = None) -> list[Act]:
    """The acts. Queues that close for a night are closed until eight o'clock (UTC) of the day after `today`."""
    today = today or datetime.now(UTC).date()
    return [_act(act, today) for act in _document()["act"]]


def accounts() -> list[Account]:
    """The accounts of their customers at the bank."""
    return [Account.model_validate(account) for account in _document()["account"]]


def staff() -> dict[str, Any]:
    """The simulated people and their queues."""
    return tomllib.loads((_HERE / "staff.toml").read_text(encoding="utf-8"))


def _act(act: dict[str, Any], today: date) -> Act:
    queues = act.get("night")
    return Act(
        title=act["title"],
        scenes=tuple(Scene.model_validate(scene) for scene in act["scene"]),
        model_away=act.get("model_away", False),
        closed=_closed(queues, today) if queues else None,
    )


def _closed(queues: list[str], today: date) -> dict[str, Any]:
    """A roster document by which these queues are closed now."""
    open_ones = staff()
    hours = {day: [["08:00", "20:00"]] for day in WEEKDAYS}
    yesterday = today - timedelta(days=1)
    calendars = {
        f"{queue}-night": {
            "time_zone": "UTC",
            "hours": hours,
            "holidays": [yesterday.isoformat(), today.isoformat()],
            "emergency": EMERGENCY[queue],
        }
        for queue in queues
    }
    closed = {queue: open_ones["queues"][queue] | {"calendar": f"{queue}-night"} for queue in queues}
    return {"calendars": calendars, "teams": open_ones["teams"], "queues": closed}


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads((_HERE / "scenarios.toml").read_text(encoding="utf-8"))
