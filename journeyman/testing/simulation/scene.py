"""What a simulation plays: scenes (one customer's own turns) in acts (what is so while they are played)."""

from pydantic import BaseModel, ConfigDict, JsonValue


class Deed(BaseModel):
    """A turn in which the customer does something elsewhere, such as paying, before they say something."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    does: str
    """A word that the project knows."""
    says: str


class Scene(BaseModel):
    """One customer: who they are, and what they say, turn by turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Unique in a simulation; part of the customer's address."""
    kind: str
    """The journey kind that the first turn opens."""
    says: tuple[str | Deed, ...]
    title: str = ""
    channel: str = "chat"
    language: str = "en"
    time_zone: str = "UTC"
    tier: str = "standard"
    support_needs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    """PINs and card numbers that this customer may type: they must be found nowhere afterwards."""
    about: dict[str, JsonValue] = {}
    """What the project wants to know of it later, such as the recorded outcome."""


class Act(BaseModel):
    """Scenes that are played together. The next act begins when every journey of this one has ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    scenes: tuple[Scene, ...]
    model_away: bool = False
    """The stand-in model answers nothing while the act lasts."""
    closed: dict[str, JsonValue] | None = None
    """A roster document that closes queues, applied when the act begins. Their people are away until what waits is due:
    the simulation then goes to that moment, opens the queues again, and the people come."""
