"""What `make demo` plays: customers who write turn by turn, and simulated people who close tasks. No line of it is needed
in production."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import yaml

from journeyman.conversation.transcript import Message
from journeyman.errors import InputError
from journeyman.testing.simulation import (
    Accept,
    Act,
    Answer,
    Approve,
    Case,
    Complete,
    Demo,
    Dispose,
    Handling,
    ProviderCounts,
    Resolution,
    Scene,
)

_ROSTER = Path(__file__).parents[1] / "roster.yaml"


def scene(id: str, title: str, *says: str, tier: str = "standard") -> Scene:
    """A customer, and what they say, each line when it is their turn."""
    return Scene(id=id, title=title, kind="missing-delivery", says=says, tier=tier)


class ShopDemo(Demo):
    """The shop's customers and colleagues."""

    def scenarios(self) -> Sequence[Act]:
        return [
            Act(
                title="A day at the shop",
                scenes=(
                    scene("found", "Ada's delivery is found", "My delivery did not arrive", "SO-204816"),
                    scene("lost", "Alan's is lost, and paid back", "Where is my delivery?", "SO-900000"),
                    scene("person", "Grace wants a person", "Can I talk to a real person, please?"),
                    scene(
                        "best",
                        "Emmy is one of the best customers",
                        "My order SO-204817 is late",
                        "SO-204817",
                        tier="vip",
                    ),
                ),
            )
        ]

    def staff(self) -> dict[str, Any]:
        """The roster, at any hour, its people marked as simulated."""
        roster: dict[str, Any] = yaml.safe_load(_ROSTER.read_text(encoding="utf-8"))
        for person in roster["people"].values():
            person["simulated"] = True
        for queue in roster["queues"].values():
            queue["calendar"] = None
        return roster

    def doubles(self, folder: Path, acts: Sequence[Act]) -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})

    async def handle(self, case: Case) -> Handling:
        match case.task.kind, case.task.step:
            case "review", _:
                return Accept()
            case "approval", _:
                return Approve()
            case "question", _:
                return Answer("Yes, please go on.")
            case "work", "decide-remedy":
                return Complete({"outcome": "refund", "amount_minor": 2500})
            case "work", "trace-delivery":
                return Complete({"order_number": "by phone", "found": True, "place": "the depot"})
        return Dispose("unreachable")

    async def do(self, deed: str, scene: Scene, conversation: Sequence[Message]) -> None:
        raise InputError(f"`{deed}` is no deed that customers here know", field="does")

    def resolve(self, kind: str, outcome: str | None, by_person: bool) -> Resolution:
        if outcome == "unreachable":
            return "cut_off"
        return "resolved_by_person" if by_person else "resolved_by_ai"

    def count(self, folder: Path) -> ProviderCounts:
        return ProviderCounts()


DEMO = ShopDemo()
