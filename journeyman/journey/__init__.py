"""What an author of journeys uses. Safe in workflow code: no I/O, no clock but Temporal's."""

from journeyman.journey.diagram import mermaid
from journeyman.journey.journey import Journey, journey
from journeyman.journey.stage import End, Stage, stage
from journeyman.journey.step import DataClass, Disposition, Fact, LongText, Sla, Steers, Step

__all__ = [
    "DataClass",
    "Disposition",
    "End",
    "Fact",
    "Journey",
    "LongText",
    "Sla",
    "Stage",
    "Steers",
    "Step",
    "journey",
    "mermaid",
    "stage",
]
