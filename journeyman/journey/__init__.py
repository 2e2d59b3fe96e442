"""What an author of journeys uses. Safe in workflow code: no I/O, no clock but Temporal's."""

from journeyman.journey.diagram import mermaid
from journeyman.journey.journey import Journey, journey
from journeyman.journey.stage import stage
from journeyman.journey.step import Disposition, Fact, Sla, Step

__all__ = ["Disposition", "Fact", "Journey", "Sla", "Step", "journey", "mermaid", "stage"]
