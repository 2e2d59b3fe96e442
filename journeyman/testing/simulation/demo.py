"""What a project gives to be simulated: `[tool.journeyman] demo = "module:NAME"` names an instance of its subclass."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from journeyman.conversation.transcript import Message
from journeyman.errors import InputError
from journeyman.testing.simulation.person import Case, Handling
from journeyman.testing.simulation.scene import Act, Scene
from journeyman.testing.simulation.summary import Resolution


class ProviderCounts(BaseModel):
    """What the systems that the project acts upon say in their own logs."""

    unauthenticated_account_calls: int = 0
    refused_account_calls: int = 0
    duplicate_effects: int = 0
    details: list[str] = []


class Demo(ABC):
    """A project's own scenarios, its people, its doubles of other systems, and how it reads their logs."""

    account_tools: frozenset[str] = frozenset()
    """Tools that act upon an account, and so only for a verified customer."""

    @abstractmethod
    def scenarios(self) -> Sequence[Act]:
        """What is played when nothing else is asked for."""

    def conversations(self, file: Path, domain: str, limit: int | None) -> Sequence[Act]:
        """Recorded customers of one domain, as scenes. Raises InputError for a file or domain that it cannot play, and where
        a project plays none."""
        raise InputError("this project plays its own customers; leave `--conversations` out", field="conversations")

    @property
    def plays_recorded(self) -> bool:
        """Whether it plays recorded customers at all."""
        return type(self).conversations is not Demo.conversations

    @abstractmethod
    def staff(self) -> dict[str, Any]:
        """The roster document of the simulated people, and of the queues they work on."""

    @abstractmethod
    def doubles(self, folder: Path, acts: Sequence[Act]) -> AbstractContextManager[Mapping[str, str]]:
        """Run doubles of the systems that tools act upon, their logs in `folder`; gives the environment for workers."""

    @abstractmethod
    async def handle(self, case: Case) -> Handling:
        """How the project's people would close this task."""

    @abstractmethod
    async def do(self, deed: str, scene: Scene, conversation: Sequence[Message]) -> None:
        """What a customer does elsewhere, such as paying by a link that they were sent."""

    @abstractmethod
    def resolve(self, kind: str, outcome: str | None, by_person: bool) -> Resolution:
        """How a journey of this kind that ended so was resolved; `by_person`: people did some of its steps."""

    @abstractmethod
    def count(self, folder: Path) -> ProviderCounts:
        """Read the doubles' own logs."""

    def compare(self, folder: Path, journeys: Mapping[str, str]) -> dict[str, int]:
        """How it went against what was recorded, where something was: counts by name. `journeys` are ids by scene."""
        return {}
